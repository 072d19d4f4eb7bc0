/** AES in CBC mode with ciphertext stealing, from a first block of zeros (RFC 3962, section 5): as long as what goes in. */
import { concatBytes } from '../../codec/bytes.ts';
import type { Crypto } from '../crypto.ts';

const BLOCK = 16;

/** Where the last block of so many bytes begins; it may be short. */
const lastBlock = (length: number): number => Math.floor((length - 1) / BLOCK) * BLOCK;

export function ctsEncrypt(crypto: Crypto, key: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const last = lastBlock(plaintext.length);
  const padded = new Uint8Array(last + BLOCK);
  padded.set(plaintext);
  const sealed = crypto.cbcEncrypt('aes', key, padded);
  if (last === 0) return sealed;
  // The last two change places, and the one that is last now gives up what the text lacks.
  const before = last - BLOCK;
  return concatBytes(
    sealed.subarray(0, before),
    sealed.subarray(last),
    sealed.subarray(before, before + plaintext.length - last),
  );
}

/** Undefined when it is shorter than a block. */
export function ctsDecrypt(crypto: Crypto, key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < BLOCK) return undefined;
  const last = lastBlock(sealed.length);
  if (last === 0) return crypto.cbcDecrypt('aes', key, sealed);
  const before = last - BLOCK;
  const swapped = sealed.subarray(before, last);
  const short = sealed.subarray(last);
  // What was given up is still to be seen in the block that was last.
  const mixed = crypto.cbcDecrypt('aes', key, swapped);
  const whole = concatBytes(sealed.subarray(0, before), short, mixed.subarray(short.length), swapped);
  return crypto.cbcDecrypt('aes', key, whole).subarray(0, sealed.length);
}
