/** HChaCha20: the subkey of XChaCha20 (draft-irtf-cfrg-xchacha, section 2.2). */
import { assert } from '../assert.ts';
import { encodeUtf8 } from '../codec/utf8.ts';

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** One step of a quarter round: `a` takes in `b`, and the sum is mixed into `d`. */
function mix(x: Int32Array, a: number, b: number, d: number, by: number): void {
  x[a] = x[a]! + x[b]!;
  x[d] = rotate(x[d]! ^ x[a], by);
}

function quarter(x: Int32Array, a: number, b: number, c: number, d: number): void {
  mix(x, a, b, d, 16);
  mix(x, c, d, b, 12);
  mix(x, a, b, d, 8);
  mix(x, c, d, b, 7);
}

/** `key` is 32 bytes, `nonce` the first 16 of 24. Returns 32 bytes. */
export function hchacha20(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  assert(key.length === 32 && nonce.length === 16, 'HChaCha20 takes a key of 32 bytes and 16 of the nonce');
  const block = new Uint8Array(64);
  block.set(encodeUtf8('expand 32-byte k'));
  block.set(key, 16);
  block.set(nonce, 48);
  const view = new DataView(block.buffer);
  const x = Int32Array.from({ length: 16 }, (_, i) => view.getInt32(4 * i, true));
  for (let round = 0; round < 10; round++) {
    quarter(x, 0, 4, 8, 12);
    quarter(x, 1, 5, 9, 13);
    quarter(x, 2, 6, 10, 14);
    quarter(x, 3, 7, 11, 15);
    quarter(x, 0, 5, 10, 15);
    quarter(x, 1, 6, 11, 12);
    quarter(x, 2, 7, 8, 13);
    quarter(x, 3, 4, 9, 14);
  }
  const out = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 4; i++) {
    out.setInt32(4 * i, x[i]!, true);
    out.setInt32(16 + 4 * i, x[12 + i]!, true);
  }
  return new Uint8Array(out.buffer);
}
