import { expect, test } from 'vitest';
import { concatBytes } from '../../codec/bytes.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import { oaepEncrypt } from '../../crypto/rsa-schemes.ts';
import { keyTypeOf } from './key-type.ts';
import { newPolicy } from './policy.ts';
import { unwrap } from './wrap.ts';

const crypto = portableCrypto();
const random = (length: number): Uint8Array => new Uint8Array(length).fill(5);
const rsa = await crypto.rsaGenerate(2048, random);
const keys = new Map([
  [1, { time: '', creationTime: 0, publicKey: '', convergentVersion: 0, externalKeyRef: '', rsa }],
]);
const wrapping = { ...newPolicy('wrapping', keyTypeOf('rsa-2048')!), latestVersion: 1, keys };

const unwrapped = (ephemeral: Uint8Array, wrapped: Uint8Array): Uint8Array =>
  unwrap(crypto, wrapping, concatBytes(oaepEncrypt(crypto, rsa, 'sha256', ephemeral, random), wrapped), 'sha256');

test('what was wrapped comes out', () => {
  const key = random(16);
  expect(unwrapped(random(32), crypto.wrapKey(random(32), key))).toEqual(key);
});

/** Held against the real server, with Wycheproof's wrapped keys. */
test.each([
  [16, crypto.wrapKey(random(16), random(16)), 'expected ephemeral AES key to be 256-bit'],
  [33, random(1), 'expected ephemeral AES key to be 256-bit'],
  [32, random(16), 'kwp: wrapped key size too small'],
  [32, random(25), 'kwp: wrapped key size must be a multiple of 8 bytes'],
  [32, random(24), 'kwp: unwrap failed integrity check'],
])('%i bytes of a key for one use, then %o: %s', (size, wrapped, why) => {
  expect(() => unwrapped(random(size), wrapped)).toThrow(new RegExp(`${why}$`));
});
