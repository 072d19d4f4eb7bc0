/** A difference between two servers is found by generated sessions, shrunk, and kept as a case that shows it again. */
import { assert, expect, test } from 'vitest';
import { parseCase, printCase, stepText } from '../case.ts';
import { compareExchanges } from '../differ.ts';
import { play } from '../play.ts';
import { changed } from '../proxy.fixture.ts';
import { oursInProcess } from '../targets/ours.ts';
import type { Target } from '../targets/target.ts';
import { type Found, findDifferences } from './sessions.ts';

/** Says "ok" where ours says that something is not there, which some request of nearly every session asks for. */
const agreeable = changed('agreeable', (_, answer) => (answer.status === 404 ? { ...answer, status: 200 } : answer));

async function found(target: Target, count: number): Promise<Found[]> {
  const all: Found[] = [];
  for await (const one of findDifferences(target, oursInProcess(), { count, seed: 3 })) all.push(one);
  return all;
}

test('a difference is shrunk to the shortest session, which is a case that shows it again', async () => {
  const [first] = await found(agreeable, 1);
  assert(first !== undefined && 'steps' in first.shown);
  const { differences, shown } = first;
  // The namespace, and one request for what is not there.
  expect(shown.steps).toHaveLength(2);
  expect(differences[0]).toMatchObject({ kind: 'status', step: 1, expected: '404', actual: '200' });
  const again = parseCase(printCase('found', shown.steps), 'found/case');
  expect(again.steps.map(stepText)).toEqual(shown.steps.map(stepText));
  const [wrong, right] = [await agreeable.start('dev'), await oursInProcess().start('dev')];
  const answers = [await play('right', right, again.steps), await play('wrong', wrong, again.steps)] as const;
  expect(compareExchanges(...answers)).toEqual(differences);
  await wrong.stop();
  await right.stop();
});

/** Says of the namespace of a session that it was made. */
const exact = changed('exact', ({ method, path }, answer) =>
  method === 'POST' && /^\/v1\/sys\/namespaces\/s\d*$/.test(path) ? { ...answer, status: 201 } : answer,
);

test('the sessions go on behind a difference, and what one has shown is not shrunk again', async () => {
  const all = await found(exact, 3);
  expect(all.map(({ session }) => session)).toEqual([1, 2, 3]);
  const [first, ...later] = all.map(({ shown }) => ('steps' in shown ? shown.steps.length : `as ${shown.earlier}`));
  // The namespace alone; later it is known, and only what is new beside it is shrunk.
  expect(first).toBe(1);
  expect(later).toContain('as 1');
  expect(later).not.toContain(1);
});
