/** Where audit lines go. `write` resolves when the line is with the system, and rejects when it could not be. */
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { DiskFile, Runtime } from '../../runtime.ts';

export interface AuditDevice {
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

/** 'file' on the node's disk. */
export const openFileDevice: OpenDevice = (type, options, runtime) => {
  if (type !== 'file') return undefined;
  const path = options['file_path'] ?? options['path'] ?? '';
  if (path === 'discard') return discard;
  return new FileDevice(path.replace(/^\/+/, ''), Number.parseInt(options['mode'] ?? '0600', 8) || 0o600, runtime);
};

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
    return this.#runtime.disk.open(this.#path, { create: true, append: true, mode: this.#mode });
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}
