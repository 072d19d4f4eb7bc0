import { describe, expect, test } from 'vitest';
import { SECOND } from '../../runtime.ts';
import { secondsLeft } from './show.ts';

describe('secondsLeft', () => {
  test.each([
    ['of a lifetime that has just ended', 1.4 * SECOND, 1.5 * SECOND, 0],
    ['of one that goes on', 3.9 * SECOND, 1.4 * SECOND, 2],
    ['of one that ended long ago', 1 * SECOND, 3.5 * SECOND, -3],
  ])('%s', (_of, expireTime, now, left) => {
    expect(secondsLeft(expireTime, now)).toBe(left);
  });
});
