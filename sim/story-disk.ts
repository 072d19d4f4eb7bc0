/** A node's disk as a story speaks of it. */
import { noBytes } from '../core/codec/bytes.ts';
import { parseDuration } from '../core/codec/duration.ts';
import { encodeUtf8 } from '../core/codec/utf8.ts';
import type { SimDisk } from './disk/disk.ts';
import type { Fault, Faults } from './faults.ts';
import { cleanPath } from './disk/file-system.ts';

export class StoryDisk {
  readonly disk: SimDisk;
  readonly #node: string;
  readonly #faults: Faults;
  readonly #open = new Set<Fault>();

  constructor(disk: SimDisk, node: string, faults: Faults) {
    this.disk = disk;
    this.#node = node;
    this.#faults = faults;
  }

  /** A file as programs see it, synced or not; empty when there is none. */
  read(path: string): Uint8Array {
    return this.disk.files.lookup(cleanPath(path))?.view() ?? noBytes;
  }

  /** Syncs take so many times as long. */
  slow(factor: number): void {
    this.#begin('slow disk', () => this.disk.statistics.syncs);
    this.disk.slow(factor);
  }

  /** Every fdatasync takes so much longer. */
  delay(duration: string): void {
    this.#begin('slow disk', () => this.disk.statistics.syncs);
    this.disk.delay = parseDuration(duration);
  }

  /** The page cache is gone and stays away: reads from the state take up to so long. */
  chill(most: string): void {
    this.#begin('cold pages', () => this.disk.statistics.pagesRead);
    this.disk.cold = parseDuration(most);
  }

  /** Syncs stand still for a while. */
  stall(duration: string): void {
    const { syncs } = this.disk.statistics;
    this.#faults.note('disk stall', [this.#node], () => this.disk.statistics.syncs >= syncs);
    this.disk.stall(parseDuration(duration));
  }

  /** No more bytes fit. */
  fill(): void {
    this.#begin('disk full', () => this.disk.statistics.failures);
    this.disk.capacity = this.disk.files.size;
  }

  /** No more bytes fit into files of such a name, which lie on a volume of their own. */
  fillVolume(path: RegExp): void {
    this.#begin('volume full', () => this.disk.statistics.failures);
    this.disk.full = path;
  }

  /** The next so many syncs fail. */
  failSyncs(count: number): void {
    this.#begin('fsync fails', () => this.disk.statistics.failures);
    this.disk.failingSyncs = count;
  }

  /** The next write to a file of such a name gets half-way, or its next sync fails; what comes after is well. */
  failOnce(what: 'write' | 'sync', path: RegExp): void {
    this.#begin(`${what} fails`, () => this.disk.statistics.failures);
    this.disk.failing = { what, path };
  }

  /** Syncs succeed without writing anything. */
  lie(): void {
    this.#begin('fsync lies', () => this.disk.statistics.syncs);
    this.disk.lying = true;
  }

  /** An operator puts a file there; it is as durable as one can want. */
  write(path: string, text: string): void {
    const { files } = this.disk;
    files.remove(path);
    const inode = files.create(path);
    inode.write(this.disk.world.now, 0, encodeUtf8(text));
    inode.sync(inode.mark);
    files.syncFolder(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  }

  /** Flips one bit of a file. */
  rot(path: string): void {
    const place = this.disk.rot(path);
    this.#faults.note('bit rot', [this.#node], () => place !== undefined);
  }

  /** The disk is as good as new; what it lost stays lost. */
  mend(): void {
    for (const fault of this.#open) this.#faults.end(fault);
    this.#open.clear();
    this.disk.slow(1);
    this.disk.delay = 0;
    this.disk.cold = 0;
    this.disk.capacity = Infinity;
    this.disk.full = undefined;
    this.disk.failingSyncs = 0;
    this.disk.failing = undefined;
    this.disk.lying = false;
  }

  #begin(what: string, count: () => number): void {
    const before = count();
    this.#open.add(this.#faults.begin(what, [this.#node], () => count() > before));
  }
}
