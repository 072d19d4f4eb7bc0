/** `Crypto` in plain JavaScript (noble, and an AES-GCM that remembers its key): the reference that `host/crypto.ts` has to match byte for byte. */
import { aeskw, aeskwp, cbc, cfb } from '@noble/ciphers/aes.js';
import { chacha20poly1305, xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { PreparedAesGcm } from './aes-gcm.ts';
import { makeBcrypt } from './bcrypt.ts';
import { AuthenticationFailed, type Aead, type Crypto } from './crypto.ts';
import { des3CbcDecrypt, des3CbcEncrypt } from './des.ts';
import { ed25519Public, ed25519Sign, ed25519Verify } from './ed25519.ts';
import { ecdh, ecdsaGenerate, ecdsaPublic, ecdsaSign, ecdsaVerify } from './ecdsa.ts';
import { mlDsaOver } from './ml-dsa.ts';
import { rsaFromTestPrimes, rsaPrivate, rsaPublic, rsaSign, rsaVerify } from './rsa.ts';

const hashes = {
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  'sha3-224': sha3_224,
  'sha3-256': sha3_256,
  'sha3-384': sha3_384,
  'sha3-512': sha3_512,
  md5,
};

type NobleAead = typeof chacha20poly1305 | typeof xchacha20poly1305;

function aead(cipher: NobleAead, key: Uint8Array): Aead {
  const ownKey = key.slice();
  return {
    seal: (nonce, plaintext, aad) => cipher(ownKey, nonce, aad).encrypt(plaintext),
    open(nonce, sealed, aad) {
      try {
        return cipher(ownKey, nonce, aad).decrypt(sealed);
      } catch {
        // Wrong tag, stump or nonce: all the same to who sent it.
        throw new AuthenticationFailed();
      }
    },
  };
}

const aesCbc = (key: Uint8Array) => cbc(key, new Uint8Array(16), { disablePadding: true });

export function portableCrypto(): Crypto {
  const bcrypt = makeBcrypt();
  return {
    aesGcm: (key) => new PreparedAesGcm(key),
    chacha20Poly1305: (key) => aead(chacha20poly1305, key),
    xchacha20Poly1305: (key) => aead(xchacha20poly1305, key),
    wrapKey: (kek, key) => aeskwp(kek).encrypt(key),
    unwrapKey(kek, wrapped) {
      try {
        return aeskwp(kek).decrypt(wrapped);
      } catch {
        // Another key, or no wrapped key at all.
        return undefined;
      }
    },
    wrapBlocks: (kek, key) => aeskw(kek).encrypt(key),
    cfbEncrypt: (key, plaintext) => cfb(key, new Uint8Array(16)).encrypt(plaintext),
    cbcEncrypt: (cipher, key, plaintext) =>
      cipher === 'des3' ? des3CbcEncrypt(key, plaintext) : aesCbc(key).encrypt(plaintext),
    cbcDecrypt: (cipher, key, ciphertext) =>
      cipher === 'des3' ? des3CbcDecrypt(key, ciphertext) : aesCbc(key).decrypt(ciphertext),
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
    ecdsaVerifyMessage: (curve, point, hash, message, signature) =>
      ecdsaVerify(curve, point, hashes[hash](message), signature),
    ecdh,
    rsaGenerate: async (bits, random) => rsaFromTestPrimes(bits, random),
    rsaSign,
    rsaVerify,
    rsaPrivate,
    rsaPublic,
    mlDsa: mlDsaOver(() => ({ ml_dsa44, ml_dsa65, ml_dsa87 })),
    ed25519Public,
    ed25519Sign,
    ed25519Verify,
    bcryptHash: async (password, cost, salt) => bcrypt.hash(password, cost, salt),
    bcryptVerify: async (password, hash) => bcrypt.verify(password, hash),
  };
}
