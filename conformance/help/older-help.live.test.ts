/** Help on what 2.7 has no more has the frame and the OpenAPI of 2.6.2. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Both, rootsOf } from './both.ts';
import { OLDER_MOUNTS } from './sweep.ts';

let both: Both;

beforeAll(async () => {
  both = await Both.start('2.6.2', 'older');
});

afterAll(() => both.stop());

test('on mounts: their paths, in order', async () => {
  expect(await both.swept(rootsOf(OLDER_MOUNTS))).toEqual({});
  expect(OLDER_MOUNTS).toHaveLength(5);
});

test.each(OLDER_MOUNTS)('on the paths of %s, however they are spelled', { timeout: 120_000 }, async (mount) => {
  expect(await both.sweptPaths(mount)).toEqual({});
});
