/**
 * `Crypto` over node:crypto: the same bytes as `core/crypto/portable.ts`, faster. Only what node does
 * deterministically comes from it.
 */
import { createHash, createHmac, hash as hashOnce, timingSafeEqual } from 'node:crypto';
import { createRequire } from 'node:module';
import { assert } from '../core/assert.ts';
import { concatBytes } from '../core/codec/bytes.ts';
import { makeBcrypt } from '../core/crypto/bcrypt.ts';
import { PreparedAesGcm } from '../core/crypto/aes-gcm.ts';
import { digestSize, type AesGcm, type Crypto, type HashName } from '../core/crypto/crypto.ts';
import { ecdh, ecdsaGenerate, ecdsaVerify } from '../core/crypto/ecdsa.ts';
import { mlDsaOver, type MlDsaLibrary } from '../core/crypto/ml-dsa.ts';
import { rsaFromTestPrimes } from '../core/crypto/rsa.ts';
import { chacha20Poly1305, nodeAead, xchacha20Poly1305 } from './aead.ts';
import { cbcDecrypt, cbcEncrypt, cfbEncrypt } from './cbc.ts';
import { ecdsaPublic, ecdsaSign, ecdsaVerifyMessage } from './ecdsa.ts';
import { ed25519Public, ed25519Sign, ed25519Verify } from './ed25519.ts';
import { unwrapKey, wrapBlocks, wrapKey } from './key-wrap.ts';
import { rsaPrivate, rsaPublic, rsaSign, rsaVerify } from './rsa.ts';

/** Up to here plain JavaScript with a prepared key beats a new OpenSSL context. */
const smallBytes = 512;

/** Loaded when the first ML-DSA key is used: it costs a third of the start-up. */
let loadedMlDsa: MlDsaLibrary | undefined;
const mlDsaLibrary = (): MlDsaLibrary =>
  (loadedMlDsa ??= createRequire(import.meta.url)('@noble/post-quantum/ml-dsa.js') as MlDsaLibrary);

/** Where passwords are hashed: on a real server off the main thread (`bcryptInWorker`), in simulation in place. */
export type BcryptPlace = Pick<Crypto, 'bcryptHash' | 'bcryptVerify'>;

/** Where RSA keys come from: on a real server from openssl (`rsaByNode`), in simulation from test primes. */
export type RsaSource = Crypto['rsaGenerate'];

const rsaForTests: RsaSource = async (bits, random) => rsaFromTestPrimes(bits, random);

export function nodeCrypto(bcrypt: BcryptPlace = bcryptInPlace(), rsaGenerate: RsaSource = rsaForTests): Crypto {
  return {
    aesGcm,
    chacha20Poly1305,
    xchacha20Poly1305,
    wrapKey,
    unwrapKey,
    wrapBlocks,
    cfbEncrypt,
    cbcEncrypt,
    cbcDecrypt,
    hash(name, ...parts) {
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      // Copying a little costs less than OpenSSL's context for a hash in steps.
      if (parts.length === 1 || length <= smallBytes) {
        return digestBytes(hashOnce(name, parts.length === 1 ? parts[0]! : concatBytes(...parts), 'latin1'));
      }
      const state = createHash(name);
      for (const part of parts) state.update(part);
      return digestBytes(state.digest('latin1'));
    },
    hmac,
    hkdf,
    equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
    ecdsaGenerate,
    ecdsaPublic,
    ecdsaSign,
    ecdsaVerify,
    ecdsaVerifyMessage,
    ecdh,
    rsaGenerate,
    rsaSign,
    rsaVerify,
    rsaPrivate,
    rsaPublic,
    mlDsa: mlDsaOver(mlDsaLibrary),
    ed25519Public,
    ed25519Sign,
    ed25519Verify,
    bcryptHash: (password, cost, salt) => bcrypt.bcryptHash(password, cost, salt),
    bcryptVerify: (password, hash) => bcrypt.bcryptVerify(password, hash),
  };
}

function bcryptInPlace(): BcryptPlace {
  const bcrypt = makeBcrypt();
  return {
    bcryptHash: async (password, cost, salt) => bcrypt.hash(password, cost, salt),
    bcryptVerify: async (password, hash) => bcrypt.verify(password, hash),
  };
}

function aesGcm(key: Uint8Array): AesGcm {
  const small = new PreparedAesGcm(key);
  const large = nodeAead(`aes-${(key.length * 8) as 128 | 192 | 256}-gcm`, key.slice());
  return {
    seal(nonce, plaintext, aad, room = 0) {
      if (plaintext.length <= smallBytes) return small.seal(nonce, plaintext, aad, room);
      return large.seal(nonce, plaintext, aad, room);
    },
    open(nonce, sealed, aad) {
      return sealed.length <= smallBytes ? small.open(nonce, sealed, aad) : large.open(nonce, sealed, aad);
    },
  };
}

function hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHmac(name, key);
  for (const part of parts) state.update(part);
  return digestBytes(state.digest('latin1'));
}

/** A text and a loop cost half of the buffer that node would make for so few bytes. */
function digestBytes(latin1: string): Uint8Array {
  const bytes = new Uint8Array(latin1.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = latin1.charCodeAt(at);
  return bytes;
}

/** RFC 5869 by hand: node's hkdfSync refuses what noble and Go accept (keys and infos of unusual sizes). */
function hkdf(name: HashName, secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const size = digestSize[name];
  assert(length <= 255 * size, 'HKDF gives at most 255 blocks');
  const key = hmac(name, salt, secret);
  const out = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let at = 0, counter = 1; at < length; at += size, counter++) {
    block = hmac(name, key, block, info, Uint8Array.of(counter));
    out.set(block.subarray(0, Math.min(size, length - at)), at);
  }
  return out;
}
