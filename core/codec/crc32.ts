/** CRC-32 (IEEE 802.3), as Go's hash/crc32: against torn and rotten bytes, not against people. */
const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** `seed` is the checksum of what came before. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  let value = ~seed;
  for (let at = 0; at < bytes.length; at++) value = (value >>> 8) ^ table[(value ^ bytes[at]!) & 0xff]!;
  return ~value >>> 0;
}
