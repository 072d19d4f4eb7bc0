/** Keys of ACME accounts and of the certificates asked for, as files keep them. */
import { createHash, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export const KEY_TYPES = ['ed25519', 'p256', 'p384', 'rsa2048', 'rsa4096', 'rsa8192'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

const CURVES: Readonly<Record<string, string>> = { p256: 'P-256', p384: 'P-384' };

export function makeKey(type: KeyType): KeyObject {
  if (type === 'ed25519') return generateKeyPairSync('ed25519').privateKey;
  const namedCurve = CURVES[type];
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve }).privateKey;
  return generateKeyPairSync('rsa', { modulusLength: Number(type.slice(3)) }).privateKey;
}

/** In each kind's own container; the label of Ed25519 is the one that upstream's library writes. */
export function keyPem(key: KeyObject): string {
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' });
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' });
  return key.export({ type: 'pkcs8', format: 'pem' }).replaceAll('PRIVATE KEY', 'ED25519 PRIVATE KEY');
}

export const keyFromPem = (pem: string): KeyObject => createPrivateKey(plainPem(pem));

/** As OpenSSL reads it. */
export const plainPem = (pem: string): string => pem.replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY');

type Json = Readonly<Record<string, unknown>>;

const base64url = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url');
const encode = (value: Json): string => base64url(JSON.stringify(value));

/** Of an account's key, which is of P-256. RFC 7638's order of members. */
export function publicJwk(key: KeyObject): Json {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return { crv, kty, x, y };
}

export const thumbprint = (key: KeyObject): string =>
  createHash('sha256')
    .update(JSON.stringify(publicJwk(key)))
    .digest('base64url');

/** RFC 8555 §6.2. `payload` undefined: a POST that only reads. */
export function signedBody(key: KeyObject, header: Json, payload: Json | undefined): string {
  const head = encode({ alg: 'ES256', ...header });
  const body = payload === undefined ? '' : encode(payload);
  const signature = sign('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' });
  return JSON.stringify({ protected: head, payload: body, signature: base64url(signature) });
}

/** What binds an account to one that the authority knows (RFC 8555 §7.3.4). */
export function accountBinding(key: KeyObject, keyId: string, mac: Uint8Array, url: string): Json {
  const head = encode({ alg: 'HS256', kid: keyId, url });
  const payload = encode(publicJwk(key));
  const signature = createHmac('sha256', mac).update(`${head}.${payload}`).digest('base64url');
  return { protected: head, payload, signature };
}
