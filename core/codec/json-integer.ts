/** Big integers in JSON, as Go's math/big writes them: plain decimal literals. */
import { encodeHex, decodeHex } from './hex.ts';
import { JsonNumber, type JsonValue } from './json.ts';

/** Of big-endian bytes. */
export const integerToJson = (bytes: Uint8Array): JsonNumber =>
  new JsonNumber(bytes.length === 0 ? '0' : String(BigInt(`0x${encodeHex(bytes)}`)));

/** Big-endian without leading zeros, or padded to `size`; undefined when it is no non-negative integer. */
export function integerFromJson(value: JsonValue | undefined, size = 0): Uint8Array | undefined {
  const literal = value instanceof JsonNumber ? value.literal : typeof value === 'number' ? String(value) : '';
  if (!/^\d+$/.test(literal)) return undefined;
  const hex = BigInt(literal).toString(16);
  return decodeHex(hex.padStart(Math.max(2 * size, hex.length + (hex.length % 2)), '0'));
}
