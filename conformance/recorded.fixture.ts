/** Our server against what the real 2.7.2 answered; without a server, in seconds. Two test files share the areas. */
import { describe, expect, test } from 'vitest';
import { type Case, loadCases } from './case.ts';
import { Comparison, lacks, live, recorded } from './conform.ts';
import { differenceText } from './report/table.ts';
import { loadIntended, loadOpen, unknownDifferences } from './open.ts';
import { probeCases } from './probes.ts';
import { loadOperations } from './recording.ts';
import { oursInProcess } from './targets/ours.ts';

const VERSION = '2.7.2';
const operations = loadOperations(VERSION);
const known = new Set([...loadOpen(), ...loadIntended()]);
const ours = live(oursInProcess());
const real = recorded(VERSION);

/** Declares a test for each case whose name `mine` takes. */
export function holdToRecordings(mine: (name: string) => boolean): void {
  test('the recorded operations are those of a server with every engine', () => {
    expect(operations.length).toBe(741);
  });

  const cases = [...loadCases(), ...probeCases(operations)].filter(({ name }) => mine(name));
  describe('we answer as the real server did, but for what open.txt names', () => {
    test.concurrent.each(cases.map((played) => [played.name, played] as const))(
      '%s',
      (_, played) => hold(played),
      // Seconds on a machine of its own; the longest plays thousands of requests.
      180_000,
    );
  });
}

async function hold(played: Case): Promise<void> {
  const [expected, actual] = await Promise.all([real.play(played), ours.play(played)]);
  expect(expected.broken ?? actual.broken).toBeUndefined();
  if (lacks(played, expected.exchanges, actual.exchanges)) return;
  const result = new Comparison(operations).add(played, expected.exchanges, actual.exchanges);
  // Mended on purpose, or new and honest: node bin/steamer.ts conform --against recorded:2.7.2 --keep-open
  expect(unknownDifferences(result, known).map(differenceText)).toEqual([]);
}
