/** PNG (ISO/IEC 15948) of black and white pictures. */
import { zlibSync } from 'fflate/browser';
import { concatBytes, writeUint32 } from './bytes.ts';
import { crc32 } from './crc32.ts';
import { encodeUtf8 } from './utf8.ts';

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concatBytes(encodeUtf8(type), data);
  const out = new Uint8Array(body.length + 8);
  writeUint32(out, 0, data.length);
  out.set(body, 4);
  writeUint32(out, body.length + 4, crc32(body));
  return out;
}

/** A square; `isDark` is asked for every pixel. */
export function squarePng(size: number, isDark: (x: number, y: number) => boolean): Uint8Array {
  const header = new Uint8Array(13);
  writeUint32(header, 0, size);
  writeUint32(header, 4, size);
  // One bit of grey, no filter beyond the first, no interlacing.
  header[8] = 1;
  const stride = 1 + Math.ceil(size / 8);
  const rows = new Uint8Array(stride * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (!isDark(x, y)) rows[y * stride + 1 + (x >> 3)]! |= 0x80 >> (x & 7);
    }
  }
  return concatBytes(
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    chunk('IDAT', zlibSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  );
}
