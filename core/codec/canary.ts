/**
 * The compression of upstream's JSON blobs: one byte that names the method, then the stream. Written: 'G', gzip.
 * Read: gzip, snappy ('S', of which identities' buckets are), or the value as it is when it does not begin with a known
 * canary (facts §1.1).
 */
import { gunzipSync, gzipSync } from 'fflate/browser';
import { crc32 } from './crc32.ts';
import { readSnappyStream } from './snappy.ts';

const GZIP = 0x47;
const SNAPPY = 0x53;

export function compress(plain: Uint8Array): Uint8Array {
  const packed = gzipSync(plain, { level: 9, mtime: 0 });
  const out = new Uint8Array(packed.length + 1);
  out[0] = GZIP;
  out.set(packed, 1);
  return out;
}

export const isCompressed = (stored: Uint8Array): boolean => stored[0] === GZIP;

/** Throws an Error in upstream's words for a stream that is torn, rotten or none. */
export function decompress(stored: Uint8Array): Uint8Array {
  const [canary] = stored;
  if (canary !== GZIP && canary !== SNAPPY) return stored;
  if (stored.length === 1) throw new Error("invalid 'data' after the canary");
  const stream = stored.subarray(1);
  return canary === GZIP ? gunzip(stream) : readSnappyStream(stream);
}

const HEAD = 10;
const TRAILER = 8;

/** Of one member; what its trailer says of it is looked at, as fflate does not. */
function gunzip(stream: Uint8Array): Uint8Array {
  const noHead = (reason: string): Error => new Error(`failed to create a compression reader: ${reason}`);
  if (stream.length < HEAD) throw noHead('unexpected EOF');
  if (stream[0] !== 0x1f || stream[1] !== 0x8b || stream[2] !== 8) throw noHead('gzip: invalid header');
  if (stream.length < HEAD + TRAILER) throw new Error('unexpected EOF');
  const plain = gunzipSync(stream);
  const trailer = new DataView(stream.buffer, stream.byteOffset + stream.length - TRAILER, TRAILER);
  if (trailer.getUint32(0, true) !== crc32(plain) || trailer.getUint32(4, true) !== plain.length) {
    throw new Error('gzip: invalid checksum');
  }
  return plain;
}
