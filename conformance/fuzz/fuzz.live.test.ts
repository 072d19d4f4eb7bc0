import { expect, test } from 'vitest';
import { loadCases } from '../case.ts';
import { live } from '../conform.ts';
import { loadOperations } from '../recording.ts';
import { oursInProcess } from '../targets/ours.ts';
import { realProgram } from '../targets/program.ts';
import { foundText, fuzz } from './fuzz.ts';

test('bent requests are answered as by the real server, and leave the same', async () => {
  const [target, against] = [live(oursInProcess()), live(await realProgram('2.7.2'))];
  const cases = loadCases().filter(({ server }) => server === 'dev');
  const { sent, found } = await fuzz(target, against, cases, loadOperations('2.7.2'), {
    count: 300,
    seed: 20_261_128,
  });
  expect(sent).toBeGreaterThanOrEqual(300);
  expect(found.map(foundText)).toEqual([]);
});
