import { fc, it as prop } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { der } from '../../codec/der.ts';
import { DerError } from '../../codec/der-reader.ts';
import { concatBytes } from '../../codec/bytes.ts';
import { encodePem } from '../../codec/pem.ts';
import { portableCrypto } from '../portable.ts';
import { KeyError } from './key-error.ts';
import { publicKeyOf, type PrivateKey } from './key.ts';
import { parsePrivatePem, parsePublicPem } from './pem.ts';
import { CURVE_OIDS, OID } from './oids.ts';
import { parsePkcs1, parsePkcs8, parseSec1, toPkcs1, toPkcs8, toSec1 } from './private-container.ts';
import { parseSpki, toSpki } from './public-container.ts';

const crypto = portableCrypto();
const random = (length: number): Uint8Array => new Uint8Array(length).fill(5);
const rsa = await crypto.rsaGenerate(2048, random);
const ecdsa = crypto.ecdsaGenerate('p256', random);
const keys: PrivateKey[] = [
  { kind: 'rsa', key: rsa },
  { kind: 'ecdsa', key: ecdsa },
  { kind: 'ed25519', seed: random(32) },
  { kind: 'mldsa', level: 44, seed: random(32) },
];

const containers: [name: string, parse: (bytes: Uint8Array) => unknown, whole: Uint8Array[]][] = [
  ['PKCS#8', parsePkcs8, keys.map((key) => toPkcs8(crypto, key))],
  ['SubjectPublicKeyInfo', parseSpki, keys.map((key) => toSpki(publicKeyOf(crypto, key)))],
  ['PKCS#1', parsePkcs1, [toPkcs1(rsa)]],
  ['SEC 1', parseSec1, [toSec1(crypto, ecdsa)]],
];

/** A whole container with some bytes changed, and perhaps cut short. */
const broken = (whole: readonly Uint8Array[]) =>
  fc
    .tuple(fc.constantFrom(...whole), fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 }), fc.nat(2000))
    .map(([bytes, changes, cut]) => {
      const bent = bytes.slice();
      for (const [at, value] of changes) bent[at % bent.length] = value;
      return cut % 3 === 0 ? bent.slice(0, cut % bent.length) : bent;
    });

/** It is read, or refused as what it is. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error instanceof DerError || error instanceof KeyError, String(error)).toBe(true);
  }
}

describe.each(containers)('a broken %s', (_, parse, whole) => {
  prop.prop([fc.oneof(broken(whole), fc.uint8Array({ maxLength: 200 }))], { numRuns: 250 })(
    'is refused as such, or read',
    (bytes) => survives(() => parse(bytes)),
  );
});

prop('RSA: what speeds a key up has to fit it', () => {
  const other = (name: 'dp' | 'dq' | 'qi'): Uint8Array => toPkcs1({ ...rsa, [name]: Uint8Array.of(1, 2, 3) });
  for (const exponent of ['dp', 'dq'] as const)
    expect(() => parsePkcs1(other(exponent))).toThrow('crypto/rsa: invalid CRT exponent');
  expect(() => parsePkcs1(other('qi'))).toThrow('crypto/rsa: invalid CRT coefficient');
});

describe('a broken PEM', () => {
  const types = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'PUBLIC KEY', 'RSA PUBLIC KEY', 'CERTIFICATE'];
  const whole = containers.flatMap(([, , own]) => own);
  prop.prop([fc.constantFrom(...types), broken(whole), fc.nat(3000)], { numRuns: 250 })(
    'is refused as such, or read',
    (type, bytes, cut) => {
      const text = encodePem(type, bytes);
      const shown = cut % 2 === 0 ? text : text.slice(0, cut);
      survives(() => parsePrivatePem(shown));
      survives(() => parsePublicPem(shown));
    },
  );
});

it('SEC 1 is read as Go reads it: nothing behind it counts, nor a name or a point that are something else', () => {
  const whole = toSec1(crypto, ecdsa);
  expect(parseSec1(concatBytes(whole, Uint8Array.of(5, 0)))).toEqual(ecdsa);
  const nothing = der.sequence(
    der.integer(1),
    der.octets(ecdsa.secret),
    der.explicit(0, der.null()),
    der.explicit(1, der.null()),
  );
  expect(parseSec1(nothing, CURVE_OIDS.p256)).toEqual(ecdsa);
});

/** Held against the real server. */
it.each([
  [der.explicit(1), 'asn1: structure error: explicit tag has no child'],
  [concatBytes(der.explicit(0), der.null()), 'asn1: structure error: zero length explicit tag was not an asn1.Flag'],
  [der.explicit(1, Uint8Array.of(3, 0x84, 0x80, 0, 0, 0)), 'asn1: structure error: length too large'],
  [Uint8Array.of(0x61, 0x84, 0x80, 0, 0, 0), 'asn1: structure error: length too large'],
  [der.explicit(0, der.oid('1.2.2147483648')), 'asn1: structure error: base 128 integer too large'],
])('SEC 1 is refused for what is no element where a name or a point may be', (rest, why) => {
  const key = der.sequence(der.integer(1), der.octets(ecdsa.secret), rest);
  expect(() => parseSec1(key, CURVE_OIDS.p256)).toThrow(why);
});

it('PKCS#8 whose parameters name no curve is read with that of the key inside, unless they name another', () => {
  const inside = der.octets(toSec1(crypto, ecdsa));
  const wrapped = (parameters: Uint8Array): Uint8Array =>
    der.sequence(der.integer(0), der.sequence(der.oid(OID.ec), parameters), inside);
  expect(parsePkcs8(wrapped(der.null()))).toEqual({ kind: 'ecdsa', key: ecdsa });
  expect(() => parsePkcs8(wrapped(der.oid('1.2.3')))).toThrow('x509: unknown elliptic curve');
});

it('versions may be below zero, and what follows in a sequence counts for nothing', () => {
  const negative = Uint8Array.of(2, 4, 0xe6, 0xe6, 0xe6, 0xe6);
  const numbers = [rsa.modulus, rsa.exponent, rsa.d, rsa.p, rsa.q, rsa.dp, rsa.dq, rsa.qi].map(der.integer);
  expect(parsePkcs1(der.sequence(negative, ...numbers))).toEqual(rsa);
  const inside = der.octets(toSec1(crypto, ecdsa));
  const algorithm = der.sequence(der.oid(OID.ec), der.oid(CURVE_OIDS.p256));
  expect(parsePkcs8(der.sequence(negative, algorithm, inside))).toEqual({ kind: 'ecdsa', key: ecdsa });
  const key = new Uint8Array(32).fill(7);
  const spki = der.sequence(der.sequence(der.oid(OID.ed25519)), der.bits(key), der.bits(key));
  expect(parseSpki(spki)).toEqual({ kind: 'ed25519', bytes: key });
});
