/** Some twenty runs of a swarm: too many for `npm test`. */
import { afterAll, expect, test } from 'vitest';
import { readShrunk, Workplace } from './shrink.fixture.ts';

/** Each bug was found by the first. */
const SEEDS = 8;

const place = new Workplace();
afterAll(() => place.remove());

/** Shrinks what the first seeds find until one has so many faults: a change of the source moves what a seed brings about. */
async function shrinkOneOf(bug: string, file: string, seed: number, least: number): Promise<string> {
  for (let next = seed; next < seed + SEEDS; next++) {
    const { code, stdout } = await place.steamer('shrink', file, '--seed', String(next), '--bug', bug);
    if (code === 0 && readShrunk(stdout).before >= least) return stdout;
  }
  throw new Error(`no seed of ${SEEDS} finds ${bug} behind ${least} faults`);
}

test('what a planted bug ends in takes few of the faults that came before', async () => {
  const shrunk = await shrinkOneOf('write-on-deposed-leader', 'scenarios/swarm/elections.scenario.ts', 3, 12);
  const { left, again } = readShrunk(shrunk);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(4);

  // The line that it prints, and the capsule that it writes, end in the same violation.
  const { hash, violations } = JSON.parse((await place.steamer(...again, '--json')).stdout) as {
    readonly hash: string;
    readonly violations: readonly { readonly checker: string; readonly message: string }[];
  };
  expect(`${violations[0]?.checker}: ${violations[0]?.message}`).toContain('kv is linearizable: secret/data/key-');
  const [, capsule] = /^ {4}capsule: (.*)$/m.exec(shrunk) ?? [];
  const replayed = await place.steamer('replay', capsule!);
  expect(replayed.stdout).toContain(hash);
  expect(replayed.code).toBe(0);
}, 300_000);
