/** `Crypto` in plain JavaScript (noble): the reference that `host/crypto.ts` has to match byte for byte. */
import { gcm } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { assert } from '../assert.ts';
import { makeBcrypt } from './bcrypt.ts';
import { AuthenticationFailed, type AesGcm, type Crypto } from './crypto.ts';
import { ecdsaGenerate, ecdsaPublic, ecdsaSign, ecdsaVerify } from './ecdsa.ts';

const hashes = { sha1, sha224, sha256, sha384, sha512, md5 };
const tagBytes = 16;

export function portableCrypto(): Crypto {
  const bcrypt = makeBcrypt();
  return {
    aesGcm,
    hash(name, ...parts) {
      if (parts.length === 1) return hashes[name](parts[0]!);
      const state = hashes[name].create();
      for (const part of parts) state.update(part);
      return state.digest();
    },
    hmac(name, key, ...parts) {
      const state = hmac.create(hashes[name], key);
      for (const part of parts) state.update(part);
      return state.digest();
    },
    hkdf: (name, secret, salt, info, length) => hkdf(hashes[name], secret, salt, info, length),
    equal(a, b) {
      if (a.length !== b.length) return false;
      let difference = 0;
      for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
      return difference === 0;
    },
    ecdsaGenerate,
    ecdsaPublic,
    ecdsaSign,
    ecdsaVerify,
    bcryptHash: async (password, cost, salt) => bcrypt.hash(password, cost, salt),
    bcryptVerify: async (password, hash) => bcrypt.verify(password, hash),
  };
}

function aesGcm(key: Uint8Array): AesGcm {
  assert(key.length === 16 || key.length === 24 || key.length === 32, 'an AES key is 16, 24 or 32 bytes');
  const ownKey = key.slice();
  return {
    seal(nonce, plaintext, aad, room = 0) {
      assert(nonce.length === 12, 'a GCM nonce is 12 bytes');
      const sealed = gcm(ownKey, nonce, aad).encrypt(plaintext);
      if (room === 0) return sealed;
      const out = new Uint8Array(room + sealed.length);
      out.set(sealed, room);
      return out;
    },
    open(nonce, sealed, aad) {
      if (nonce.length !== 12 || sealed.length < tagBytes) throw new AuthenticationFailed();
      try {
        return gcm(ownKey, nonce, aad).decrypt(sealed);
      } catch {
        throw new AuthenticationFailed();
      }
    },
  };
}
