/** ECDSA's signatures as clients send them, read as Go reads them: more generously than certificates' are. */
import { concatBytes } from '../../codec/bytes.ts';
import { DerError, DerReader } from '../../codec/der-reader.ts';
import type { EcdsaKey } from '../../crypto/crypto.ts';
import { curveSize } from '../../crypto/ecdsa.ts';
import { refuse } from '../../fault.ts';

/** r | s, each as long as the curve's numbers; undefined for what no key has signed. */
export function rawSignature(
  bytes: Uint8Array,
  curve: EcdsaKey['curve'],
  marshaling: 'asn1' | 'jws',
): Uint8Array | undefined {
  const half = Math.floor(bytes.length / 2);
  const numbers = marshaling === 'jws' ? [bytes.subarray(0, half), bytes.subarray(half)] : numbersOf(bytes);
  const size = curveSize[curve];
  const padded = numbers?.map((number) => leftPadded(number, size));
  return padded?.every((number) => number !== undefined) === true ? concatBytes(...padded) : undefined;
}

/**
 * Go reads the two numbers into a struct: what follows them in their sequence is nothing to it, and what follows the
 * sequence is extra data. Undefined when one is negative.
 */
function numbersOf(signature: Uint8Array): readonly Uint8Array[] | undefined {
  const outer = new DerReader(signature);
  const numbers = readSignature(() => {
    const inside = outer.sequence();
    return [inside.signed(), inside.signed()];
  });
  if (!outer.atEnd) throw refuse('supplied signature contains extra data');
  return numbers.some(({ negative }) => negative) ? undefined : numbers.map(({ magnitude }) => magnitude);
}

function readSignature<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) throw refuse('supplied signature is invalid');
    throw error;
  }
}

/** Undefined for a number that does not fit. */
function leftPadded(number: Uint8Array, size: number): Uint8Array | undefined {
  const from = number.findIndex((byte) => byte !== 0);
  const significant = number.subarray(from === -1 ? number.length : from);
  return significant.length > size ? undefined : concatBytes(new Uint8Array(size - significant.length), significant);
}
