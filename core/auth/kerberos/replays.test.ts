import { expect, test } from 'vitest';
import { principalOf } from '../../codec/kerberos/principal.ts';
import { MINUTE, SECOND } from '../../runtime.ts';
import { Replays } from './replays.ts';

const service = principalOf('HTTP/bao');
const alice = principalOf('alice@REALM');

test('an authenticator is good once, whatever else its client shows', () => {
  const replays = new Replays(5 * MINUTE);
  expect(replays.isReplay(service, alice, 1, 0)).toBe(false);
  expect(replays.isReplay(service, alice, 2, 0)).toBe(false);
  expect(replays.isReplay(service, principalOf('bob'), 1, 0)).toBe(false);
  expect(replays.isReplay(service, alice, 1, 0)).toBe(true);
  expect(replays.isReplay(service, alice, 1, 5 * MINUTE)).toBe(true);
});

test('another service counts as another authenticator, which takes the place of the first', () => {
  const replays = new Replays(5 * MINUTE);
  expect(replays.isReplay(service, alice, 1, 0)).toBe(false);
  expect(replays.isReplay(principalOf('HTTP/other'), alice, 1, 0)).toBe(false);
  expect(replays.isReplay(service, alice, 1, 0)).toBe(false);
});

test('what was shown longer ago than clocks may differ is forgotten, at every so many minutes', () => {
  const replays = new Replays(5 * MINUTE);
  expect(replays.isReplay(service, alice, 1, 0)).toBe(false);
  expect(replays.isReplay(service, alice, 2, SECOND)).toBe(false);
  // At ten minutes; before that nobody looks.
  expect(replays.isReplay(service, alice, 1, 10 * MINUTE - 1)).toBe(true);
  expect(replays.isReplay(service, alice, 1, 10 * MINUTE)).toBe(false);
  expect(replays.isReplay(service, alice, 2, 12 * MINUTE)).toBe(false);
});
