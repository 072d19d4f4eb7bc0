/** What 2.7 has no more, against what the real 2.6.2 answered. */
import { expect, test } from 'vitest';
import { loadOlderCases } from './case.ts';
import { Comparison, live, recorded } from './conform.ts';
import { loadOperations } from './recording.ts';
import { differenceText } from './report/table.ts';
import { oursInProcess } from './targets/ours.ts';

const VERSION = '2.6.2';
const operations = loadOperations(VERSION);
const ours = live(oursInProcess());
const real = recorded(VERSION);

test.concurrent.each(loadOlderCases(VERSION).map((played) => [played.name, played] as const))(
  '%s: we answer as the real server did',
  async (_, played) => {
    const [expected, actual] = await Promise.all([real.play(played), ours.play(played)]);
    expect(expected.broken ?? actual.broken).toBeUndefined();
    const { differences } = new Comparison(operations).add(played, expected.exchanges, actual.exchanges);
    expect(differences.map(differenceText)).toEqual([]);
  },
  180_000,
);
