import { expect, test } from 'vitest';
import { encodeBase64RawUrl } from '../../../codec/base64.ts';
import { print } from '../../../codec/json.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import { portableCrypto } from '../../../crypto/portable.ts';
import { keyOf, openMac, openSigned, parseHeader, thumbprint } from './jws.ts';
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
  const header = (alg: string, more = {}) => parseHeader(encodeBase64RawUrl(encodeUtf8(print({ alg, ...more }))), 'it');
  const wrong = 'go-jose/go-jose: error in cryptographic primitive';
  expect(openSigned(jws, header('EdDSA'), key, crypto)).toEqual(encodeUtf8('body'));
  expect(() => openSigned(jws, header('ES256'), key, crypto)).toThrow(wrong);
  expect(() => openSigned({ ...jws, payload: 'Ym9keg' }, header('EdDSA'), key, crypto)).toThrow(wrong);
  expect(() => openSigned(jws, header('EdDSA', { b64: false }), key, crypto)).toThrow(wrong);
  expect(() => openSigned(jws, header('EdDSA', { crit: ['b64'] }), key, crypto)).toThrow('unsupported critical header');
  const mac = new Uint8Array(32);
  const tag = encodeBase64RawUrl(crypto.hmac('sha256', mac, encodeUtf8('aGVhZA.Ym9keQ')));
  expect(openMac({ ...jws, signature: tag }, header('HS256'), mac, crypto)).toEqual(encodeUtf8('body'));
  expect(() => openMac({ ...jws, signature: tag }, header('HS384'), mac, crypto)).toThrow(wrong);
});

test.each([
  [{}, 'go-jose/go-jose: missing json web key type'],
  [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }, 'go-jose/go-jose: invalid EC public key, wrong length for x'],
  [{ kty: 'OKP', crv: 'X25519', x: 'AA' }, 'go-jose/go-jose: unsupported key type/format'],
  [{ kty: 'oct', k: 'AA' }, 'received invalid jwk'],
])('a key that is none is refused: %j', (jwk, text) => {
  expect(() => keyOf(jwk)).toThrow(text);
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
