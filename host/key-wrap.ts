/** AES key wrap with padding (RFC 5649) and without (RFC 3394) over node:crypto. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concatBytes } from '../core/codec/bytes.ts';
import { decodeHex } from '../core/codec/hex.ts';

const initial = decodeHex('a65959a6');
const algorithm = (kek: Uint8Array): string => `id-aes${kek.length * 8}-wrap-pad`;

export function wrapKey(kek: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv(algorithm(kek), kek, initial);
  return concatBytes(cipher.update(key), cipher.final());
}

export function wrapBlocks(kek: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`id-aes${kek.length * 8}-wrap`, kek, new Uint8Array(8).fill(0xa6));
  return concatBytes(cipher.update(key), cipher.final());
}

/** Undefined when the wrapped bytes are not of this key. */
export function unwrapKey(kek: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined {
  try {
    const cipher = createDecipheriv(algorithm(kek), kek, initial);
    return concatBytes(cipher.update(wrapped), cipher.final());
  } catch {
    // Another key, or no wrapped key at all.
    return undefined;
  }
}
