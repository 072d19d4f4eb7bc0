/** Keys of ACME accounts, and what they sign (JWS, RFC 7515). */
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { ecdsaSign } from '../../core/crypto/ecdsa.ts';

export type Json = Record<string, unknown>;

export const base64url = (text: string | Buffer): string => Buffer.from(text).toString('base64url');

export interface Key {
  readonly alg: string;
  readonly jwk: Json;
  readonly thumbprint: string;
  sign(text: string): Buffer;
}

export function makeKey(alg: 'ES256' | 'ES384' | 'RS256' | 'EdDSA' = 'ES256'): Key {
  const pair = {
    ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    EdDSA: () => generateKeyPairSync('ed25519'),
  }[alg]();
  return keyOf(alg, pair.privateKey);
}

/** Of a private key that something else is about, such as a certificate's. */
export function keyOf(alg: string, privateKey: KeyObject): Key {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as Json;
  const sorted = Object.fromEntries(Object.entries(jwk).sort(([a], [b]) => (a < b ? -1 : 1)));
  const hash = { ES256: 'sha256', ES384: 'sha384', RS256: 'sha256', EdDSA: null }[alg] ?? null;
  return {
    alg,
    jwk,
    thumbprint: createHash('sha256').update(JSON.stringify(sorted)).digest('base64url'),
    sign: (text) => sign(hash, Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}

/** The key of P-256 that goes by this name: the same in every play, and so is what it signs. */
export function keyNamed(name: string): Key {
  const curve = createECDH('prime256v1');
  const scalar = createHash('sha256').update(name).digest();
  curve.setPrivateKey(scalar);
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(base64url);
  const jwk = { kty: 'EC', crv: 'P-256', d: base64url(scalar), x: x!, y: y! };
  const secret = { curve: 'p256', secret: scalar } as const;
  return {
    ...keyOf('ES256', createPrivateKey({ key: jwk, format: 'jwk' })),
    sign: (text) => Buffer.from(ecdsaSign(secret, createHash('sha256').update(text).digest())),
  };
}

export interface Jws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

/** `payload`: undefined is none (POST as GET), a text goes as it is. */
export function signed(key: Key, header: Json, payload: Json | string | undefined): Jws {
  const head = base64url(JSON.stringify(header));
  const body = payload === undefined ? '' : base64url(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return { protected: head, payload: body, signature: base64url(key.sign(`${head}.${body}`)) };
}
