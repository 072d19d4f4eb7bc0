/** Signing keys as JSON Web Keys (RFC 7517, 7518, 8037): making them, reading them, signing and verifying. */
import { assert } from '../../../assert.ts';
import { decodeBase64RawUrl, encodeBase64RawUrl } from '../../../codec/base64.ts';
import { concatBytes } from '../../../codec/bytes.ts';
import type { JsonObject, JsonValue } from '../../../codec/json.ts';
import { asString } from '../../../codec/json-fields.ts';
import type { Crypto, EcdsaKey, HashName } from '../../../crypto/crypto.ts';
import type { Runtime } from '../../../runtime.ts';

interface Algorithm {
  readonly kind: 'rsa' | 'ec' | 'ed';
  /** Of the signature, and of at_hash and c_hash. */
  readonly hash: HashName;
  readonly curve?: EcdsaKey['curve'];
  readonly crv?: string;
}

/** In the order of upstream's lists. */
export const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map<string, Algorithm>([
  ['RS256', { kind: 'rsa', hash: 'sha256' }],
  ['RS384', { kind: 'rsa', hash: 'sha384' }],
  ['RS512', { kind: 'rsa', hash: 'sha512' }],
  ['ES256', { kind: 'ec', hash: 'sha256', curve: 'p256', crv: 'P-256' }],
  ['ES384', { kind: 'ec', hash: 'sha384', curve: 'p384', crv: 'P-384' }],
  ['ES512', { kind: 'ec', hash: 'sha512', curve: 'p521', crv: 'P-521' }],
  ['EdDSA', { kind: 'ed', hash: 'sha512', crv: 'Ed25519' }],
]);

/** A JWK; `orderedJwk` puts it into the order in which upstream prints its members. */
export type Jwk = JsonObject;

const MEMBERS = ['use', 'kty', 'kid', 'crv', 'alg', 'x', 'y', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];
const PRIVATE: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi']);

export const orderedJwk = (jwk: Jwk): ReadonlyMap<string, JsonValue> =>
  new Map(MEMBERS.flatMap((name) => (jwk[name] === undefined ? [] : [[name, jwk[name]] as const])));

export const publicJwk = (jwk: Jwk): Jwk =>
  Object.fromEntries(Object.entries(jwk).filter(([name]) => !PRIVATE.has(name)));

const text = encodeBase64RawUrl;
const bytes = (jwk: Jwk, name: string): Uint8Array => {
  const value = asString(jwk[name]);
  assert(value !== undefined, `a stored key has its member ${name}`);
  return decodeBase64RawUrl(value);
};

const algorithmOf = (name: string): Algorithm => {
  const algorithm = ALGORITHMS.get(name);
  assert(algorithm !== undefined, `${name} is a supported algorithm`);
  return algorithm;
};

/** A private key. RSA keys take their time. */
export async function makeJwk(alg: string, kid: string, runtime: Runtime): Promise<Jwk> {
  const { crypto } = runtime;
  const random = (length: number): Uint8Array => runtime.random.bytes(length);
  const algorithm = algorithmOf(alg);
  const base = { use: 'sig', kid, alg };
  if (algorithm.kind === 'rsa') {
    await runtime.cpu.spend('rsa.generate');
    const key = await crypto.rsaGenerate(2048, random);
    const { modulus, d, p, q, dp, dq, qi } = key;
    const parts = { d: text(d), p: text(p), q: text(q), dp: text(dp), dq: text(dq), qi: text(qi) };
    return { ...base, kty: 'RSA', n: text(modulus), e: 'AQAB', ...parts };
  }
  if (algorithm.kind === 'ed') {
    const seed = random(32);
    return { ...base, kty: 'OKP', crv: algorithm.crv!, x: text(crypto.ed25519Public(seed)), d: text(seed) };
  }
  const key = crypto.ecdsaGenerate(algorithm.curve!, random);
  const point = crypto.ecdsaPublic(key);
  const size = (point.length - 1) / 2;
  const x = text(point.subarray(1, 1 + size));
  const y = text(point.subarray(1 + size));
  return { ...base, kty: 'EC', crv: algorithm.crv!, x, y, d: text(key.secret) };
}

/** A key read once, to sign often. */
export interface Signer {
  readonly kid: string;
  readonly alg: string;
  readonly hash: HashName;
  sign(message: Uint8Array): Uint8Array;
}

export function signerOf(jwk: Jwk, crypto: Crypto): Signer {
  const alg = asString(jwk['alg']) ?? '';
  const { kind, hash, curve } = algorithmOf(alg);
  const common = { kid: asString(jwk['kid']) ?? '', alg, hash };
  if (kind === 'ed') {
    const seed = bytes(jwk, 'd');
    return { ...common, sign: (message) => crypto.ed25519Sign(seed, message) };
  }
  if (kind === 'ec') {
    const key = { curve: curve!, secret: bytes(jwk, 'd') };
    return { ...common, sign: (message) => crypto.ecdsaSign(key, crypto.hash(hash, message)) };
  }
  const [modulus, d, p, q, dp, dq, qi] = ['n', 'd', 'p', 'q', 'dp', 'dq', 'qi'].map((name) => bytes(jwk, name)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const key = { modulus, exponent: 65537, d, p, q, dp, dq, qi };
  return { ...common, sign: (message) => crypto.rsaSign(key, hash, crypto.hash(hash, message)) };
}

/** Whether the signature is of this public key; `alg` is what the token's header says. */
export function verifies(jwk: Jwk, alg: string, message: Uint8Array, signature: Uint8Array, crypto: Crypto): boolean {
  const algorithm = ALGORITHMS.get(alg);
  if (algorithm === undefined || jwk['alg'] !== alg) return false;
  const { kind, hash, curve } = algorithm;
  if (kind === 'ed') return crypto.ed25519Verify(bytes(jwk, 'x'), message, signature);
  const digest = crypto.hash(hash, message);
  if (kind === 'rsa') return crypto.rsaVerify({ modulus: bytes(jwk, 'n'), exponent: 65537 }, hash, digest, signature);
  const point = concatBytes(Uint8Array.of(4), bytes(jwk, 'x'), bytes(jwk, 'y'));
  return crypto.ecdsaVerify(curve!, point, digest, signature);
}
