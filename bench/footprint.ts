/** What a dev server costs before anybody asks it anything: time to the first answer, and resident memory. */
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { baoProgram, freePort } from '../conformance/program.ts';
import { median } from './median.ts';
import { residentMiB } from './process.ts';
import type { Bench } from './row.ts';
import { oursProgram, publishedProgram, realProgram, type Program } from './servers.ts';

const ROUNDS = 7;
const ASK_EVERY_MS = 2;
const SETTLE_MS = 1_000;
const GIVE_UP_MS = 20_000;

interface Footprint {
  readonly startMs: number;
  readonly idleMiB: number;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Whether the server answers 200: unsealed and active. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const message = request({ host: '127.0.0.1', port, path: '/v1/sys/health' }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    message.once('error', () => resolve(false));
    message.end();
  });
}

/** `settle`: waits before it looks at the memory. */
async function start({ command, head }: Program, settle: boolean): Promise<Footprint> {
  const port = await freePort();
  const flags = ['-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'];
  const started = performance.now();
  const child = spawn(command, [...head, ...flags], { stdio: 'ignore' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  try {
    while (!(await answers(port))) {
      if (performance.now() - started > GIVE_UP_MS) throw new Error(`${command} does not answer`);
      await pause(ASK_EVERY_MS);
    }
    const startMs = performance.now() - started;
    if (settle) await pause(SETTLE_MS);
    return { startMs, idleMiB: residentMiB(child.pid!) };
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

export const footprint: Bench = {
  name: 'start',
  about:
    "start to first answer and idle memory of a dev server, as published and from the source, beside the real server's",
  async run(print) {
    const programs = [await publishedProgram(), oursProgram, realProgram(await baoProgram())];
    const taken: Footprint[][] = programs.map(() => []);
    for (const program of programs) await start(program, false);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [side, program] of programs.entries()) taken[side]!.push(await start(program, round < 3));
    }
    const medians = taken.map((all) => ({
      startMs: median(all.map(({ startMs }) => startMs)),
      idleMiB: median(all.slice(0, 3).map(({ idleMiB }) => idleMiB)),
    }));
    const [ours, source, real] = medians as [Footprint, Footprint, Footprint];
    const row = (what: string, key: keyof Footprint, from: Footprint, budget?: number): void =>
      print({
        what,
        unit: key === 'startMs' ? 'ms' : 'MiB',
        ours: from[key],
        beside: { name: 'bao 2.7.2', value: real[key] },
        ...(budget === undefined ? {} : { budget: { value: budget } }),
      });
    row('start to first answer', 'startMs', ours, 120);
    row('start to first answer, from the source', 'startMs', source);
    row('resident memory, idle', 'idleMiB', ours, 85);
    row('resident memory, idle, from the source', 'idleMiB', source);
  },
};
