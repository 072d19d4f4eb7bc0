/** The files of a machine that is switched off, for those who look at them afterwards. Nothing is written back. */
import { assert } from '../../core/assert.ts';
import { type Disk, DiskError, type DiskFile } from '../../core/runtime.ts';

class OfflineFile implements DiskFile {
  readonly path: string;
  #bytes: Uint8Array;

  constructor(path: string, bytes: Uint8Array) {
    this.path = path;
    this.#bytes = bytes;
  }

  size(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return Promise.resolve(this.#bytes.subarray(offset, offset + length));
  }

  /** What a recovery cuts off is cut off from this view only. */
  truncate(size: number): Promise<void> {
    this.#bytes = this.#bytes.subarray(0, size);
    return Promise.resolve();
  }

  write(): Promise<void> {
    return Promise.reject(new DiskError('denied', `write ${this.path}: read-only file system`));
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export class OfflineDisk implements Disk {
  readonly #files: ReadonlyMap<string, Uint8Array>;

  constructor(files: Iterable<readonly [path: string, bytes: Uint8Array]>) {
    this.#files = new Map(files);
  }

  open(path: string): Promise<DiskFile> {
    const bytes = this.#files.get(path);
    if (bytes === undefined) return Promise.reject(new DiskError('missing', `open ${path}: no such file or directory`));
    return Promise.resolve(new OfflineFile(path, bytes));
  }

  readFile(path: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#files.get(path));
  }

  writeFile(path: string): Promise<void> {
    return Promise.reject(new DiskError('denied', `open ${path}: read-only file system`));
  }

  rename(path: string): Promise<void> {
    return this.writeFile(path);
  }

  /** A recovery clears away what a crash left half done. */
  remove(path: string): Promise<void> {
    assert(path.endsWith('.new'), 'only unfinished files are removed while reading');
    return Promise.resolve();
  }

  removeFolder(path: string): Promise<void> {
    return this.writeFile(path);
  }

  list(): Promise<string[]> {
    return Promise.resolve([]);
  }

  syncFolder(): Promise<void> {
    return Promise.resolve();
  }
}
