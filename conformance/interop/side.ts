/** The servers that an interoperation test talks to. */
import { test } from 'vitest';
import type { ServerKind } from '../case.ts';
import { Missing } from '../missing.ts';
import { oursInProcess } from '../targets/ours.ts';
import { realProgram } from '../targets/program.ts';
import type { Running } from '../targets/target.ts';

export type Data = Record<string, unknown>;

export class Side {
  readonly name: string;
  readonly #running: Running;

  constructor(name: string, running: Running) {
    this.name = name;
    this.#running = running;
  }

  get address(): string {
    return this.#running.addresses[0]!;
  }

  /** The data of the answer. Rejects for anything but a success. */
  async call(method: string, path: string, body?: Data): Promise<Data> {
    const response = await fetch(`${this.address}/v1/${path}`, {
      method,
      headers: { 'X-Vault-Token': this.#running.token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${this.name}: ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as { data: Data }).data;
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }
}

/** The real server of this version, and ours. Rejects with Missing when the real one cannot be had. */
export async function startSides(version = '2.7.2', kind: ServerKind = 'dev', ours = oursInProcess()): Promise<Side[]> {
  const targets = [await realProgram(version), ours];
  return Promise.all(targets.map(async (target) => new Side(target.name, await target.start(kind))));
}

/** What tests begin with; undefined, and one line printed, where something that they need cannot be had. */
export async function orSkipped<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.log(`skipped: ${error.message}`);
    return undefined;
  }
}

/** How tests of both servers are declared: they are left out where there are not two. */
export const onBothOf =
  (sides: () => readonly Side[], timeout: number) =>
  (name: string, work: () => Promise<void>): void =>
    test(
      name,
      async (context) => {
        // `orSkipped` has printed why.
        if (sides().length < 2) return context.skip();
        await work();
      },
      timeout,
    );
