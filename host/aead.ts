/** Authenticated ciphers over node:crypto. */
import { createCipheriv, createDecipheriv, type CipherChaCha20Poly1305Types, type CipherGCMTypes } from 'node:crypto';
import { assert } from '../core/assert.ts';
import { AuthenticationFailed, type Aead, type AesGcm } from '../core/crypto/crypto.ts';
import { hchacha20 } from '../core/crypto/hchacha.ts';
import { plain } from './bytes.ts';

const tagBytes = 16;
const options = { authTagLength: tagBytes };

/** `key` is kept, so it must be the caller's own copy; nonces are 12 bytes. */
export function nodeAead(algorithm: CipherGCMTypes | CipherChaCha20Poly1305Types, key: Uint8Array): AesGcm {
  // The two kinds differ in their type declarations only.
  const kind = algorithm as CipherGCMTypes;
  return {
    seal(nonce, plaintext, aad, room = 0) {
      assert(nonce.length === 12, 'a nonce is 12 bytes');
      const cipher = createCipheriv(kind, key, nonce, options);
      if (aad !== undefined && aad.length > 0) cipher.setAAD(aad);
      const out = new Uint8Array(room + plaintext.length + tagBytes);
      if (plaintext.length > 0) out.set(cipher.update(plaintext), room);
      cipher.final();
      out.set(cipher.getAuthTag(), room + plaintext.length);
      return out;
    },
    open(nonce, sealed, aad) {
      const split = sealed.length - tagBytes;
      if (nonce.length !== 12 || split < 0) throw new AuthenticationFailed();
      const cipher = createDecipheriv(kind, key, nonce, options);
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

export const chacha20Poly1305 = (key: Uint8Array): Aead => nodeAead('chacha20-poly1305', key.slice());

/** XChaCha20 is ChaCha20 under a subkey of the first 16 bytes of the nonce. */
export function xchacha20Poly1305(key: Uint8Array): Aead {
  const ownKey = key.slice();
  const under = (nonce: Uint8Array): Aead => nodeAead('chacha20-poly1305', hchacha20(ownKey, nonce.subarray(0, 16)));
  const rest = (nonce: Uint8Array): Uint8Array => {
    const short = new Uint8Array(12);
    short.set(nonce.subarray(16), 4);
    return short;
  };
  return {
    seal: (nonce, plaintext, aad) => under(nonce).seal(rest(nonce), plaintext, aad),
    open(nonce, sealed, aad) {
      if (nonce.length !== 24) throw new AuthenticationFailed();
      return under(nonce).open(rest(nonce), sealed, aad);
    },
  };
}
