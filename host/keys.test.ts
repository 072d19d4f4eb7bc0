import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { drbg } from '../core/crypto/drbg.ts';
import { publicKeyOf, samePublicKey, type PrivateKey } from '../core/crypto/keys/key.ts';
import { parsePrivatePem, parsePublicPem, pkcs8Pem, spkiPem, traditionalPem } from '../core/crypto/keys/pem.ts';
import { parsePkcs8, toPkcs8 } from '../core/crypto/keys/private-container.ts';
import { parseSpki } from '../core/crypto/keys/public-container.ts';
import { signMessage, verifyMessage } from '../core/crypto/keys/sign.ts';
import { oaepDecrypt, oaepEncrypt, pkcs1Decrypt, pkcs1Encrypt } from '../core/crypto/rsa-schemes.ts';
import { nodeCrypto } from './crypto.ts';

// openssl is the oracle: keys it makes are read here, keys written here are read by it, and so with signatures.
const crypto = nodeCrypto();
const message = Buffer.from('a message');
const random = drbg(Uint8Array.of(7));

const kinds = {
  'RSA of 2048 bits': () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  'RSA with the exponent 3': () => generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).privateKey,
  'P-224': () => generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).privateKey,
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey,
  'P-384': () => generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey,
  'P-521': () => generateKeyPairSync('ec', { namedCurve: 'secp521r1' }).privateKey,
  Ed25519: () => generateKeyPairSync('ed25519').privateKey,
} satisfies Record<string, () => KeyObject>;

const made = Object.entries(kinds).map(([name, make]) => ({ name, object: make() }));
const pem = (object: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1') => object.export({ format: 'pem', type });

describe.each(made)('a key of openssl: $name', ({ object }) => {
  const text = pem(object, 'pkcs8');
  const key = parsePrivatePem(text);
  const publicText = createPublicKey(object).export({ format: 'pem', type: 'spki' });

  it('is written as it was read', () => {
    expect(pkcs8Pem(crypto, key)).toBe(text);
    expect(spkiPem(publicKeyOf(crypto, key))).toBe(publicText);
    expect(samePublicKey(parsePublicPem(publicText), publicKeyOf(crypto, key))).toBe(true);
  });

  it('has its older form', () => {
    const type = key.kind === 'rsa' ? 'pkcs1' : key.kind === 'ecdsa' ? 'sec1' : 'pkcs8';
    expect(traditionalPem(crypto, key)).toBe(pem(object, type));
    expect(parsePrivatePem(pem(object, type))).toEqual(key);
  });

  it('signs what openssl verifies, and the other way round', () => {
    const algorithm = key.kind === 'ed25519' ? null : 'sha256';
    const other = Buffer.from('another message');
    const signature = signMessage(crypto, key, message, { hash: 'sha256' });
    expect(verify(algorithm, message, object, signature)).toBe(true);
    const theirs = Uint8Array.from(sign(algorithm, message, object));
    expect(verifyMessage(crypto, publicKeyOf(crypto, key), message, theirs, { hash: 'sha256' })).toBe(true);
    expect(verifyMessage(crypto, publicKeyOf(crypto, key), other, theirs, { hash: 'sha256' })).toBe(false);
  });
});

describe('RSA beside openssl', () => {
  const object = made[0]!.object;
  const key = parsePrivatePem(pem(object, 'pkcs8')) as PrivateKey & { kind: 'rsa' };
  const publicKey = publicKeyOf(crypto, key);

  it.each(['sha1', 'sha256', 'sha512', 'sha3-256'] as const)('PSS with %s', (hash) => {
    const pss = { key: object, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 };
    const signature = signMessage(crypto, key, message, { hash, pssSalt: random(20) });
    expect(verify(hash, message, pss, signature)).toBe(true);
    const theirs = Uint8Array.from(sign(hash, message, pss));
    expect(verifyMessage(crypto, publicKey, message, theirs, { hash, pss: 20 })).toBe(true);
    expect(verifyMessage(crypto, publicKey, message, theirs, { hash, pss: 'auto' })).toBe(true);
    expect(verifyMessage(crypto, publicKey, message, theirs, { hash, pss: 21 })).toBe(false);
  });

  it.each(['sha1', 'sha256', 'sha512'] as const)('OAEP with %s', (oaepHash) => {
    const options = { key: object, oaepHash, padding: constants.RSA_PKCS1_OAEP_PADDING };
    const ours = oaepEncrypt(crypto, key.key, oaepHash, message, random);
    expect(privateDecrypt(options, ours)).toEqual(message);
    const theirs = Uint8Array.from(publicEncrypt(options, message));
    expect(Buffer.from(oaepDecrypt(crypto, key.key, oaepHash, theirs)!)).toEqual(message);
  });

  it('PKCS#1 v1.5 encryption', () => {
    const options = { key: object, padding: constants.RSA_PKCS1_PADDING };
    expect(privateDecrypt(options, pkcs1Encrypt(crypto, key.key, message, random))).toEqual(message);
    const theirs = Uint8Array.from(publicEncrypt(options, message));
    expect(Buffer.from(pkcs1Decrypt(crypto, key.key, theirs)!)).toEqual(message);
  });
});

describe.each([44, 65, 87] as const)('ML-DSA-%s', (level) => {
  const key = { kind: 'mldsa' as const, level, seed: random(32) };
  const object = createPrivateKey({ key: Buffer.from(toPkcs8(crypto, key)), format: 'der', type: 'pkcs8' });
  const publicKey = publicKeyOf(crypto, key);

  it('is read by openssl and signs what openssl verifies, and the other way round', () => {
    expect(parsePkcs8(toPkcs8(crypto, key))).toEqual(key);
    expect(verify(null, message, object, signMessage(crypto, key, message))).toBe(true);
    expect(verifyMessage(crypto, publicKey, message, Uint8Array.from(sign(null, message, object)))).toBe(true);
    const spki = createPublicKey(object).export({ format: 'der', type: 'spki' });
    expect(samePublicKey(parseSpki(Uint8Array.from(spki)), publicKey)).toBe(true);
  });
});
