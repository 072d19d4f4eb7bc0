/** A key of triple DES of 21 bytes (RFC 3961, section 6.3.1): seven give eight with the parity, weak ones are turned away from. */
import { encodeHex } from '../../codec/hex.ts';

/** Of single DES, weak and half weak. */
const WEAK: ReadonlySet<string> = new Set(
  (
    '0101010101010101 fefefefefefefefe e0e0e0e0f1f1f1f1 1f1f1f1f0e0e0e0e 011f011f010e010e 1f011f010e010e01 ' +
    '01e001e001f101f1 e001e001f101f101 01fe01fe01fe01fe fe01fe01fe01fe01 1fe01fe00ef10ef1 e01fe01ff10ef10e ' +
    '1ffe1ffe0efe0efe fe1ffe1ffe0efe0e e0fee0fef1fef1fe fee0fee0fef1fef1'
  ).split(' '),
);

function withParity(byte: number): number {
  let ones = 0;
  for (let bits = byte >> 1; bits > 0; bits >>= 1) ones += bits & 1;
  return (byte & 0xfe) | (ones % 2 === 0 ? 1 : 0);
}

/** Of seven bytes; their last bits make the eighth. */
function singleKey(seed: Uint8Array): Uint8Array {
  const last = seed.reduce((bits, byte, i) => bits | ((byte & 1) << (i + 1)), 0);
  const key = Uint8Array.of(...seed, last).map(withParity);
  if (WEAK.has(encodeHex(key))) key[7]! ^= 0xf0;
  return key;
}

export const tripleDesKey = (seed: Uint8Array): Uint8Array =>
  Uint8Array.from([0, 7, 14].flatMap((at) => [...singleKey(seed.subarray(at, at + 7))]));
