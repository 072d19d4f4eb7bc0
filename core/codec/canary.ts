/**
 * The compression of upstream's JSON blobs: one byte that names the method, then the stream. Written: 'G', gzip.
 * Read: gzip, or the value as it is when it does not begin with a known canary (facts §1.1).
 */
import { gunzipSync, gzipSync } from 'fflate/browser';

const GZIP = 0x47;

export function compress(plain: Uint8Array): Uint8Array {
  const packed = gzipSync(plain, { level: 9, mtime: 0 });
  const out = new Uint8Array(packed.length + 1);
  out[0] = GZIP;
  out.set(packed, 1);
  return out;
}

export const isCompressed = (stored: Uint8Array): boolean => stored[0] === GZIP;

/** Throws what the gzip reader throws on a torn stream. */
export const decompress = (stored: Uint8Array): Uint8Array =>
  stored[0] === GZIP ? gunzipSync(stored.subarray(1)) : stored;
