/** A session that is played to servers of one kind in steps, beside the same with those of the other kind. */
import { BesideServer, type Kind } from '../configurations/beside.ts';
import type { Meeting } from './meeting.ts';
import { logLines, type LogLine } from './records.ts';

export interface Step {
  readonly name: string;
  /** What was logged in it, the servers' logs one behind the other. */
  readonly lines: readonly LogLine[];
}

export class Session {
  readonly steps: Step[] = [];
  readonly #kind: Kind;
  readonly #meeting: Meeting;
  readonly #servers: BesideServer[] = [];
  readonly #aside: BesideServer[] = [];

  constructor(kind: Kind, meeting: Meeting) {
    this.#kind = kind;
    this.#meeting = meeting;
  }

  /** A server whose log is compared. */
  async server(): Promise<BesideServer> {
    const made = await BesideServer.make(this.#kind);
    this.#servers.push(made);
    return made;
  }

  /** A server that the others need, and whose log does not matter. */
  async aside(): Promise<BesideServer> {
    const made = await BesideServer.make(this.#kind);
    this.#aside.push(made);
    return made;
  }

  /** Over when the other side's is, too. What is printed from then on belongs to the next. */
  async step(name: string, play: () => Promise<unknown>): Promise<void> {
    await play();
    let printed = '';
    let lines: readonly LogLine[] = [];
    await this.#meeting.over(name, () => {
      const now = this.#servers.map((server) => server.printed).join('\n');
      if (now !== printed) [printed, lines] = [now, logLines(now)];
      return lines;
    });
    for (const server of this.#servers) server.mark();
    this.steps.push({ name, lines });
  }

  async end(): Promise<void> {
    for (const server of [...this.#servers, ...this.#aside]) await server.remove();
  }
}
