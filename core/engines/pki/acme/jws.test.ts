import { expect, test } from 'vitest';
import { encodeBase64RawUrl } from '../../../codec/base64.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import { portableCrypto } from '../../../crypto/portable.ts';
import { isMacOf, isSignedWith, keyOf, thumbprint } from './jws.ts';
import { Nonces } from './nonces.ts';

const crypto = portableCrypto();

test('the thumbprint of RFC 7638, section 3.1', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  expect(thumbprint({ kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' }, crypto)).toBe(
    'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  );
});

test('a signature is of its key, its algorithm and its payload', () => {
  const seed = new Uint8Array(32).fill(7);
  const key = keyOf({ kty: 'OKP', crv: 'Ed25519', x: encodeBase64RawUrl(crypto.ed25519Public(seed)) });
  const signature = encodeBase64RawUrl(crypto.ed25519Sign(seed, encodeUtf8('aGVhZA.Ym9keQ')));
  const jws = { protected: 'aGVhZA', payload: 'Ym9keQ', signature };
  expect(isSignedWith(jws, 'EdDSA', key, crypto)).toBe(true);
  expect(isSignedWith(jws, 'ES256', key, crypto)).toBe(false);
  expect(isSignedWith({ ...jws, payload: 'Ym9keg' }, 'EdDSA', key, crypto)).toBe(false);
  const mac = new Uint8Array(32);
  const tag = encodeBase64RawUrl(crypto.hmac('sha256', mac, encodeUtf8('aGVhZA.Ym9keQ')));
  expect(isMacOf({ ...jws, signature: tag }, 'HS256', mac, crypto)).toBe(true);
  expect(isMacOf({ ...jws, signature: tag }, 'HS384', mac, crypto)).toBe(false);
});

test('keys that are none are refused', () => {
  for (const jwk of [
    {},
    { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
    { kty: 'RSA', n: 'AQAB', e: 'AQAB' },
    { kty: 'oct', k: 'AA' },
  ]) {
    expect(() => keyOf(jwk)).toThrow('received invalid jwk');
  }
});

test('a nonce is good once, and for a quarter of an hour', () => {
  let now = 0;
  let drawn = 0;
  const nonces = new Nonces({
    random: { bytes: (length) => new Uint8Array(length).fill(++drawn), below: () => 0 },
    clock: { monotonic: () => now } as never,
  });
  const [first, second] = [nonces.next(), nonces.next()];
  expect([nonces.redeem(first), nonces.redeem(first), nonces.redeem('never')]).toEqual([true, false, false]);
  now = 16 * 60 * 1_000_000;
  expect(nonces.redeem(second)).toBe(false);
});
