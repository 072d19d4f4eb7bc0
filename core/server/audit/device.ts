/** Where audit lines go. `write` resolves when the line is with the system, and rejects when it could not be. */
import { encodeUtf8 } from '../../codec/utf8.ts';
import { refuse } from '../../fault.ts';
import type { DiskFile, Runtime } from '../../runtime.ts';
import { DiskError } from '../../runtime.ts';
import type { Outlets } from './outlets.ts';
import { HttpDevice, SocketDevice, SyslogDevice } from './remote-devices.ts';

export interface AuditDevice {
  /** Before the first line of a new device; throws what upstream refuses then. */
  prepare?(): Promise<void>;
  write(line: string): Promise<void>;
  /** SIGHUP: the file may have been renamed away. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** Opens devices by type; the host adds what needs sockets or the process's own output. */
export type OpenDevice = (
  type: string,
  options: Readonly<Record<string, string>>,
  runtime: Runtime,
) => AuditDevice | undefined;

/** All kinds of devices; what leaves the machine goes through `outlets`. */
export const devices =
  (outlets: (runtime: Runtime) => Outlets): OpenDevice =>
  (type, options, runtime) => {
    switch (type) {
      case 'file':
        return fileDevice(options, outlets, runtime);
      case 'socket':
        return new SocketDevice(options, outlets(runtime));
      case 'syslog':
        return new SyslogDevice(options, outlets(runtime));
      case 'http':
        return new HttpDevice(options, outlets(runtime));
      default:
        return undefined;
    }
  };

function fileDevice(
  options: Readonly<Record<string, string>>,
  outlets: (runtime: Runtime) => Outlets,
  runtime: Runtime,
): AuditDevice {
  const path = options['file_path'] ?? options['path'] ?? '';
  if (path === 'discard') return discard;
  if (path === 'stdout') return { ...discard, write: (line) => outlets(runtime).stdout(encodeUtf8(line)) };
  return new FileDevice(path.replace(/^\/+/, ''), Number.parseInt(options['mode'] ?? '0600', 8), runtime);
}

const discard: AuditDevice = {
  write: () => Promise.resolve(),
  reopen: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

export class FileDevice implements AuditDevice {
  readonly #path: string;
  readonly #mode: number;
  readonly #runtime: Runtime;
  #file: DiskFile | undefined;
  /** Lines go out one after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(path: string, mode: number, runtime: Runtime) {
    this.#path = path;
    this.#mode = mode;
    this.#runtime = runtime;
  }

  /** Mode 0 takes the file's own mode, so it has to be there. */
  async prepare(): Promise<void> {
    if (this.#mode !== 0) return;
    try {
      this.#file = await this.#open();
    } catch (error) {
      if (error instanceof DiskError) throw refuse(`stat /${this.#path}: no such file or directory`);
      throw error;
    }
  }

  write(line: string): Promise<void> {
    return this.#queue(async () => {
      // A file that failed is opened again for the next line, so the device recovers by itself.
      try {
        const file = (this.#file ??= await this.#open());
        await file.write(file.size(), encodeUtf8(line));
      } catch (error) {
        this.#file = undefined;
        throw error;
      }
    });
  }

  reopen(): Promise<void> {
    return this.#queue(async () => {
      await this.#file?.close();
      this.#file = await this.#open();
    });
  }

  close(): Promise<void> {
    return this.#queue(async () => {
      await this.#file?.close();
      this.#file = undefined;
    });
  }

  #open(): Promise<DiskFile> {
    const mode = this.#mode;
    return this.#runtime.disk.open(this.#path, { create: mode !== 0, append: true, mode: mode || 0o600 });
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}
