/** Snappy's formats, for reading: upstream keeps its buckets of identities as such streams. */
import { concatBytes } from './bytes.ts';

class SnappyError extends Error {
  constructor() {
    super('snappy: corrupt input');
    this.name = 'SnappyError';
  }
}

/** Bytes of an offset behind tags 1, 2 and 3; that of tag 1 has three more bits in its tag. */
const OFFSET_BYTES = [0, 1, 2, 4];
/** A literal's length stands in the tag up to 60, and beyond that in 1 to 4 bytes behind it. */
const LONG_LITERAL = 60;

const HEAD = 4;
const CHECKSUM = 4;
const COMPRESSED = 0x00;
const PLAIN = 0x01;
/** From here on chunks may be passed over. */
const SKIPPABLE = 0x80;

/**
 * A stream of chunks. Their checksums are not looked at: what is stored has been authenticated as a whole. Throws an
 * Error on what is no such stream.
 */
export function readSnappyStream(stream: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < stream.length) {
    const [kind = 0, low = 0, middle = 0, high = 0] = stream.subarray(at, at + HEAD);
    const end = at + HEAD + low + middle * 256 + high * 65_536;
    if (at + HEAD > stream.length || end > stream.length) throw new SnappyError();
    const data = stream.subarray(Math.min(at + HEAD + CHECKSUM, end), end);
    if (kind === COMPRESSED) parts.push(readSnappy(data));
    else if (kind === PLAIN) parts.push(data);
    else if (kind < SKIPPABLE) throw new SnappyError();
    at = end;
  }
  return concatBytes(...parts);
}

/** One block. Throws an Error on what is none. */
export function readSnappy(block: Uint8Array): Uint8Array {
  let at = 0;
  const byte = (): number => {
    const next = block[at++];
    if (next === undefined) throw new SnappyError();
    return next;
  };
  const little = (bytes: number): number => {
    let value = 0;
    for (let index = 0; index < bytes; index++) value += byte() * 256 ** index;
    return value;
  };
  let length = 0;
  for (let shift = 1; ; shift *= 128) {
    const next = byte();
    length += (next & 127) * shift;
    if (next < 128) break;
    if (shift > 2 ** 28) throw new SnappyError();
  }
  // No element of three bytes makes more than 64.
  if (length > block.length * 64) throw new SnappyError();
  const out = new Uint8Array(length);
  let end = 0;
  while (at < block.length) {
    const tag = byte();
    const kind = tag & 3;
    if (kind === 0) {
      const inTag = tag >> 2;
      const size = 1 + (inTag < LONG_LITERAL ? inTag : little(inTag - LONG_LITERAL + 1));
      if (at + size > block.length || end + size > length) throw new SnappyError();
      out.set(block.subarray(at, at + size), end);
      [at, end] = [at + size, end + size];
      continue;
    }
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const offset = little(OFFSET_BYTES[kind]!) + (kind === 1 ? (tag >> 5) * 256 : 0);
    if (offset === 0 || offset > end || end + size > length) throw new SnappyError();
    // What is copied may reach into what it makes.
    for (const stop = end + size; end < stop; end++) out[end] = out[end - offset]!;
  }
  if (end !== length) throw new SnappyError();
  return out;
}
