/** Packets of OpenPGP: reading their frames and writing them (RFC 4880, section 4.2). */
import { concatBytes } from '../../codec/bytes.ts';

/** What cannot be read; the texts are those of upstream's library. */
export class OpenPgpError extends Error {}

export interface Packet {
  readonly tag: number;
  readonly body: Uint8Array;
}

const cut = (): OpenPgpError => new OpenPgpError('unexpected EOF');

/** All packets; partial lengths do not occur in keys. */
export function readPackets(bytes: Uint8Array): Packet[] {
  if (bytes.length === 0) throw new OpenPgpError('EOF');
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length;) {
    const head = bytes[at]!;
    if ((head & 0x80) === 0) throw new OpenPgpError('openpgp: invalid data: tag byte does not have MSB set');
    const fresh = (head & 0x40) !== 0;
    const tag = fresh ? head & 0x3f : (head >> 2) & 0x0f;
    const { length, size } = fresh ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, head & 3);
    const start = at + 1 + size;
    if (start + length > bytes.length) throw cut();
    packets.push({ tag, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return packets;
}

const uint = (bytes: Uint8Array, at: number, size: number): number => {
  if (at + size > bytes.length) throw cut();
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + bytes[at + i]!;
  return value;
};

function oldLength(bytes: Uint8Array, at: number, type: number): { length: number; size: number } {
  if (type === 3) return { length: bytes.length - at, size: 0 };
  const size = 1 << type;
  return { length: uint(bytes, at, size), size };
}

/** Also of signature subpackets. */
export function newLength(bytes: Uint8Array, at: number): { length: number; size: number } {
  const first = uint(bytes, at, 1);
  if (first < 192) return { length: first, size: 1 };
  if (first < 224) return { length: (first - 192) * 256 + uint(bytes, at + 1, 1) + 192, size: 2 };
  if (first === 255) return { length: uint(bytes, at + 1, 4), size: 5 };
  throw new OpenPgpError('openpgp: unsupported feature: partial lengths in keys');
}

/** In the new format. */
export function writePacket(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head =
    length < 192
      ? [length]
      : length < 8384
        ? [192 + ((length - 192) >> 8), (length - 192) & 255]
        : [255, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  return concatBytes(Uint8Array.of(0xc0 | tag, ...head), ...parts);
}
