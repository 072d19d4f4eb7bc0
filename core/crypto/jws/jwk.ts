/** Public keys as JSON Web Keys and sets of them (RFC 7517, RFC 7518 section 6, RFC 8037). */
import { Base64Error, decodeBase64 } from '../../codec/base64.ts';
import { concatBytes } from '../../codec/bytes.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { foldName, parseStruct } from '../../codec/go-struct.ts';
import { isObject, JsonError, kindOf, parse } from '../../codec/json.ts';
import { asList, asString } from '../../codec/json-fields.ts';
import { curveSize, isPoint } from '../ecdsa.ts';
import type { PublicKey } from '../keys/key.ts';
import { parseCertificate, type Certificate } from '../x509/certificate.ts';
import { isMalformed } from '../x509/error.ts';
import { decodePart } from './algorithm.ts';
import { itemsSent, joseText, membersSent, parseFlatJose } from './jose-json.ts';

export class JwkError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JwkError';
  }
}

/** A key of somebody's set. */
export interface PublicJwk {
  readonly keyId: string;
  readonly key: PublicKey;
}

/** By the names that keys have for them. */
export const CURVES: Readonly<Record<string, 'p256' | 'p384' | 'p521'>> = {
  'P-256': 'p256',
  'P-384': 'p384',
  'P-521': 'p521',
};

function bytesOf(jwk: JsonObject, name: string): Uint8Array {
  try {
    return decodePart(asString(jwk[name]) ?? '');
  } catch (error) {
    throw error instanceof Base64Error ? new JwkError(error.message) : error;
  }
}

function ecKey(jwk: JsonObject): PublicKey {
  const name = asString(jwk['crv']) ?? '';
  const curve = Object.hasOwn(CURVES, name) ? CURVES[name] : undefined;
  if (curve === undefined) throw new JwkError(`go-jose/go-jose: unsupported elliptic curve '${name}'`);
  const [x, y] = [bytesOf(jwk, 'x'), bytesOf(jwk, 'y')];
  if (x.length === 0 || y.length === 0) throw new JwkError('go-jose/go-jose: invalid EC key, missing x/y values');
  const size = curveSize[curve];
  for (const [which, part] of [
    ['x', x],
    ['y', y],
  ] as const) {
    if (part.length !== size) throw new JwkError(`go-jose/go-jose: invalid EC public key, wrong length for ${which}`);
  }
  const point = concatBytes(Uint8Array.of(4), x, y);
  if (!isPoint(curve, point)) throw new JwkError('go-jose/go-jose: invalid EC key, X/Y are not on declared curve');
  return { kind: 'ecdsa', curve, point };
}

function rsaKey(jwk: JsonObject): PublicKey {
  const [n, e] = [bytesOf(jwk, 'n'), bytesOf(jwk, 'e')];
  if (n.length === 0 || e.length === 0) throw new JwkError('go-jose/go-jose: invalid RSA key, missing n/e values');
  const exponent = e.reduce((sum, byte) => sum * 256 + byte, 0);
  const start = n.findIndex((byte) => byte !== 0);
  return { kind: 'rsa', key: { modulus: n.subarray(Math.max(start, 0)), exponent } };
}

const TEXTS: ReadonlySet<string> = new Set(['use', 'kty', 'kid', 'crv', 'alg', 'x5u', 'x5t', 'x5t#S256']);
const NUMBERS: ReadonlySet<string> = new Set(['k', 'x', 'y', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi']);

/** The members' types, in their order: a number that is none ends it, a wrong text is told at the end. Throws JwkError. */
function checkMembers(jwk: JsonObject): void {
  let wrong: Error | undefined;
  for (const [name, value] of Object.entries(jwk)) {
    try {
      if (TEXTS.has(name) || NUMBERS.has(name)) joseText(value);
      if (name === 'x5c') joseTexts(value);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      wrong ??= error;
      if (NUMBERS.has(name)) throw new JwkError(error.message);
    }
    if (NUMBERS.has(name)) bytesOf(jwk, name);
  }
  if (wrong !== undefined) throw new JwkError(wrong.message);
}

function joseTexts(value: JsonValue): readonly string[] {
  if (value === null) return [];
  const list = asList(value);
  if (list !== undefined) return list.map(joseText);
  throw new JsonError(`json: cannot unmarshal ${kindOf(value)} into Go value of type []string`);
}

/** A chain as headers and keys carry it: DER in base64, the leaf first. Throws JwkError. */
export function certificatesOf(value: JsonValue): readonly Certificate[] {
  try {
    return joseTexts(value).map((text) => parseCertificate(decodeBase64(text)));
  } catch (error) {
    throw error instanceof Base64Error || error instanceof JsonError || isMalformed(error)
      ? new JwkError(error.message)
      : error;
  }
}

/** Undefined for a key that is of no use here: a secret one. `untyped` is said of one without a type. Throws JwkError. */
export function parseJwk(jwk: JsonValue, untyped = "unknown json web key type ''"): PublicJwk | undefined {
  if (jwk !== null && !isObject(jwk)) {
    throw new JwkError(`json: cannot unmarshal ${kindOf(jwk)} into Go value of type jose.rawJSONWebKey`);
  }
  const members = jwk ?? {};
  checkMembers(members);
  try {
    certificatesOf(members['x5c'] ?? null);
  } catch (error) {
    if (!(error instanceof JwkError)) throw error;
    throw new JwkError(`go-jose/go-jose: failed to unmarshal x5c field: ${error.message}`);
  }
  return keyOf(members, untyped);
}

function keyOf(jwk: JsonObject, untyped: string): PublicJwk | undefined {
  const keyId = asString(jwk['kid']) ?? '';
  const kind = asString(jwk['kty']) ?? '';
  if (kind === 'EC') return { keyId, key: ecKey(jwk) };
  if (kind === 'RSA') return { keyId, key: rsaKey(jwk) };
  if (kind === 'OKP' && jwk['crv'] === 'Ed25519') {
    const bytes = bytesOf(jwk, 'x');
    if (bytes.length !== 32) throw new JwkError('go-jose/go-jose: invalid Ed key, missing x value');
    return { keyId, key: { kind: 'ed25519', bytes } };
  }
  if (kind === 'oct') {
    if (bytesOf(jwk, 'k').length > 0) return undefined;
    throw new JwkError('go-jose/go-jose: invalid OCT (symmetric) key, missing k value');
  }
  throw new JwkError(`go-jose/go-jose: ${kind === '' ? untyped : `unknown json web key type '${kind}'`}`);
}

/** The set is read as Go reads JSON, each key as go-jose does. Throws JwkError or JsonError. */
export function parseJwks(text: Uint8Array): PublicJwk[] {
  parseStruct(text, {}, 'jose.JSONWebKeySet');
  let keys: PublicJwk[] = [];
  let wrong: JsonError | undefined;
  // Every member counts whose name is this one in any case; a wrong type is told when all is read.
  for (const [name, sent] of membersSent(text)) {
    if (foldName(name) !== 'keys') continue;
    const value = parse(sent);
    if (value === null || asList(value) !== undefined) {
      keys = itemsSent(sent).flatMap((jwk) => parseJwk(parseFlatJose(jwk), 'missing json web key type') ?? []);
    } else {
      wrong ??= new JsonError(
        `json: cannot unmarshal ${kindOf(value)} into Go struct field .${name} of type []jose.JSONWebKey`,
      );
    }
  }
  if (wrong !== undefined) throw wrong;
  return keys;
}
