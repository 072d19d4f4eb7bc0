import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { digestOf, RollingHash } from './hash.ts';
import { HashLog } from './hash-log.ts';

test.prop([fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.integer({ min: 1, max: 255 })])(
  'one flipped byte changes the digest',
  (bytes, place, mask) => {
    const flipped = bytes.slice();
    flipped[place % bytes.length]! ^= mask;
    expect(digestOf(flipped)).not.toBe(digestOf(bytes));
  },
);

test.prop([fc.array(fc.integer()), fc.nat(), fc.integer()])(
  'one changed word changes the state',
  (words, place, other) => {
    if (words.length === 0 || (words[place % words.length]! | 0) === (other | 0)) return;
    const [a, b] = [new RollingHash(), new RollingHash()];
    for (const [index, word] of words.entries()) {
      a.word(word);
      b.word(index === place % words.length ? other : word);
    }
    expect(a.digest).not.toBe(b.digest);
  },
);

function fold(value: unknown): string {
  const hash = new RollingHash();
  hash.data(value);
  return hash.digest;
}

test.prop([fc.jsonValue(), fc.jsonValue()])('equal data folds to equal digests, and only equal data', (left, right) => {
  expect(fold(structuredClone(left))).toBe(fold(left));
  if (JSON.stringify(left) !== JSON.stringify(right)) expect(fold(left)).not.toBe(fold(right));
});

test('lengths are part of the content, so that zeros and borders count', () => {
  const digests = new Set([0, 1, 2, 3, 4, 5, 8].map((length) => digestOf(new Uint8Array(length))));
  expect(digests.size).toBe(7);
});

/** A log of 3000 events, one of which folds something odd. */
function logged(odd: number): HashLog {
  const [hash, log] = [new RollingHash(), new HashLog()];
  for (let i = 0; i < 3000; i++) {
    log.close(hash);
    log.open(i * 10, 1, 'n1', 2);
    hash.word(i === odd ? -1 : i);
  }
  log.close(hash);
  return log;
}

test('a log names the first event after which two runs differ', () => {
  expect(logged(-1).firstDifference(logged(-1))).toBeUndefined();
  expect(logged(-1).firstDifference(logged(1700))).toBe(1700);
  expect(logged(-1).describeDifference(logged(-1))).toBeUndefined();
  expect(logged(-1).describeDifference(logged(3))).toBe('the runs part in event 3 at 30 µs, a message event of n1');
  expect(logged(2999).event(2999)).toEqual({ number: 2999, at: 29_990, process: 'n1', kind: 'message' });
});
