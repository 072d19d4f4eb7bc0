/** Signed requests of ACME (RFC 8555, section 6.2; RFC 7515): who sent them, and what is in them. */
import { Base64Error, decodeBase64RawUrl, encodeBase64RawUrl } from '../../../codec/base64.ts';
import { concatBytes } from '../../../codec/bytes.ts';
import { JsonError, parseObject, print, type JsonObject } from '../../../codec/json.ts';
import { asObject, asString } from '../../../codec/json-fields.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import type { Crypto, EcdsaKey, HashName } from '../../../crypto/crypto.ts';
import { jwsHash, jwsVerifies } from '../../../crypto/jws/algorithm.ts';
import { samePublicKey, type PublicKey } from '../../../crypto/keys/key.ts';
import { AcmeProblem, malformed } from './problem.ts';

export interface Header {
  readonly alg: string;
  /** As the client sent it; '' without one. */
  readonly kid: string;
  readonly jwk: JsonObject | undefined;
  readonly nonce: string;
  readonly url: string;
}

const text = (header: JsonObject, name: string): string => asString(header[name]) ?? '';

/** What can be decoded; `what` names it in the problem. */
export function decoded(encoded: string, what: string): Uint8Array {
  try {
    return decodeBase64RawUrl(encoded);
  } catch (error) {
    throw error instanceof Base64Error ? malformed(`failed to base64 parse ${what}: ${error.message}`) : error;
  }
}

/** Throws AcmeProblem. */
export function parseHeader(encoded: string, what: string): Header {
  let header: JsonObject;
  const bytes = decoded(encoded, what);
  try {
    header = parseObject(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new AcmeProblem('serverInternal', `failed to json unmarshal ${what}: ${error.message}`);
  }
  return {
    alg: text(header, 'alg'),
    kid: text(header, 'kid'),
    jwk: asObject(header['jwk']),
    nonce: text(header, 'nonce'),
    url: text(header, 'url'),
  };
}

export const isSignature = (alg: string): boolean => jwsHash(alg) !== undefined;

const CURVES: ReadonlyMap<string, readonly [curve: EcdsaKey['curve'], size: number]> = new Map([
  ['P-256', ['p256', 32]],
  ['P-384', ['p384', 48]],
  ['P-521', ['p521', 66]],
]);

const noKey = (): AcmeProblem => malformed('received invalid jwk');

/** The key of a JWK (RFC 7517). Throws AcmeProblem. */
export function keyOf(jwk: JsonObject): PublicKey {
  const part = (name: string): Uint8Array => {
    const value = asString(jwk[name]);
    if (value === undefined || value === '') throw noKey();
    return decoded(value, `'${name}' of the jwk`);
  };
  switch (jwk['kty']) {
    case 'RSA': {
      const exponent = part('e').reduce((sum, byte) => sum * 256 + byte, 0);
      const modulus = part('n');
      if (modulus.length < 256 || modulus.length > 1024 || exponent < 3 || exponent > 0x7fff_ffff) throw noKey();
      return { kind: 'rsa', key: { modulus, exponent } };
    }
    case 'EC': {
      const [curve, size] = CURVES.get(asString(jwk['crv']) ?? '') ?? [undefined, 0];
      const [x, y] = [part('x'), part('y')];
      if (curve === undefined || x.length !== size || y.length !== size) throw noKey();
      return { kind: 'ecdsa', curve, point: concatBytes(Uint8Array.of(4), x, y) };
    }
    case 'OKP': {
      const bytes = part('x');
      if (jwk['crv'] !== 'Ed25519' || bytes.length !== 32) throw noKey();
      return { kind: 'ed25519', bytes };
    }
    default:
      throw noKey();
  }
}

/** RFC 7638: the hash of the members that make the key, in their order. */
export function thumbprint(jwk: JsonObject, crypto: Crypto): string {
  const members = { RSA: ['e', 'kty', 'n'], EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'] }[
    asString(jwk['kty']) ?? ''
  ];
  const canonical = new Map((members ?? []).map((name) => [name, asString(jwk[name]) ?? '']));
  return encodeBase64RawUrl(crypto.hash('sha256', encodeUtf8(print(canonical))));
}

export interface Signed {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

const signedBytes = (jws: Signed): Uint8Array => encodeUtf8(`${jws.protected}.${jws.payload}`);

export const isSignedWith = (jws: Signed, alg: string, key: PublicKey, crypto: Crypto): boolean =>
  jwsVerifies(crypto, key, alg, signedBytes(jws), decoded(jws.signature, "'signature'"));

const MACS: Readonly<Record<string, HashName>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };
export const isMac = (alg: string): boolean => Object.hasOwn(MACS, alg);

export const isMacOf = (jws: Signed, alg: string, key: Uint8Array, crypto: Crypto): boolean =>
  crypto.equal(crypto.hmac(MACS[alg]!, key, signedBytes(jws)), decoded(jws.signature, "'signature'"));

/** Whether both are the same key, however they are written. */
export const sameJwk = (a: JsonObject, b: JsonObject): boolean => samePublicKey(keyOf(a), keyOf(b));
