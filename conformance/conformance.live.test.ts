/** The recordings are still what a real server answers, and two real servers never differ. */
import { describe, expect, test } from 'vitest';
import { loadCases } from './case.ts';
import { compareExchanges } from './differ.ts';
import { askOperations } from './operations.ts';
import { playFresh } from './play.ts';
import { probeCases } from './probes.ts';
import { loadOperations, loadRecording } from './recording.ts';
import { differenceText } from './report/table.ts';
import { findDifferences } from './sessions/sessions.ts';
import type { Target } from './targets/target.ts';
import { oursInProcess } from './targets/ours.ts';
import { realProgram } from './targets/program.ts';

const VERSION = '2.7.2';
const real = await realProgram(VERSION);

test('the operations are those that were recorded', async () => {
  expect(await askOperations(real)).toEqual(loadOperations(VERSION));
});

describe('the recording is true', () => {
  // The longest first; each has a server of its own, and much of a case is waiting.
  test.concurrent.each(
    [...probeCases(loadOperations(VERSION)), ...loadCases()].map((played) => [played.name, played] as const),
  )('%s', async (_, played) => {
    const recorded = loadRecording(VERSION, played);
    expect(recorded).toBeDefined();
    const found = compareExchanges(recorded!, await playFresh(real, played));
    expect(found.map(differenceText)).toEqual([]);
  });
});

describe('generated sessions of all areas', () => {
  const operations = loadOperations(VERSION);
  const told = async (target: Target, count: number): Promise<string[]> => {
    const texts: string[] = [];
    for await (const { differences } of findDifferences(target, real, { count, seed: 7, operations })) {
      texts.push(...differences.map(differenceText));
    }
    return texts;
  };

  test('tell two real servers not apart', async () => {
    expect(await told(real, 60)).toEqual([]);
  });

  test('tell ours not from a real one', async () => {
    expect(await told(oursInProcess(), 120)).toEqual([]);
  });
});
