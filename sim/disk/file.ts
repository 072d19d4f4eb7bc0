/** Reads and writes of one open file on a simulated disk. */
import { DiskError, type DiskFile } from '../../core/runtime.ts';
import type { ProcessDisk } from './disk.ts';
import type { Inode } from './inode.ts';

export class SimFile implements DiskFile {
  readonly path: string;
  readonly #disk: ProcessDisk;
  readonly #inode: Inode;
  readonly #append: boolean;

  constructor(disk: ProcessDisk, path: string, inode: Inode, append: boolean) {
    this.path = path;
    this.#disk = disk;
    this.#inode = inode;
    this.#append = append;
  }

  size(): number {
    return this.#inode.size;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#disk.run('read', () => this.#inode.view(offset, length).slice());
  }

  write(place: number, bytes: Uint8Array): Promise<void> {
    return this.#disk.run('write', () => {
      const { disk } = this.#disk;
      const offset = this.#append ? this.#inode.size : place;
      const growth = Math.max(0, offset + bytes.length - this.#inode.size);
      const room = disk.full?.test(this.path) === true ? 0 : Math.max(0, disk.capacity - disk.files.size);
      // A full disk takes what still fits and reports the rest, as write(2) and Go's os.File do.
      const fitting = growth > room ? bytes.subarray(0, Math.max(0, bytes.length - (growth - room))) : bytes;
      const fails = disk.failsNow('write', this.path);
      const taken = fails ? fitting.subarray(0, fitting.length >> 1) : fitting;
      disk.statistics.writes++;
      disk.world.hash.word(offset);
      this.#disk.note(this.path, taken);
      if (taken.length > 0) this.#inode.write(disk.world.now, offset, taken);
      if (fails) throw new DiskError('io', 'input/output error');
      if (taken.length < bytes.length) throw new DiskError('full', `write ${this.path}: no space left on device`);
    });
  }

  truncate(size: number): Promise<void> {
    return this.#disk.run('write', () => {
      const { world } = this.#disk.disk;
      world.hash.text(this.path);
      world.hash.word(size);
      this.#inode.truncate(world.now, size);
    });
  }

  sync(): Promise<void> {
    return this.#disk.syncFile(this.path, this.#inode);
  }

  close(): Promise<void> {
    return this.#disk.run('name', () => {});
  }
}
