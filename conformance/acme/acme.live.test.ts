/** ACME (RFC 8555) as it is spoken: the same requests, good and bad, to the real server and to ours. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { works } from '../fixtures/packages.ts';
import { orSkipped } from '../interop/side.ts';
import { Missing } from '../missing.ts';
import { oursInProcess } from '../targets/ours.ts';
import { realProgram } from '../targets/program.ts';
import type { Target } from '../targets/target.ts';
import { play } from './script.ts';
import { AcmeWorld } from './world.ts';

let folder = '';
let world: AcmeWorld | undefined;
let theirs: Target;

beforeAll(
  () =>
    orSkipped(async () => {
      if (process.getuid?.() !== 0) throw new Missing('only root may listen on ports 80 and 443');
      if (!(await works('openssl', ['version']))) throw new Missing('there is no openssl');
      theirs = await realProgram('2.7.2');
      folder = await mkdtemp(join(tmpdir(), 'steamer-acme-'));
      world = await AcmeWorld.start(folder);
    }),
  300_000,
);

afterAll(async () => {
  await world?.stop();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

/** By label: a request that the real server panics over (see differences.md). */
const INTENDED: ReadonlySet<string> = new Set(['always-required: protected a number']);

async function told(target: Target): Promise<readonly string[]> {
  const running = await target.start('dev');
  try {
    return await play(running, world!);
  } finally {
    await running.stop();
  }
}

test('both answer the same, header for header and word for word', { timeout: 600_000 }, async (context) => {
  // `orSkipped` has printed why: no root, no openssl or no real server.
  if (world === undefined) return context.skip();
  const [real, ours] = [await told(theirs), await told(oursInProcess())];
  expect(real.length).toBeGreaterThan(800);
  const shown = (all: readonly string[]): string[] =>
    all.filter((one) => !INTENDED.has(/^(.*?)(?:: \d+)?$/m.exec(one)![1]!));
  expect(shown(ours)).toEqual(shown(real));
});
