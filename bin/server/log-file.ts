/** The log in a file, which is put aside when it has grown too long or too old (`log_rotate_*`). */
import { appendFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { parseDuration } from '../../core/codec/duration.ts';
import { ConfigurationError } from '../../core/server/configuration/configuration.ts';

export interface Rotation {
  /** 0: however long. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly age: number;
  /** How many old files stay; 0: all, below: none. */
  readonly maxFiles: number;
}

export interface LogFile {
  write(line: string): void;
}

const DAY = 86_400_000;

/** A folder gets a file of upstream's name. Throws ConfigurationError. */
export function openLogFile(given: string, { bytes, age, maxFiles }: Rotation): LogFile {
  const path = given.endsWith('/') ? join(given, 'bao.log') : given;
  append(path, '');
  let begun = Date.now();
  return {
    // Opened for each line, so that a file that was moved away is begun anew.
    write: (line) => {
      const text = `${line}\n`;
      const full = bytes > 0 && sizeOf(path) + Buffer.byteLength(text) > bytes;
      if (full || Date.now() - begun >= age) {
        putAside(path, maxFiles);
        begun = Date.now();
      }
      append(path, text);
    },
  };
}

/** As in the configuration; '' is a day. Throws ConfigurationError. */
export function rotationAge(duration: string): number {
  if (duration === '') return DAY;
  try {
    return parseDuration(duration) / 1_000;
  } catch (error) {
    throw new ConfigurationError(error instanceof Error ? error.message : String(error));
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    // Moved away by somebody else.
    return 0;
  }
}

/** As upstream: `name-<nanoseconds>.ext` beside the new one. */
function putAside(path: string, maxFiles: number): void {
  const extension = extname(path);
  const name = basename(path, extension);
  const folder = dirname(path);
  if (sizeOf(path) > 0) renameSync(path, join(folder, `${name}-${Date.now()}000000${extension}`));
  if (maxFiles === 0) return;
  const old = readdirSync(folder).filter((file) => file.startsWith(`${name}-`) && file.endsWith(extension));
  const keep = Math.max(maxFiles, 0);
  for (const file of old.sort().slice(0, Math.max(old.length - keep, 0))) rmSync(join(folder, file), { force: true });
}

function append(path: string, text: string): void {
  try {
    appendFileSync(path, text, { mode: 0o640 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'no such file or directory',
      EACCES: 'permission denied',
      EISDIR: 'is a directory',
    };
    throw new ConfigurationError(`failed to setup logging: open ${path}: ${reasons[code] ?? code}`);
  }
}
