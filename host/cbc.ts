/** CBC without padding, and CFB, over node:crypto. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concatBytes } from '../core/codec/bytes.ts';
import type { CbcCipher } from '../core/crypto/crypto.ts';

const algorithm = (cipher: CbcCipher, key: Uint8Array): string =>
  cipher === 'des3' ? 'des-ede3-cbc' : `aes-${key.length * 8}-cbc`;
const zeros = (cipher: CbcCipher): Uint8Array => new Uint8Array(cipher === 'des3' ? 8 : 16);

export function cbcEncrypt(cipher: CbcCipher, key: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const state = createCipheriv(algorithm(cipher, key), key, zeros(cipher)).setAutoPadding(false);
  return concatBytes(state.update(plaintext), state.final());
}

export function cbcDecrypt(cipher: CbcCipher, key: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const state = createDecipheriv(algorithm(cipher, key), key, zeros(cipher)).setAutoPadding(false);
  return concatBytes(state.update(ciphertext), state.final());
}

export function cfbEncrypt(key: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const state = createCipheriv(`aes-${key.length * 8}-cfb`, key, new Uint8Array(16));
  return concatBytes(state.update(plaintext), state.final());
}
