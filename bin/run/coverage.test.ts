import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { STATES } from '../../sim/explore/coverage.ts';
import { Coverage } from './coverage.ts';
import type { Played } from './pool.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const [first, second, third] = STATES.map(({ name }) => name);

const played = (scenario: string, seed: number, reached: readonly string[]): Played =>
  ({ scenario, seed, reached }) as unknown as Played;

test('each state has the number of runs that reached it and the first of them, and the others are named', () => {
  const coverage = new Coverage();
  coverage.add(played('one', 7, [first!]));
  coverage.add(played('two', 8, [first!, third!]));
  expect(coverage.states.slice(0, 3)).toEqual([
    { state: first, runs: 2, first: { scenario: 'one', seed: 7 } },
    { state: second, runs: 0 },
    { state: third, runs: 1, first: { scenario: 'two', seed: 8 } },
  ]);
  expect(coverage.missing).toHaveLength(STATES.length - 2);
  const lines = coverage.text().split('\n');
  expect(lines[0]).toBe(`2 of ${STATES.length} states were reached: in how many runs, and first in which`);
  expect(lines[1]).toMatch(new RegExp(`^  ${first} +2  one, seed 7$`));
  expect(lines.slice(3, 5)).toEqual(['never reached:', `  ${second}`]);
});

test('a campaign fails for a state that it never came to, if it is asked to come to all', async () => {
  const story = 'scenarios/failover/leader-killed-fast.scenario.ts';
  const run = (...words: string[]): Promise<{ readonly code: number; readonly lines: string[] }> =>
    new Promise((resolve) => {
      const all = ['bin/steamer.ts', 'run', story, '--seeds', '2', '--json', ...words];
      execFile(process.execPath, all, { cwd: root }, (error, stdout) => {
        resolve({ code: error === null ? 0 : Number(error.code), lines: stdout.trim().split('\n') });
      });
    });
  const [coverage, covered] = await Promise.all([run('--coverage', '--jobs', '1'), run('--covered', '--jobs', '2')]);
  expect([coverage.code, covered.code]).toEqual([0, 1]);
  expect(coverage.lines).toHaveLength(3);
  // Whether they are played here or in threads of their own.
  expect(covered.lines[2]).toBe(coverage.lines[2]);
  const { coverage: states } = JSON.parse(coverage.lines[2]!) as { readonly coverage: Coverage['states'] };
  expect(states.find(({ state }) => state === 'another node took over')).toMatchObject({ runs: 2, first: { seed: 1 } });
  expect(states.some(({ runs }) => runs === 0)).toBe(true);
}, 60_000);
