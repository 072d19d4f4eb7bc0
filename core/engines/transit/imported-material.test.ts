import { expect, test } from 'vitest';
import { der } from '../../codec/der.ts';
import { OID } from '../../crypto/keys/oids.ts';
import { toSec1 } from '../../crypto/keys/private-container.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import { partsOf } from './imported-material.ts';
import { keyTypeOf } from './key-type.ts';

/** Held against the real server. */
test('a key on a curve that Go does not know is refused with what was tried', () => {
  const inside = der.octets(der.sequence(der.integer(1), der.octets(new Uint8Array(32).fill(1))));
  const key = der.sequence(der.integer(0), der.sequence(der.oid(OID.ec), der.oid('1.2.3')), inside);
  expect(() => partsOf(portableCrypto(), keyTypeOf('ecdsa-p256')!, { private: key })).toThrow(
    'error parsing asymmetric key:\n - assuming contents are an ed25519 private key: keysutil: failed to parse private key (invalid, non-ed25519 curve parameter OID)\n - original error: x509: failed to parse EC private key embedded in PKCS#8: x509: unknown elliptic curve',
  );
});

/** Held against the real server. */
test.each([
  [32, [], 'invalid key type: expected ed25519, got *ecdh.PrivateKey'],
  [31, [], 'error parsing asymmetric key: crypto/ecdh: invalid private key size'],
  [32, [der.null()], 'error parsing asymmetric key: x509: invalid X25519 private key parameters'],
])('a key that agrees (%i bytes, %j) is refused for what it is', (size, parameters, why) => {
  const inside = der.octets(der.octets(new Uint8Array(size).fill(1)));
  const key = der.sequence(der.integer(0), der.sequence(der.oid(OID.x25519), ...parameters), inside);
  expect(() => partsOf(portableCrypto(), keyTypeOf('ed25519')!, { private: key })).toThrow(why);
});

/** Held against the real server: `openssl … -outform DER` writes keys of curves like that. */
test('a key in an older container is refused with the name of what reads it', () => {
  const crypto = portableCrypto();
  const key = toSec1(crypto, { curve: 'p256', secret: new Uint8Array(32).fill(1) });
  expect(() => partsOf(crypto, keyTypeOf('ecdsa-p256')!, { private: key })).toThrow(
    'error parsing asymmetric key: x509: failed to parse private key (use ParseECPrivateKey instead for this key format)',
  );
});
