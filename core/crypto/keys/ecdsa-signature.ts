/** The two shapes of an ECDSA signature: r | s (as `Crypto` has it) and SEQUENCE { r, s } (as certificates have it). */
import { concatBytes } from '../../codec/bytes.ts';
import { der } from '../../codec/der.ts';
import { DerError, DerReader } from '../../codec/der-reader.ts';
import type { EcdsaKey } from '../crypto.ts';
import { curveSize } from '../ecdsa.ts';

export function ecdsaSignatureToDer(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  return der.sequence(der.integer(raw.subarray(0, half)), der.integer(raw.subarray(half)));
}

/** Each number padded to the curve's size; undefined when it is no such signature. */
export function ecdsaSignatureFromDer(signature: Uint8Array, curve: EcdsaKey['curve']): Uint8Array | undefined {
  try {
    const outer = new DerReader(signature);
    const numbers = outer.sequence();
    outer.end();
    const r = numbers.magnitude();
    const s = numbers.magnitude();
    numbers.end();
    const size = curveSize[curve];
    if (r.length > size || s.length > size) return undefined;
    return concatBytes(new Uint8Array(size - r.length), r, new Uint8Array(size - s.length), s);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
