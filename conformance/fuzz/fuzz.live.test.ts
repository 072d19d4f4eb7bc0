import { expect, test } from 'vitest';
import { loadCases } from '../case.ts';
import { loadOperations } from '../recording.ts';
import { probeCases } from '../probes.ts';
import { oursInProcess } from '../targets/ours.ts';
import { realProgram } from '../targets/program.ts';
import { failureText, fuzz } from './fuzz.ts';

test('no bent request breaks ours that does not break the real server', async () => {
  const against = await realProgram('2.7.2');
  const cases = [...loadCases(), ...probeCases(loadOperations('2.7.2'))].filter(({ server }) => server === 'dev');
  const steps = cases.flatMap((played) => played.steps);
  const { sent, failures } = await fuzz(oursInProcess(), against, steps, { count: 2_000, seed: 20_261_128 });
  expect(sent).toBe(2_000);
  expect(failures.map(failureText)).toEqual([]);
});
