/** The log in a file, which is put aside when it has grown too long or too old (`log_rotate_*`). */
import { appendFileSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CoercionError } from '../../core/framework/coerce.ts';
import { toMicros } from '../../core/framework/coerce-time.ts';
import { ConfigurationError } from '../../core/server/configuration/configuration.ts';
import { codeOf, goTexts } from '../../host/errno.ts';

export interface Rotation {
  /** How much of this process a file takes before it is put aside: the last record may go beyond. 0: however much. */
  readonly bytes: number;
  /** Milliseconds; below 0 each record begins a file. */
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
  let written = 0;
  return {
    // Opened for each line, so that a file that was moved away is begun anew.
    write: (line) => {
      const text = `${line}\n`;
      if ((bytes > 0 && written >= bytes) || Date.now() - begun >= age) {
        putAside(path, maxFiles);
        begun = Date.now();
        written = 0;
      }
      append(path, text);
      written += Buffer.byteLength(text);
    },
  };
}

/** As in the configuration, with seconds where there is no unit; nothing is a day. Throws ConfigurationError. */
export function rotationAge(duration: string): number {
  try {
    return toMicros(duration) / 1_000 || DAY;
  } catch (error) {
    if (error instanceof CoercionError) throw new ConfigurationError(error.message);
    throw error;
  }
}

/** As upstream: `name-<nanoseconds>.ext` beside the new one, `.log` where that has no extension. */
function putAside(path: string, maxFiles: number): void {
  const [whole, dot] = [basename(path), basename(path).lastIndexOf('.')];
  const [name, extension] = dot < 0 ? [whole, '.log'] : [whole.slice(0, dot), whole.slice(dot)];
  const folder = dirname(path);
  // It may have been moved away by somebody else.
  if (existsSync(path)) renameSync(path, join(folder, `${name}-${unusedNanos(folder, name, extension)}${extension}`));
  if (maxFiles === 0) return;
  const old = readdirSync(folder).filter((file) => file.startsWith(`${name}-`) && file.endsWith(extension));
  const keep = Math.max(maxFiles, 0);
  for (const file of old.sort().slice(0, Math.max(old.length - keep, 0))) rmSync(join(folder, file), { force: true });
}

/** Several files may be put aside in one millisecond. */
function unusedNanos(folder: string, name: string, extension: string): bigint {
  let nanos = BigInt(Date.now()) * 1_000_000n;
  while (existsSync(join(folder, `${name}-${nanos}${extension}`))) nanos += 1n;
  return nanos;
}

function append(path: string, text: string): void {
  try {
    appendFileSync(path, text, { mode: 0o640 });
  } catch (error) {
    const code = codeOf(error) ?? String(error);
    throw new ConfigurationError(`failed to setup logging: open ${path}: ${goTexts[code] ?? code}`);
  }
}
