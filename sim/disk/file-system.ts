/**
 * The names on a simulated disk. Making, renaming and removing a name is durable only after a sync of its folder; until
 * then a power loss keeps, per folder, only the first of these changes.
 */
import { assert } from '../../core/assert.ts';
import { type Micros, SECOND } from '../../core/runtime.ts';
import { Inode } from './inode.ts';
import type { Stream } from '../random.ts';

/** File systems commit their journal from time to time even when nobody asks; ext4 after 5 s, others after 30. */
const COMMIT: Micros = 30 * SECOND;

interface NameChange {
  readonly at: Micros;
  /** A rename within or between folders changes two names at once. */
  readonly changes: readonly { readonly path: string; readonly inode: Inode | undefined }[];
}

/** What a power loss cost. */
export interface PowerLoss {
  readonly bytesLost: number;
  readonly tornWrites: number;
  readonly namesLost: number;
}

export class FileSystem {
  #names = new Map<string, Inode>();
  readonly #durable = new Map<string, Inode>();
  #changes: NameChange[] = [];
  #inodes = 0;
  readonly #now: () => Micros;

  constructor(now: () => Micros) {
    this.#now = now;
  }

  lookup(path: string): Inode | undefined {
    return this.#names.get(path);
  }

  create(path: string): Inode {
    const inode = new Inode(this.#inodes++);
    this.#change([{ path, inode }]);
    return inode;
  }

  /** False when there is no such file. */
  rename(from: string, to: string): boolean {
    const inode = this.#names.get(from);
    if (inode === undefined) return false;
    if (from !== to)
      this.#change([
        { path: from, inode: undefined },
        { path: to, inode },
      ]);
    return true;
  }

  remove(path: string): void {
    if (this.#names.has(path)) this.#change([{ path, inode: undefined }]);
  }

  /** Names directly in a folder ('' is the top), sub-folders with a trailing '/', in byte order. */
  list(folder: string): string[] {
    const prefix = folder === '' ? '' : `${folder}/`;
    const names = new Set<string>();
    for (const path of this.#names.keys()) {
      if (!path.startsWith(prefix)) continue;
      const rest = path.slice(prefix.length);
      const slash = rest.indexOf('/');
      names.add(slash < 0 ? rest : rest.slice(0, slash + 1));
    }
    return [...names].sort(byteOrder);
  }

  /** All files as programs see them, in byte order of their paths. The bytes are not copies. */
  files(): [path: string, bytes: Uint8Array][] {
    return [...this.#names].sort(([a], [b]) => byteOrder(a, b)).map(([path, inode]) => [path, inode.view()]);
  }

  get size(): number {
    let sum = 0;
    for (const inode of this.#names.values()) sum += inode.size;
    return sum;
  }

  get unsyncedBytes(): number {
    let sum = 0;
    for (const inode of this.#names.values()) sum += inode.unsyncedBytes;
    return sum;
  }

  /** Settles the folder's changes, and with a rename from elsewhere what led to it there. */
  syncFolder(folder: string): void {
    const folders = new Set([folder]);
    const settled = new Set<NameChange>();
    for (const change of this.#changes.toReversed()) {
      if (!change.changes.some(({ path }) => folders.has(folderOf(path)))) continue;
      settled.add(change);
      for (const { path } of change.changes) folders.add(folderOf(path));
    }
    this.#changes = this.#changes.filter((change) => {
      if (settled.has(change)) this.#settle(change);
      return !settled.has(change);
    });
  }

  losePower(stream: Stream): PowerLoss {
    const now = this.#now();
    while (this.#changes.length > 0 && this.#changes[0]!.at + COMMIT <= now) this.#settle(this.#changes.shift()!);
    const stopped = new Set<string>();
    let namesLost = 0;
    for (const change of this.#changes) {
      const folders = change.changes.map(({ path }) => folderOf(path));
      if (folders.some((folder) => stopped.has(folder)) || stream.below(2) === 0) {
        for (const folder of folders) stopped.add(folder);
        namesLost++;
      } else {
        this.#settle(change);
      }
    }
    this.#changes = [];
    let bytesLost = 0;
    let tornWrites = 0;
    this.#names = new Map(this.#durable);
    for (const inode of new Set(this.#names.values())) {
      const loss = inode.losePower(now, stream);
      bytesLost += loss.lost;
      tornWrites += loss.torn;
    }
    return { bytesLost, tornWrites, namesLost };
  }

  /** The folder's names and contents are gone for good: a new disk. */
  wipe(): void {
    this.#names.clear();
    this.#durable.clear();
    this.#changes = [];
  }

  #change(changes: NameChange['changes']): void {
    for (const { path, inode } of changes) apply(this.#names, path, inode);
    this.#changes.push({ at: this.#now(), changes });
  }

  #settle(change: NameChange): void {
    for (const { path, inode } of change.changes) apply(this.#durable, path, inode);
  }
}

function apply(names: Map<string, Inode>, path: string, inode: Inode | undefined): void {
  if (inode === undefined) names.delete(path);
  else names.set(path, inode);
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Paths without doubled, leading or trailing slashes and without `..`. */
export function cleanPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  assert(!parts.includes('..'), 'a path stays inside its disk');
  return parts.join('/');
}

/** UTF-16 order equals byte order for what nodes call their files. */
function byteOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
