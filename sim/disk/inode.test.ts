import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Stream } from '../random.ts';
import { Inode } from './inode.ts';

/** A power loss that keeps nothing of writes, and all truncations. */
class Harsh extends Stream {
  override below(): number {
    return 0;
  }
}

type Change = (bytes: number[]) => void;

const write =
  (offset: number, content: readonly number[]): Change =>
  (bytes) => {
    while (bytes.length < offset) bytes.push(0);
    bytes.splice(offset, content.length, ...content);
  };

const truncate =
  (size: number): Change =>
  (bytes) => {
    while (bytes.length < size) bytes.push(0);
    bytes.length = size;
  };

const flip =
  (offset: number, mask: number): Change =>
  (bytes) => {
    if (offset < bytes.length) bytes[offset]! ^= mask;
  };

/** The same file in the plainest way: cache and platter each whole. */
class Plain {
  cache: number[] = [];
  platter: number[] = [];
  pending: { readonly change: Change; readonly truncates: boolean }[] = [];

  change(change: Change, truncates: boolean): void {
    change(this.cache);
    this.pending.push({ change, truncates });
  }

  sync(): void {
    for (const { change } of this.pending.splice(0)) change(this.platter);
  }

  losePower(): void {
    for (const { change, truncates } of this.pending.splice(0)) if (truncates) change(this.platter);
    this.cache = [...this.platter];
  }
}

const place = fc.nat(40);
const step = fc.oneof(
  fc.record({ do: fc.constant('write' as const), offset: place, content: fc.array(fc.nat(255), { maxLength: 20 }) }),
  fc.record({ do: fc.constant('truncate' as const), size: place }),
  fc.record({ do: fc.constant('rot' as const), offset: place, mask: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ do: fc.constantFrom('sync', 'sync fails', 'half a minute', 'power fails') }),
);

test.prop([fc.array(step, { maxLength: 30 })])(
  'a file holds what it would if cache and platter were kept apart',
  (steps) => {
    const inode = new Inode(1);
    const plain = new Plain();
    let now = 0;
    for (const taken of [...steps, { do: 'power fails' as const }]) {
      if (taken.do === 'write') {
        inode.write(now, taken.offset, Uint8Array.from(taken.content));
        plain.change(write(taken.offset, taken.content), false);
      } else if (taken.do === 'truncate') {
        inode.truncate(now, taken.size);
        plain.change(truncate(taken.size), true);
      } else if (taken.do === 'rot') {
        inode.rot(taken.offset, taken.mask);
        for (const bytes of [plain.cache, plain.platter]) flip(taken.offset, taken.mask)(bytes);
      } else if (taken.do === 'sync') {
        inode.sync(inode.mark);
        plain.sync();
      } else if (taken.do === 'sync fails') {
        inode.failSync(inode.mark);
        plain.pending = [];
      } else if (taken.do === 'half a minute') {
        now += 30_000_000;
        inode.writeBack(now);
        plain.sync();
      } else {
        inode.losePower(now, new Harsh('1', 'harsh'));
        plain.losePower();
      }
      expect([...inode.view()]).toEqual(plain.cache);
    }
  },
);
