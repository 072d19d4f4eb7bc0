/** What a cluster on raft has besides, and what its standbys say. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Both, rootsOf } from './both.ts';
import { differences } from './structure.ts';

let both: Both;

beforeAll(async () => {
  both = await Both.start('2.7.2', 'cluster');
});

afterAll(() => both.stop());

test('on the paths of sys, however they are spelled', { timeout: 120_000 }, async () => {
  expect(await both.swept(rootsOf(['sys']))).toEqual({});
  expect(await both.sweptPaths('sys')).toEqual({});
});

test('asked of a standby', async () => {
  const paths = ['sys', 'sys/mounts', 'sys/storage/raft/snapshot', 'sys/storage/raft/join', 'auth/token', 'nothing/a'];
  const questions = paths.flatMap((path) =>
    (['root', 'nobody', 'wrong'] as const).map((as) => ({ path, as, node: 1 })),
  );
  expect(await both.swept(questions)).toEqual({});
});

test('of a cluster the document is the real one', async () => {
  const [expected, found] = await Promise.all([both.real.describe({}), both.ours.describe({})]);
  expect(found).toMatchObject({ paths: { '/sys/storage/raft/snapshot': {} } });
  expect([...differences(expected, found)]).toEqual([]);
});
