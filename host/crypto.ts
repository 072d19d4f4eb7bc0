/**
 * `Crypto` over node:crypto: the same bytes as `core/crypto/portable.ts`, faster. Only what node does
 * deterministically comes from it; ECDSA stays noble's, because node draws its own nonces.
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  hash as hashOnce,
  timingSafeEqual,
  type CipherGCMTypes,
} from 'node:crypto';
import { assert } from '../core/assert.ts';
import { concatBytes } from '../core/codec/bytes.ts';
import { makeBcrypt } from '../core/crypto/bcrypt.ts';
import { PreparedAesGcm } from '../core/crypto/aes-gcm.ts';
import { AuthenticationFailed, type AesGcm, type Crypto, type HashName } from '../core/crypto/crypto.ts';
import { ecdsaGenerate, ecdsaSign, ecdsaVerify } from '../core/crypto/ecdsa.ts';
import { rsaFromTestPrimes } from '../core/crypto/rsa.ts';
import { ed25519Public, ed25519Sign, ed25519Verify } from './ed25519.ts';
import { rsaSign, rsaVerify } from './rsa.ts';

const tagBytes = 16;
/** Up to here plain JavaScript with a prepared key beats a new OpenSSL context. */
const smallBytes = 512;
const gcmOptions = { authTagLength: tagBytes };
const opensslCurves = { p256: 'prime256v1', p384: 'secp384r1', p521: 'secp521r1' };
const digestBytes = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64, md5: 16 };

/** Where passwords are hashed: on a real server off the main thread (`bcryptInWorker`), in simulation in place. */
export type BcryptPlace = Pick<Crypto, 'bcryptHash' | 'bcryptVerify'>;

/** Where RSA keys come from: on a real server from openssl (`rsaByNode`), in simulation from test primes. */
export type RsaSource = Crypto['rsaGenerate'];

const rsaForTests: RsaSource = async (bits, random) => rsaFromTestPrimes(bits, random);

export function nodeCrypto(bcrypt: BcryptPlace = bcryptInPlace(), rsaGenerate: RsaSource = rsaForTests): Crypto {
  return {
    aesGcm,
    hash(name, ...parts) {
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      // Copying a little costs less than OpenSSL's context for a hash in steps.
      if (parts.length === 1 || length <= smallBytes) {
        return plain(hashOnce(name, parts.length === 1 ? parts[0]! : concatBytes(...parts), 'buffer'));
      }
      const state = createHash(name);
      for (const part of parts) state.update(part);
      return plain(state.digest());
    },
    hmac,
    hkdf,
    equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
    ecdsaGenerate,
    ecdsaPublic(key) {
      const point = createECDH(opensslCurves[key.curve]);
      point.setPrivateKey(key.secret);
      return plain(point.getPublicKey());
    },
    ecdsaSign,
    ecdsaVerify,
    rsaGenerate,
    rsaSign,
    rsaVerify,
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

/** A Buffer is not a Uint8Array where it matters (`slice` shares memory, `toString` decodes). */
const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);

function aesGcm(key: Uint8Array): AesGcm {
  const small = new PreparedAesGcm(key);
  const algorithm: CipherGCMTypes = `aes-${(key.length * 8) as 128 | 192 | 256}-gcm`;
  const ownKey = key.slice();
  return {
    seal(nonce, plaintext, aad, room = 0) {
      if (plaintext.length <= smallBytes) return small.seal(nonce, plaintext, aad, room);
      assert(nonce.length === 12, 'a GCM nonce is 12 bytes');
      const cipher = createCipheriv(algorithm, ownKey, nonce, gcmOptions);
      if (aad !== undefined && aad.length > 0) cipher.setAAD(aad);
      const out = new Uint8Array(room + plaintext.length + tagBytes);
      if (plaintext.length > 0) out.set(cipher.update(plaintext), room);
      cipher.final();
      out.set(cipher.getAuthTag(), room + plaintext.length);
      return out;
    },
    open(nonce, sealed, aad) {
      if (sealed.length <= smallBytes) return small.open(nonce, sealed, aad);
      if (nonce.length !== 12) throw new AuthenticationFailed();
      const split = sealed.length - tagBytes;
      const cipher = createDecipheriv(algorithm, ownKey, nonce, gcmOptions);
      if (aad !== undefined && aad.length > 0) cipher.setAAD(aad);
      cipher.setAuthTag(sealed.subarray(split));
      const opened = plain(cipher.update(sealed.subarray(0, split)));
      try {
        cipher.final();
      } catch {
        throw new AuthenticationFailed();
      }
      return opened;
    },
  };
}

function hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHmac(name, key);
  for (const part of parts) state.update(part);
  return plain(state.digest());
}

/** RFC 5869 by hand: node's hkdfSync refuses what noble and Go accept (keys and infos of unusual sizes). */
function hkdf(name: HashName, secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const size = digestBytes[name];
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
