/**
 * The compression of upstream's JSON blobs: one byte that names the method, then the stream. Written: 'G', gzip.
 * Read: gzip, snappy ('S', of which identities' buckets are), or the value as it is when it does not begin with a known
 * canary (facts §1.1).
 */
import { gunzipSync, gzipSync } from 'fflate/browser';
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

/** Throws what the reader of the method throws on a torn stream. */
export function decompress(stored: Uint8Array): Uint8Array {
  if (stored[0] === GZIP) return gunzipSync(stored.subarray(1));
  return stored[0] === SNAPPY ? readSnappyStream(stored.subarray(1)) : stored;
}
