/** A seeded generator of secret-looking bytes: the ChaCha20 key stream (RFC 8439) under SHA-256 of the seed. */
import { chacha20 } from '@noble/ciphers/chacha.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { assert } from '../assert.ts';

const poolBytes = 2048;

/** The bytes depend only on the seed and on how many were drawn before, not on how the draws were cut. */
export function drbg(seed: Uint8Array): (length: number) => Uint8Array {
  const key = sha256(seed);
  const nonce = new Uint8Array(12);
  const counter = new DataView(nonce.buffer);
  const zeros = new Uint8Array(poolBytes);
  let pool = zeros;
  let used = poolBytes;
  let refills = 0;

  return (length) => {
    const out = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      if (used === poolBytes) {
        assert(refills < 0xffff_ffff, 'a seed gives at most 8 TiB');
        counter.setUint32(8, refills++);
        pool = chacha20(key, nonce, zeros);
        used = 0;
      }
      const take = Math.min(length - filled, poolBytes - used);
      out.set(pool.subarray(used, used + take), filled);
      used += take;
      filled += take;
    }
    return out;
  };
}
