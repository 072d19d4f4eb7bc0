/** RSA over node:crypto: PKCS#1 v1.5 is deterministic there, and keys are made on its thread pool. */
import type { KeyObject } from 'node:crypto';
import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
} from 'node:crypto';
import { assert } from '../core/assert.ts';
import { equalBytes } from '../core/codec/bytes.ts';
import { decodeBase64RawUrl, encodeBase64RawUrl } from '../core/codec/base64.ts';
import type { Crypto, HashName, RsaKey, RsaPublicKey } from '../core/crypto/crypto.ts';
import { digestInfo } from '../core/crypto/rsa.ts';
import { Permits } from '../core/storage/permits.ts';

const text = encodeBase64RawUrl;
const exponentBytes = (exponent: number): Uint8Array =>
  Uint8Array.of(exponent >> 16, (exponent >> 8) & 0xff, exponent & 0xff);

/** Keys that openssl has already parsed; a key object goes with the key it was made for. */
const parsed = new WeakMap<RsaPublicKey, KeyObject>();

function privateKey(key: RsaKey): KeyObject {
  let object = parsed.get(key);
  if (object === undefined) {
    const { modulus, exponent, d, p, q, dp, dq, qi } = key;
    object = createPrivateKey({
      format: 'jwk',
      key: {
        kty: 'RSA',
        n: text(modulus),
        e: text(exponentBytes(exponent)),
        d: text(d),
        p: text(p),
        q: text(q),
        dp: text(dp),
        dq: text(dq),
        qi: text(qi),
      },
    });
    parsed.set(key, object);
  }
  return object;
}

const publicKey = ({ modulus, exponent }: RsaPublicKey): KeyObject =>
  createPublicKey({ format: 'jwk', key: { kty: 'RSA', n: text(modulus), e: text(exponentBytes(exponent)) } });

const padding = constants.RSA_PKCS1_PADDING;

export function rsaSign(key: RsaKey, hash: HashName, digest: Uint8Array): Uint8Array {
  return Uint8Array.from(privateEncrypt({ key: privateKey(key), padding }, digestInfo(hash, digest)));
}

/** False for anything malformed. */
export function rsaVerify(key: RsaPublicKey, hash: HashName, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    return equalBytes(publicDecrypt({ key: publicKey(key), padding }, signature), digestInfo(hash, digest));
  } catch {
    // Wrong padding, wrong length or no key at all: not a signature.
    return false;
  }
}

const bare = constants.RSA_NO_PADDING;

export const rsaPrivate = (key: RsaKey, block: Uint8Array): Uint8Array =>
  Uint8Array.from(privateDecrypt({ key: privateKey(key), padding: bare }, block));

export const rsaPublic = (key: RsaPublicKey, block: Uint8Array): Uint8Array =>
  Uint8Array.from(publicEncrypt({ key: publicKey(key), padding: bare }, block));

function part(value: string | undefined): Uint8Array {
  assert(value !== undefined, 'an RSA key has all its parts');
  return decodeBase64RawUrl(value);
}

/**
 * Half of libuv's threads (`UV_THREADPOOL_SIZE`): the others sync files and look up names, and a log entry that waits
 * for a few keys of 4096 bits would wait for half a minute.
 */
const making = new Permits(Math.max(1, (Number(process.env['UV_THREADPOOL_SIZE']) || 4) >> 1));

/** Real keys: from the system's generator, whatever `random` is. */
export const rsaByNode: Crypto['rsaGenerate'] = async (bits) => {
  await making.acquire();
  try {
    return await generate(bits);
  } finally {
    making.release();
  }
};

const generate = (bits: number): Promise<RsaKey> =>
  new Promise((resolve, reject) => {
    generateKeyPair('rsa', { modulusLength: bits, publicExponent: 65537 }, (error, _public, made) => {
      if (error !== null) return reject(error);
      const { n, d, p, q, dp, dq, qi } = made.export({ format: 'jwk' });
      const key: RsaKey = {
        modulus: part(n),
        exponent: 65537,
        d: part(d),
        p: part(p),
        q: part(q),
        dp: part(dp),
        dq: part(dq),
        qi: part(qi),
      };
      resolve(key);
    });
  });
