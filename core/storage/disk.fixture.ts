/** A disk in memory for tests of this room: every byte written is counted, and a crash can be set at any of them. */
import { compareText } from '../codec/bytes.ts';
import { type Disk, DiskError, type DiskFile } from '../runtime.ts';

interface Contents {
  bytes: Uint8Array;
  durable: Uint8Array;
}

export class Crashed extends Error {}

export class TestDisk implements Disk {
  readonly #files = new Map<string, Contents>();
  #written = 0;
  #crashAt = Number.POSITIVE_INFINITY;
  #crashed = false;

  /** Bytes written so far. */
  get written(): number {
    return this.#written;
  }

  /** The write that passes this count is cut there, and everything after it fails. */
  crashAt(written: number): void {
    this.#crashAt = written;
  }

  /** A disk with what a machine finds after the crash: all that was written, or only what was synced. */
  afterCrash(keep: 'written' | 'synced'): TestDisk {
    const disk = new TestDisk();
    for (const [path, contents] of this.#files) {
      const bytes = keep === 'written' ? contents.bytes : contents.durable;
      disk.#files.set(path, { bytes: bytes.slice(), durable: bytes.slice() });
    }
    return disk;
  }

  /** Replaces a file's bytes without counting: damage. */
  replace(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const contents = this.#files.get(path);
    if (contents === undefined) throw new DiskError('missing', path);
    const bytes = change(contents.bytes.slice());
    this.#files.set(path, { bytes, durable: bytes.slice() });
  }

  paths(): string[] {
    return [...this.#files.keys()].sort(compareText);
  }

  async open(path: string, options: { create: boolean }): Promise<DiskFile> {
    this.#check();
    let contents = this.#files.get(path);
    if (contents === undefined) {
      if (!options.create) throw new DiskError('missing', path);
      contents = { bytes: new Uint8Array(0), durable: new Uint8Array(0) };
      this.#files.set(path, contents);
    }
    return this.#file(path, contents);
  }

  async readFile(path: string): Promise<Uint8Array | undefined> {
    this.#check();
    return this.#files.get(path)?.bytes.slice();
  }

  async writeFile(path: string, bytes: Uint8Array, options: { sync: boolean }): Promise<void> {
    const temporary: Contents = { bytes: new Uint8Array(0), durable: new Uint8Array(0) };
    this.#write(temporary, 0, bytes);
    if (options.sync) temporary.durable = temporary.bytes.slice();
    this.#files.set(path, temporary);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#check();
    const contents = this.#files.get(from);
    if (contents === undefined) throw new DiskError('missing', from);
    this.#files.delete(from);
    this.#files.set(to, contents);
  }

  async remove(path: string): Promise<void> {
    this.#check();
    this.#files.delete(path);
  }

  async removeFolder(): Promise<void> {
    this.#check();
  }

  async list(folder: string): Promise<string[]> {
    this.#check();
    const prefix = folder === '' ? '' : `${folder}/`;
    const names = new Set<string>();
    for (const path of this.#files.keys()) {
      if (!path.startsWith(prefix)) continue;
      const rest = path.slice(prefix.length);
      const slash = rest.indexOf('/');
      names.add(slash < 0 ? rest : rest.slice(0, slash + 1));
    }
    return [...names].sort(compareText);
  }

  async syncFolder(): Promise<void> {
    this.#check();
  }

  #check(): void {
    if (this.#crashed) throw new Crashed('crashed');
  }

  #write(contents: Contents, offset: number, bytes: Uint8Array): void {
    this.#check();
    const left = this.#crashAt - this.#written;
    const part = bytes.length <= left ? bytes : bytes.subarray(0, left);
    if (offset + part.length > contents.bytes.length) {
      const grown = new Uint8Array(offset + part.length);
      grown.set(contents.bytes);
      contents.bytes = grown;
    }
    contents.bytes.set(part, offset);
    this.#written += part.length;
    if (part.length < bytes.length) {
      this.#crashed = true;
      throw new Crashed('crashed');
    }
  }

  #file(path: string, contents: Contents): DiskFile {
    return {
      path,
      size: () => contents.bytes.length,
      read: async (offset, length) => contents.bytes.slice(offset, offset + length),
      write: async (offset, bytes) => this.#write(contents, offset, bytes),
      truncate: async (size) => {
        this.#check();
        const bytes = new Uint8Array(size);
        bytes.set(contents.bytes.subarray(0, size));
        contents.bytes = bytes;
      },
      sync: async () => {
        this.#check();
        contents.durable = contents.bytes.slice();
      },
      close: async () => {},
    };
  }
}
