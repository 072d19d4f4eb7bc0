/** Signed requests of ACME (RFC 8555, section 6.2; RFC 7515): who sent them, and what is in them. */
import { Base64Error, decodeBase64RawUrl, encodeBase64RawUrl } from '../../../codec/base64.ts';
import { concatBytes, noBytes } from '../../../codec/bytes.ts';
import { isObject, JsonError, kindOf, parse, print, type JsonObject, type JsonValue } from '../../../codec/json.ts';
import { asString } from '../../../codec/json-fields.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import type { Crypto, HashName } from '../../../crypto/crypto.ts';
import { decodePart, jwsHash, jwsVerifies } from '../../../crypto/jws/algorithm.ts';
import { JwkError, parseJwk } from '../../../crypto/jws/jwk.ts';
import type { PublicKey } from '../../../crypto/keys/key.ts';
import { AcmeProblem, malformed } from './problem.ts';

export interface Header {
  readonly alg: string;
  /** As the client sent it; '' without one. */
  readonly kid: string;
  /** Whatever was sent for one. */
  readonly jwk: JsonValue | undefined;
  readonly nonce: string;
  readonly url: string;
  /** It names extensions that have to be understood; none is. */
  readonly critical: boolean;
  /** The payload is signed as it is, not encoded (RFC 7797). */
  readonly plain: boolean;
}

/** What can be decoded; `what` names it in the problem. */
export function decoded(encoded: string, what: string): Uint8Array {
  try {
    return decodeBase64RawUrl(encoded);
  } catch (error) {
    throw error instanceof Base64Error ? malformed(`failed to base64 parse ${what}: ${error.message}`) : error;
  }
}

const wrongType = (value: JsonValue, into: string): JsonError =>
  new JsonError(`json: cannot unmarshal ${kindOf(value)} into Go ${into}`);

/** Throws AcmeProblem. */
export function parseHeader(encoded: string, what: string): Header {
  const bytes = decoded(encoded, what);
  try {
    const value = parse(bytes);
    if (value !== null && !isObject(value)) throw wrongType(value, 'value of type pki.jwsCtx');
    const header = value ?? {};
    const text = (name: string): string => {
      const found = header[name] ?? '';
      if (typeof found === 'string') return found;
      throw wrongType(found, `struct field jwsCtx.${name} of type string`);
    };
    return {
      alg: text('alg'),
      kid: text('kid'),
      jwk: header['jwk'],
      nonce: text('nonce'),
      url: text('url'),
      critical: header['crit'] !== undefined,
      plain: header['b64'] === false,
    };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new AcmeProblem('serverInternal', `failed to json unmarshal ${what}: ${error.message}`);
  }
}

export const isSignature = (alg: string): boolean => jwsHash(alg) !== undefined;

/** A key of no use to anybody, which upstream takes all the same: nothing is signed with it. */
const isShortEd25519 = ({ kty, crv, x }: JsonObject): boolean =>
  kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' && x !== '';

/** The key of a JWK (RFC 7517). Throws AcmeProblem. */
export function keyOf(jwk: JsonValue): PublicKey {
  const wrong = (text: string): AcmeProblem => new AcmeProblem('serverInternal', text);
  const { kty, crv } = isObject(jwk) ? jwk : { kty: undefined, crv: undefined };
  if ((isObject(jwk) || jwk === null) && (kty ?? '') === '') throw wrong('go-jose/go-jose: missing json web key type');
  if (isObject(jwk) && (!KINDS.includes(asString(kty) ?? '') || (kty === 'OKP' && crv !== 'Ed25519'))) {
    throw wrong('go-jose/go-jose: unsupported key type/format');
  }
  try {
    const key = parseJwk(jwk)?.key;
    if (key === undefined) throw malformed('received invalid jwk');
    return key;
  } catch (error) {
    if (!(error instanceof JwkError)) throw error;
    if (isObject(jwk) && isShortEd25519(jwk)) return { kind: 'ed25519', bytes: noBytes };
    throw wrong(error.message);
  }
}

const KINDS = ['EC', 'RSA', 'OKP', 'oct'];

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

function part(encoded: string, what: string): Uint8Array {
  try {
    return decodePart(encoded);
  } catch (error) {
    throw error instanceof Base64Error ? malformed(`error parsing ${what}: ${error.message}`) : error;
  }
}

const NO_SIGNATURE = 'go-jose/go-jose: error in cryptographic primitive';

/** The payload of what `key` has signed. Throws AcmeProblem. */
export function openSigned(jws: Signed, header: Header, key: PublicKey, crypto: Crypto): Uint8Array {
  const payload = part(jws.payload, 'signature');
  const signature = part(jws.signature, 'signature');
  if (header.critical) throw new AcmeProblem('serverInternal', 'go-jose/go-jose: unsupported critical header');
  const message = header.plain ? concatBytes(encodeUtf8(`${jws.protected}.`), payload) : signedBytes(jws);
  const usable = key.kind !== 'ed25519' || key.bytes.length === 32;
  if (usable && jwsVerifies(crypto, key, header.alg, message, signature)) return payload;
  throw new AcmeProblem('serverInternal', NO_SIGNATURE);
}

const MACS: Readonly<Record<string, HashName>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };
export const isMac = (alg: string): boolean => Object.hasOwn(MACS, alg);

/** The payload of what is authenticated with `key`. Throws AcmeProblem. */
export function openMac(jws: Signed, { alg }: Header, key: Uint8Array, crypto: Crypto): Uint8Array {
  const payload = part(jws.payload, 'eab signature');
  const mac = part(jws.signature, 'eab signature');
  if (crypto.equal(crypto.hmac(MACS[alg]!, key, signedBytes(jws)), mac)) return payload;
  throw new AcmeProblem('serverInternal', NO_SIGNATURE);
}
