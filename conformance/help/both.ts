/** The real server and ours, asked the same side by side. */
import { oursInProcess } from '../targets/ours.ts';
import { realProgram } from '../targets/program.ts';
import { spelled, templatesOf } from './questions.ts';
import { Asked, compareShown, type Question } from './sweep.ts';

export class Both {
  readonly real: Asked;
  readonly ours: Asked;

  private constructor(real: Asked, ours: Asked) {
    this.real = real;
    this.ours = ours;
  }

  static async start(version: string, kind: Parameters<typeof Asked.start>[1]): Promise<Both> {
    const started = [Asked.start(await realProgram(version), kind), Asked.start(oursInProcess(), kind)] as const;
    return new Both(...(await Promise.all(started)));
  }

  async stop(): Promise<void> {
    await Promise.all([this.real.stop(), this.ours.stop()]);
  }

  /** By the question, what differs. */
  async swept(questions: readonly Question[]): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const question of questions) {
      const different = compareShown(...(await Promise.all([this.real.ask(question), this.ours.ask(question)])));
      if (different.length > 0) found[Object.values(question).join(' ')] = different;
    }
    return found;
  }

  /** Help on all that the real server documents of a mount, however it is spelled. */
  async sweptPaths(mount: string): Promise<Record<string, string[]>> {
    const templates = templatesOf(mount, await this.real.ask({ path: mount }));
    if (templates.length === 0) throw new Error(`${mount} documents nothing`);
    const paths = new Set(templates.flatMap(spelled));
    return this.swept([...paths].map((path) => ({ path })));
  }
}

/** A mount itself, asked in three ways. */
export const rootsOf = (mounts: readonly string[]): Question[] =>
  mounts.flatMap((path) => [{ path }, { path: `${path}/` }, { path, method: 'HELP', query: '' } as const]);
