/** Tar archives (POSIX ustar), as far as raft snapshots need them: plain files, whole in memory. */
import { concatBytes } from './bytes.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const BLOCK = 512;

export interface TarFile {
  readonly name: string;
  readonly data: Uint8Array;
  /** Unix permissions; 0600 when left out. */
  readonly mode?: number;
  /** Unix seconds. */
  readonly mtime?: number;
}

export class TarError extends Error {
  constructor(message: string) {
    super(`archive/tar: ${message}`);
    this.name = 'TarError';
  }
}

/** Names are at most 100 bytes. */
export function writeTar(files: readonly TarFile[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const file of files) {
    parts.push(header(file), file.data);
    const rest = file.data.length % BLOCK;
    if (rest > 0) parts.push(new Uint8Array(BLOCK - rest));
  }
  return concatBytes(...parts, new Uint8Array(2 * BLOCK));
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');

function header({ name, data, mode = 0o600, mtime = 0 }: TarFile): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string): void => block.set(encodeUtf8(text), at);
  if (encodeUtf8(name).length > 100) throw new TarError('header field too long');
  put(0, name);
  put(100, `${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(data.length, 11)}\0${octal(mtime, 11)}\0`);
  put(148, '        0');
  put(257, 'ustar\x0000');
  put(329, `${octal(0, 7)}\0${octal(0, 7)}\0`);
  put(148, `${octal(checksum(block), 6)}\0 `);
  return block;
}

function checksum(block: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : block[i]!;
  return sum;
}

const text = (block: Uint8Array, from: number, length: number): string => {
  const field = block.subarray(from, from + length);
  const end = field.indexOf(0);
  return decodeUtf8(end < 0 ? field : field.subarray(0, end));
};

/** Plain files in order; other entries are skipped. Throws TarError ('invalid tar header', 'unexpected EOF'). */
export function readTar(archive: Uint8Array): TarFile[] {
  const files: TarFile[] = [];
  for (let at = 0; at + BLOCK <= archive.length;) {
    const block = archive.subarray(at, at + BLOCK);
    if (block.every((byte) => byte === 0)) return files;
    const number = (from: number, length: number): number => {
      const digits = text(block, from, length).trim();
      if (!/^[0-7]*$/.test(digits)) throw new TarError('invalid tar header');
      return digits === '' ? 0 : Number.parseInt(digits, 8);
    };
    if (number(148, 8) !== checksum(block)) throw new TarError('invalid tar header');
    const size = number(124, 12);
    at += BLOCK;
    if (at + size > archive.length) throw new TarError('unexpected EOF');
    const type = block[156]!;
    if (type === 0x30 || type === 0) {
      files.push({
        name: text(block, 0, 100),
        data: archive.subarray(at, at + size),
        mode: number(100, 8),
        mtime: number(136, 12),
      });
    }
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
