/** A difference between two servers is found by generated sessions, shrunk, and kept as a case that shows it again. */
import { expect, test } from 'vitest';
import { parseCase, printCase, stepText } from '../case.ts';
import { compareExchanges } from '../differ.ts';
import { play } from '../play.ts';
import { changed } from '../proxy.fixture.ts';
import { oursInProcess } from '../targets/ours.ts';
import { findDifference } from './sessions.ts';

/** Says "ok" where ours says that something is not there, which some request of nearly every session asks for. */
const agreeable = changed('agreeable', (_, answer) => (answer.status === 404 ? { ...answer, status: 200 } : answer));

test('a difference is shrunk to the shortest session, which is a case that shows it again', async () => {
  const found = await findDifference(agreeable, oursInProcess(), { count: 20, seed: 3 });
  expect(found).toBeDefined();
  // The namespace, and one request for what is not there.
  expect(found!.steps).toHaveLength(2);
  expect(found!.differences[0]).toMatchObject({ kind: 'status', step: 1, expected: '404', actual: '200' });
  const again = parseCase(printCase('found', found!.steps), 'found/case');
  expect(again.steps.map(stepText)).toEqual(found!.steps.map(stepText));
  const [wrong, right] = [await agreeable.start('dev'), await oursInProcess().start('dev')];
  const answers = [await play('right', right, again.steps), await play('wrong', wrong, again.steps)] as const;
  expect(compareExchanges(...answers)).toEqual(found!.differences);
  await wrong.stop();
  await right.stop();
});
