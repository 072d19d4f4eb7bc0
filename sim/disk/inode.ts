/**
 * A simulated file: what programs see (the page cache), what the platter holds, and the writes in between, which a
 * power loss may keep, lose or tear.
 */
import { shortLivedCopy } from '../../core/codec/slab.ts';
import type { Micros } from '../../core/runtime.ts';
import type { Stream } from '../random.ts';

/** What the page cache writes back at a time; writes tear at these borders. */
export const PAGE = 4096;

/** Linux writes dirty pages back after about half a minute even when nobody asks. */
const WRITE_BACK: Micros = 30_000_000;

interface PendingWrite {
  readonly at: Micros;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly before: Before;
}

interface PendingTruncate {
  readonly at: Micros;
  readonly size: number;
  readonly before: Before;
}

/** What a pending operation changed in the page cache. */
interface Before {
  readonly size: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

type Pending = PendingWrite | PendingTruncate;

/** Bytes that grow by doubling. */
class Bytes {
  #buffer: Uint8Array;
  #size: number;

  constructor(content: Uint8Array = new Uint8Array(0)) {
    this.#buffer = content.slice();
    this.#size = content.length;
  }

  get size(): number {
    return this.#size;
  }

  view(offset = 0, length = this.#size): Uint8Array {
    return this.#buffer.subarray(Math.min(offset, this.#size), Math.min(offset + length, this.#size));
  }

  write(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    this.#reserve(end);
    this.#buffer.set(bytes, offset);
    if (end > this.#size) this.#size = end;
  }

  truncate(size: number): void {
    this.#reserve(size);
    if (size < this.#size) this.#buffer.fill(0, size, this.#size);
    this.#size = size;
  }

  /** What an operation on so many bytes from `offset` is going to change. */
  before(offset: number, length: number): Before {
    return { size: this.#size, offset, bytes: this.view(offset, length).slice() };
  }

  undo({ size, offset, bytes }: Before): void {
    this.truncate(size);
    this.#buffer.set(bytes, offset);
  }

  flip(offset: number, mask: number): void {
    if (offset < this.#size) this.#buffer[offset]! ^= mask;
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const buffer = new Uint8Array(Math.max(size, this.#buffer.length * 2));
    buffer.set(this.view());
    this.#buffer = buffer;
  }
}

/** What a power loss did to a file. */
export interface Loss {
  readonly lost: number;
  readonly torn: number;
}

export class Inode {
  readonly id: number;
  #cache = new Bytes();
  /** What the platter holds where that is not the cache without what is pending: most files never need it. */
  #platter: Bytes | undefined;
  #pending: Pending[] = [];
  /** Pending operations that left the list since the file was made. */
  #settled = 0;

  constructor(id: number) {
    this.id = id;
  }

  get size(): number {
    return this.#cache.size;
  }

  /** What programs see; not a copy. */
  view(offset?: number, length?: number): Uint8Array {
    return this.#cache.view(offset, length);
  }

  get unsyncedBytes(): number {
    let sum = 0;
    for (const pending of this.#pending) if ('bytes' in pending) sum += pending.bytes.length;
    return sum;
  }

  write(at: Micros, offset: number, bytes: Uint8Array): void {
    this.#pending.push({ at, offset, bytes: shortLivedCopy(bytes), before: this.#cache.before(offset, bytes.length) });
    this.#cache.write(offset, bytes);
    this.writeBack(at);
  }

  truncate(at: Micros, size: number): void {
    this.#pending.push({ at, size, before: this.#cache.before(size, Infinity) });
    this.#cache.truncate(size);
  }

  /** How many pending operations a sync that begins now covers. */
  get mark(): number {
    return this.#settled + this.#pending.length;
  }

  /** Makes everything up to a mark durable. */
  sync(mark: number): void {
    this.#settle(mark - this.#settled);
  }

  /** A failed sync marks the pages clean all the same: later syncs do not write them (Linux), though they can be read. */
  failSync(mark: number): void {
    this.#platter = this.#onPlatter();
    this.#forget(mark - this.#settled);
  }

  /** Drops from the list what the kernel has written back by itself. */
  writeBack(now: Micros): void {
    let count = 0;
    while (count < this.#pending.length && this.#pending[count]!.at + WRITE_BACK <= now) count++;
    this.#settle(count);
  }

  /** The power fails: pending writes survive page by page as the stream decides, and the cache is gone. */
  losePower(now: Micros, stream: Stream): Loss {
    this.writeBack(now);
    const platter = this.#onPlatter();
    let lost = 0;
    let torn = 0;
    for (const pending of this.#pending) {
      if (!('bytes' in pending)) {
        if (stream.below(2) === 0) platter.truncate(pending.size);
        continue;
      }
      const kept = keepPages(platter, pending, stream);
      lost += pending.bytes.length - kept;
      if (kept > 0 && kept < pending.bytes.length) torn++;
    }
    this.#forget(this.#pending.length);
    this.#cache = platter;
    this.#platter = undefined;
    return { lost, torn };
  }

  /** Flips bits of one byte, in the cache and on the platter. */
  rot(offset: number, mask: number): void {
    if (this.#pending.length > 0) this.#platter = this.#onPlatter();
    this.#cache.flip(offset, mask);
    this.#platter?.flip(offset, mask);
  }

  /** What a power loss now would keep for certain. */
  #onPlatter(): Bytes {
    if (this.#platter !== undefined) return this.#platter;
    const bytes = new Bytes(this.#cache.view());
    for (const { before } of this.#pending.toReversed()) bytes.undo(before);
    return bytes;
  }

  #settle(count: number): void {
    for (let i = 0; i < count && this.#platter !== undefined; i++) {
      const pending = this.#pending[i]!;
      if ('bytes' in pending) this.#platter.write(pending.offset, pending.bytes);
      else this.#platter.truncate(pending.size);
    }
    this.#forget(count);
  }

  #forget(count: number): void {
    if (count <= 0) return;
    this.#pending.splice(0, count);
    this.#settled += count;
  }
}

/** Writes what survives of a write; how many bytes that is. */
function keepPages(platter: Bytes, write: PendingWrite, stream: Stream): number {
  const fate = stream.below(4);
  if (fate === 0) return 0;
  if (fate === 1) {
    platter.write(write.offset, write.bytes);
    return write.bytes.length;
  }
  let kept = 0;
  for (let start = 0; start < write.bytes.length;) {
    const end = Math.min(write.bytes.length, start + PAGE - ((write.offset + start) % PAGE));
    if (stream.below(2) === 0) {
      platter.write(write.offset + start, write.bytes.subarray(start, end));
      kept += end - start;
    }
    start = end;
  }
  return kept;
}
