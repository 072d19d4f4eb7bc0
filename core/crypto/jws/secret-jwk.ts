/** Signing keys as JSON Web Keys (RFC 7517, 7518, 8037): made, stored, read, and shown without their secrets. */
import { assert } from '../../assert.ts';
import { decodeBase64RawUrl, encodeBase64RawUrl } from '../../codec/base64.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { asString } from '../../codec/json-fields.ts';
import type { Runtime } from '../../runtime.ts';
import type { Crypto } from '../crypto.ts';
import type { PrivateKey } from '../keys/key.ts';
import { makePrivateKey } from '../keys/make.ts';
import { jwsKeySpec } from './algorithm.ts';
import { CURVES } from './jwk.ts';

/** A JWK; `orderedJwk` puts it into the order in which upstream prints its members. */
export type Jwk = JsonObject;

const MEMBERS = ['use', 'kty', 'kid', 'crv', 'alg', 'x', 'y', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];
const PRIVATE: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi']);

export const orderedJwk = (jwk: Jwk): ReadonlyMap<string, JsonValue> =>
  new Map(MEMBERS.flatMap((name) => (jwk[name] === undefined ? [] : [[name, jwk[name]] as const])));

export const publicJwk = (jwk: Jwk): Jwk =>
  Object.fromEntries(Object.entries(jwk).filter(([name]) => !PRIVATE.has(name)));

const text = encodeBase64RawUrl;

function bytes(jwk: Jwk, name: string): Uint8Array {
  const value = asString(jwk[name]);
  assert(value !== undefined, `a stored key has its member ${name}`);
  return decodeBase64RawUrl(value);
}

/** A private key for the algorithm. RSA keys take their time. */
export async function makeJwk(alg: string, kid: string, runtime: Runtime): Promise<Jwk> {
  return { use: 'sig', kid, alg, ...membersOf(await makePrivateKey(runtime, jwsKeySpec(alg)), runtime.crypto) };
}

function membersOf(key: PrivateKey, crypto: Crypto): Jwk {
  assert(key.kind !== 'mldsa', 'there is no algorithm for these keys');
  if (key.kind === 'rsa') {
    const { modulus, d, p, q, dp, dq, qi } = key.key;
    const parts = { d: text(d), p: text(p), q: text(q), dp: text(dp), dq: text(dq), qi: text(qi) };
    return { kty: 'RSA', n: text(modulus), e: 'AQAB', ...parts };
  }
  if (key.kind === 'ed25519') {
    return { kty: 'OKP', crv: 'Ed25519', x: text(crypto.ed25519Public(key.seed)), d: text(key.seed) };
  }
  const point = crypto.ecdsaPublic(key.key);
  const size = (point.length - 1) / 2;
  const [crv] = Object.entries(CURVES).find(([, curve]) => curve === key.key.curve)!;
  const [x, y] = [text(point.subarray(1, 1 + size)), text(point.subarray(1 + size))];
  return { kty: 'EC', crv, x, y, d: text(key.key.secret) };
}

/** A key read once, to sign often. */
export interface Signer {
  readonly alg: string;
  readonly key: PrivateKey;
}

export const signerOf = (jwk: Jwk): Signer => ({
  alg: asString(jwk['alg']) ?? '',
  key: privateKeyOf(jwk),
});

function privateKeyOf(jwk: Jwk): PrivateKey {
  const member = (name: string): Uint8Array => bytes(jwk, name);
  const kind = asString(jwk['kty']);
  if (kind === 'OKP') return { kind: 'ed25519', seed: member('d') };
  if (kind === 'EC') {
    const curve = CURVES[asString(jwk['crv']) ?? ''];
    assert(curve !== undefined, 'a stored key is on a known curve');
    return { kind: 'ecdsa', key: { curve, secret: member('d') } };
  }
  const secret = { d: member('d'), p: member('p'), q: member('q') };
  const hints = { dp: member('dp'), dq: member('dq'), qi: member('qi') };
  return { kind: 'rsa', key: { modulus: member('n'), exponent: 65537, ...secret, ...hints } };
}
