/** `Crypto` in plain JavaScript (noble, and an AES-GCM that remembers its key): the reference that `host/crypto.ts` has to match byte for byte. */
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { PreparedAesGcm } from './aes-gcm.ts';
import { makeBcrypt } from './bcrypt.ts';
import type { Crypto } from './crypto.ts';
import { ed25519Public, ed25519Sign, ed25519Verify } from './ed25519.ts';
import { ecdsaGenerate, ecdsaPublic, ecdsaSign, ecdsaVerify } from './ecdsa.ts';
import { rsaFromTestPrimes, rsaSign, rsaVerify } from './rsa.ts';

const hashes = { sha1, sha224, sha256, sha384, sha512, md5 };

export function portableCrypto(): Crypto {
  const bcrypt = makeBcrypt();
  return {
    aesGcm: (key) => new PreparedAesGcm(key),
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
    rsaGenerate: async (bits, random) => rsaFromTestPrimes(bits, random),
    rsaSign,
    rsaVerify,
    ed25519Public,
    ed25519Sign,
    ed25519Verify,
    bcryptHash: async (password, cost, salt) => bcrypt.hash(password, cost, salt),
    bcryptVerify: async (password, hash) => bcrypt.verify(password, hash),
  };
}
