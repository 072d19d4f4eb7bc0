/**
 * Room on the disk for what a node has to write even when the disk is full: its term, its vote, that its log was
 * shortened. The file is given up for it, and until there is room for it again nothing else is written.
 */
import { type Disk, DiskError } from '../runtime.ts';

/** Some three hundred terms and votes. Bytes. */
const SIZE = 16 << 10;

export class Ballast {
  readonly #disk: Disk;
  readonly #path: string;
  #laid = false;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** Whether there is one. On a full disk there is none afterwards, either; other errors of the disk are told. */
  async lay(): Promise<boolean> {
    if (this.#laid) return true;
    const file = await this.#disk.open(this.#path, { create: true, mode: 0o600 });
    try {
      if (file.size() < SIZE) await file.write(0, new Uint8Array(SIZE));
      this.#laid = true;
    } catch (error) {
      if (!isFull(error)) throw error;
      await file.truncate(0);
    } finally {
      await file.close();
    }
    return this.#laid;
  }

  /** Makes room; false where it has been made already. */
  async drop(): Promise<boolean> {
    if (!this.#laid) return false;
    this.#laid = false;
    await this.#disk.remove(this.#path);
    return true;
  }
}

export const isFull = (error: unknown): boolean => error instanceof DiskError && error.code === 'full';
