/** ACME (RFC 8555) as it is spoken: the same requests, good and bad, to the real server and to ours. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { works } from '../fixtures/packages.ts';
import { Missing } from '../program.ts';
import { oursInProcess } from '../targets/ours.ts';
import { realProgram } from '../targets/program.ts';
import type { Target } from '../targets/target.ts';
import { play } from './script.ts';
import { AcmeWorld } from './world.ts';

let missing: string | undefined;
let folder = '';
let world: AcmeWorld;
let theirs: Target;

beforeAll(async () => {
  if (process.getuid?.() !== 0) missing = 'only root may listen on ports 80 and 443';
  else if (!(await works('openssl', ['version']))) missing = 'there is no openssl';
  else {
    try {
      theirs = await realProgram('2.7.2');
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      missing = error.message;
    }
  }
  if (missing !== undefined) return console.log(`skipped: ${missing}`);
  folder = await mkdtemp(join(tmpdir(), 'steamer-acme-'));
  world = await AcmeWorld.start(folder);
}, 300_000);

afterAll(async () => {
  await world?.stop();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

/** By label: a request that the real server panics over (see differences.md). */
const INTENDED: ReadonlySet<string> = new Set(['always-required: protected a number']);

async function told(target: Target): Promise<readonly string[]> {
  const running = await target.start('dev');
  try {
    return await play(running, world);
  } finally {
    await running.stop();
  }
}

test('both answer the same, header for header and word for word', { timeout: 600_000 }, async (context) => {
  // Why has been printed: no root, no openssl or no real server.
  if (missing !== undefined) return context.skip();
  const [real, ours] = [await told(theirs), await told(oursInProcess())];
  expect(real.length).toBeGreaterThan(800);
  const shown = (all: readonly string[]): string[] =>
    all.filter((one) => !INTENDED.has(/^(.*?)(?:: \d+)?$/m.exec(one)![1]!));
  expect(shown(ours)).toEqual(shown(real));
});
