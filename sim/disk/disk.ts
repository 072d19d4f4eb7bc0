/** The simulated disk: a file system, a device that is as slow as its table says, and what can go wrong with either. */
import { type Disk, DiskError, type DiskFile, type Micros } from '../../core/runtime.ts';
import { type Distribution, quantiles } from '../distribution.ts';
import { cleanPath, FileSystem, folderOf, type PowerLoss } from './file-system.ts';
import { SimFile } from './file.ts';
import type { Inode } from './inode.ts';
import type { Process } from '../process.ts';
import type { Stream } from '../random.ts';
import { DISK } from '../event-kinds.ts';
import type { World } from '../world.ts';

/** How long operations take. Reads and writes go to the page cache; only syncs wait for the device, one after another. */
export interface DiskProfile {
  readonly read: Distribution;
  readonly write: Distribution;
  /** open, rename, remove, list. */
  readonly name: Distribution;
  readonly sync: Distribution;
}

/** A solid-state disk of a server. */
export const SSD: DiskProfile = {
  read: quantiles(4, 6, 8, 15),
  write: quantiles(6, 8, 12, 30),
  name: quantiles(10, 15, 20, 40),
  sync: quantiles(700, 900, 1_050, 1_200, 1_500, 2_200, 6_000),
};

/** What the disks of one machine have seen, for the run's summary. */
export interface DiskStatistics {
  writes: number;
  syncs: number;
  failures: number;
  bytesLost: number;
  tornWrites: number;
  namesLost: number;
  pagesRead: number;
}

/** What is durable from then on, or in its place. */
export type DiskPoint = 'disk.sync' | 'disk.rename';

const NOTHING = new Uint8Array(0);

/** The bytes outlive processes and power. */
export class SimDisk {
  readonly files: FileSystem;
  readonly statistics: DiskStatistics = {
    writes: 0,
    syncs: 0,
    failures: 0,
    bytesLost: 0,
    tornWrites: 0,
    namesLost: 0,
    pagesRead: 0,
  };
  /** Bytes that fit. */
  capacity = Infinity;
  /** Files of such a name lie on a volume of their own, which is full. */
  full: RegExp | undefined;
  /** The next so many syncs fail with an input/output error. */
  failingSyncs = 0;
  /** What is to fail once, with an input/output error, on the next file of such a name. */
  failing: { readonly what: 'write' | 'sync'; readonly path: RegExp } | undefined;
  /** Syncs answer at once and make nothing durable. */
  lying = false;
  /** Every sync takes so much longer. */
  delay: Micros = 0;
  /** Reads of mapped files wait up to so long for their pages: the kernel needed the memory for something else. */
  cold: Micros = 0;
  /** Told when a sync or a renaming has ended, before the process is. */
  onDone: ((operation: DiskPoint) => unknown) | undefined;
  /** All operations fail from now on. */
  broken = false;
  readonly world: World;
  readonly #stream: Stream;
  readonly #profile: DiskProfile;
  #slowdown = 1;
  #stalledUntil: Micros = 0;
  #deviceFree: Micros = 0;

  constructor(world: World, name: string, profile: DiskProfile = SSD) {
    this.world = world;
    this.files = new FileSystem(() => world.now);
    this.#stream = world.random(`disk/${name}`);
    this.#profile = profile;
  }

  /** Syncs take so many times as long from now on; 1 is normal. */
  slow(factor: number): void {
    this.#slowdown = factor;
  }

  /** The device does nothing for a while: syncs that begin or wait meanwhile end after it. */
  stall(duration: Micros): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.world.now + duration);
    this.#deviceFree = Math.max(this.#deviceFree, this.#stalledUntil);
  }

  /** Flips one bit of a file, chosen by the seed unless `offset` says where. Returns the offset, or undefined without a file. */
  rot(path: string, offset?: number): number | undefined {
    const inode = this.files.lookup(cleanPath(path));
    if (inode === undefined || inode.size === 0) return undefined;
    const place = offset ?? this.#stream.below(inode.size);
    inode.rot(place, 1 << this.#stream.below(8));
    return place;
  }

  /** How long a page takes to come; 0: it is there. */
  coldWait(): Micros {
    if (this.cold === 0) return 0;
    this.statistics.pagesRead++;
    return 1 + this.#stream.below(this.cold);
  }

  /** Whether it is this one that fails. */
  failsNow(what: 'write' | 'sync', path: string): boolean {
    if (this.failing?.what !== what || !this.failing.path.test(path)) return false;
    this.failing = undefined;
    return true;
  }

  losePower(): PowerLoss {
    const loss = this.files.losePower(this.#stream);
    this.statistics.bytesLost += loss.bytesLost;
    this.statistics.tornWrites += loss.tornWrites;
    this.statistics.namesLost += loss.namesLost;
    this.#deviceFree = this.world.now;
    return loss;
  }

  /** How long one operation takes that begins now. */
  latency(operation: keyof DiskProfile): Micros {
    const latency = this.#profile[operation].sample(this.#stream);
    if (operation !== 'sync') return latency;
    const start = Math.max(this.world.now, this.#deviceFree);
    this.#deviceFree = start + latency * this.#slowdown + this.delay;
    return this.#deviceFree - this.world.now;
  }
}

/** The disk as one process sees it: after its end nothing is written any more. */
export class ProcessDisk implements Disk {
  readonly disk: SimDisk;
  readonly #process: Process;
  readonly #kernel: Process;

  constructor(disk: SimDisk, process: Process, kernel: Process) {
    this.disk = disk;
    this.#process = process;
    this.#kernel = kernel;
  }

  /** Does `effect` now, as the page cache does, and answers with its result when the operation has taken its time. */
  run<T>(operation: keyof DiskProfile, effect: () => T): Promise<T> {
    const { world } = this.disk;
    return new Promise((resolve, reject) => {
      if (!this.#process.alive) return;
      const latency = this.disk.latency(operation);
      try {
        if (this.disk.broken) throw new DiskError('io', 'input/output error');
        const result = effect();
        world.schedule(this.#process, latency, DISK, resolve, result);
      } catch (error) {
        this.disk.statistics.failures++;
        world.schedule(this.#process, latency, DISK, reject, error);
      }
    });
  }

  pageIn(): Promise<void> | undefined {
    const wait = this.disk.coldWait();
    if (wait === 0) return undefined;
    return new Promise((resolve) => {
      if (this.#process.alive) this.disk.world.schedule(this.#process, wait, DISK, resolve, undefined);
    });
  }

  open(path: string, options: { create: boolean; append?: boolean }): Promise<DiskFile> {
    const name = cleanPath(path);
    return this.run('name', () => {
      const found = this.disk.files.lookup(name);
      if (found === undefined && !options.create) throw missing('open', path);
      if (found === undefined) this.note(name, NOTHING);
      return new SimFile(this, name, found ?? this.disk.files.create(name), options.append ?? false);
    });
  }

  readFile(path: string): Promise<Uint8Array | undefined> {
    return this.run('read', () => this.disk.files.lookup(cleanPath(path))?.view().slice());
  }

  async writeFile(path: string, bytes: Uint8Array, options: { sync: boolean }): Promise<void> {
    const name = cleanPath(path);
    const temporary = `${name}.tmp`;
    const file = await this.open(temporary, { create: true });
    await file.truncate(0);
    await file.write(0, bytes);
    if (options.sync) await file.sync();
    await this.rename(temporary, name);
    if (options.sync) await this.syncFolder(folderOf(name));
  }

  rename(from: string, to: string): Promise<void> {
    return this.run('name', () => {
      if (!this.disk.files.rename(cleanPath(from), cleanPath(to))) throw missing('rename', from);
      this.disk.world.hash.text(from);
      this.note(to, NOTHING);
      this.disk.onDone?.('disk.rename');
    });
  }

  remove(path: string): Promise<void> {
    return this.run('name', () => {
      this.note(path, NOTHING);
      this.disk.files.remove(cleanPath(path));
    });
  }

  /** Folders exist only as parts of names: an empty one is gone already. */
  removeFolder(): Promise<void> {
    return this.run('name', () => {});
  }

  list(folder: string): Promise<string[]> {
    return this.run('name', () => this.disk.files.list(cleanPath(folder)));
  }

  syncFolder(folder: string): Promise<void> {
    return this.#sync(
      () => this.disk.files.syncFolder(cleanPath(folder)),
      () => {},
    );
  }

  syncFile(path: string, inode: Inode): Promise<void> {
    const mark = inode.mark;
    if (this.disk.failsNow('sync', path)) this.disk.failingSyncs++;
    return this.#sync(
      () => inode.sync(mark),
      () => inode.failSync(mark),
    );
  }

  /** What was written when the sync began is durable when it ends; the kernel finishes it even when the process dies. */
  #sync(settle: () => void, fail: () => void): Promise<void> {
    const { disk } = this;
    const { world } = disk;
    return new Promise((resolve, reject) => {
      if (!this.#process.alive) return;
      disk.statistics.syncs++;
      if (disk.lying) {
        world.schedule(this.#process, disk.latency('name'), DISK, resolve, undefined);
        return;
      }
      const latency = disk.latency('sync');
      if (disk.broken || disk.failingSyncs > 0) {
        disk.failingSyncs = Math.max(0, disk.failingSyncs - 1);
        disk.statistics.failures++;
        fail();
        world.schedule(this.#process, latency, DISK, reject, new DiskError('io', 'input/output error'));
        return;
      }
      const done = (): void => {
        settle();
        disk.onDone?.('disk.sync');
      };
      world.schedule(this.#kernel, latency, DISK, done, undefined);
      world.schedule(this.#process, latency, DISK, resolve, undefined);
    });
  }

  /** Folds what is done to a name into the hash. */
  note(name: string, bytes: Uint8Array): void {
    this.disk.world.hash.text(name);
    this.disk.world.hash.bytes(bytes);
  }
}

const missing = (operation: string, path: string): DiskError =>
  new DiskError('missing', `${operation} ${path}: no such file or directory`);
