import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { DiskError } from '../runtime.ts';
import type { Disk, DiskFile } from '../runtime.ts';
import type { LogRecord } from './effects.ts';
import { Log } from './log.ts';
import type { Entry } from './types.ts';
import { CorruptLog } from './wal-recovery.ts';
import type { WalContents } from './wal-recovery.ts';
import { Wal } from './wal.ts';

/** Files in memory; `failing` makes the next sync fail, and no more than `capacity` fits. */
class MemoryDisk implements Disk {
  readonly files = new Map<string, Uint8Array>();
  failing = false;
  capacity = Infinity;
  /** Handles that are not closed. */
  handles = 0;

  get size(): number {
    return [...this.files.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Of the log, in their order. */
  segments(): string[] {
    return [...this.files.keys()].filter((path) => path.endsWith('.wal')).sort();
  }

  open(path: string, { create }: { create: boolean }): Promise<DiskFile> {
    const { files } = this;
    if (!files.has(path) && !create) return Promise.reject(new DiskError('missing', path));
    if (!files.has(path)) files.set(path, new Uint8Array(0));
    const resize = (size: number): Uint8Array => {
      const next = new Uint8Array(size);
      next.set(files.get(path)!.subarray(0, size));
      files.set(path, next);
      return next;
    };
    this.handles++;
    return Promise.resolve({
      path,
      size: () => files.get(path)!.length,
      read: (offset, length) => Promise.resolve(files.get(path)!.slice(offset, offset + length)),
      write: (offset, bytes) => {
        const grown = Math.max(0, offset + bytes.length - files.get(path)!.length);
        const room = Math.max(0, this.capacity - this.size);
        if (grown > room) {
          const taken = bytes.subarray(0, bytes.length - (grown - room));
          if (taken.length > 0) resize(Math.max(files.get(path)!.length, offset + taken.length)).set(taken, offset);
          return Promise.reject(new DiskError('full', `write ${path}: no space left on device`));
        }
        resize(Math.max(files.get(path)!.length, offset + bytes.length)).set(bytes, offset);
        return Promise.resolve();
      },
      truncate: (size) => {
        resize(size);
        return Promise.resolve();
      },
      sync: () => {
        if (!this.failing) return Promise.resolve();
        this.failing = false;
        return Promise.reject(new DiskError('io', 'input/output error'));
      },
      close: () => {
        this.handles--;
        return Promise.resolve();
      },
    });
  }
  readFile(path: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.files.get(path)?.slice());
  }
  writeFile(path: string, bytes: Uint8Array): Promise<void> {
    this.files.set(path, bytes.slice());
    return Promise.resolve();
  }
  rename(): Promise<void> {
    return Promise.reject(new Error('not needed'));
  }
  remove(path: string): Promise<void> {
    this.files.delete(path);
    return Promise.resolve();
  }
  removeFolder(): Promise<void> {
    return Promise.resolve();
  }
  list(folder: string): Promise<string[]> {
    const names = [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`));
    return Promise.resolve(names.map((path) => path.slice(folder.length + 1)).sort());
  }
  syncFolder(): Promise<void> {
    return Promise.resolve();
  }

  copy(): MemoryDisk {
    const copy = new MemoryDisk();
    for (const [path, bytes] of this.files) copy.files.set(path, bytes.slice());
    return copy;
  }
}

type Step =
  | { readonly do: 'append'; readonly sizes: readonly number[] }
  | { readonly do: 'truncate' | 'compact'; readonly share: number }
  | { readonly do: 'reset'; readonly ahead: number }
  | { readonly do: 'term' | 'vote' };

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      sizes: fc.array(fc.nat(80), { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('truncate' as const, 'compact' as const), share: fc.nat(100) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reset' as const), ahead: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('term' as const, 'vote' as const) }) },
);
const steps = fc.array(step, { minLength: 1, maxLength: 40 });

/** What the log should hold, changed like the real thing. */
class Model {
  readonly contents: WalContents = { log: new Log(), term: 1, voteTerm: 0, voteCandidate: '' };

  record(wanted: Step): LogRecord | undefined {
    const { log } = this.contents;
    switch (wanted.do) {
      case 'append': {
        const first = log.lastIndex + 1;
        const entries = wanted.sizes.map((size, at): Entry => ({
          index: first + at,
          term: this.contents.term,
          type: 'command',
          data: new Uint8Array(size).fill(first + at),
          extensions: new Uint8Array(size % 3),
        }));
        log.append(entries);
        return { kind: 'entries', entries };
      }
      case 'truncate': {
        if (log.size === 0) return undefined;
        const from = log.first + Math.floor((log.size * wanted.share) / 101);
        log.truncate(from);
        return { kind: 'truncate', from };
      }
      case 'compact': {
        if (log.size === 0) return undefined;
        const to = log.first + Math.floor((log.size * wanted.share) / 101);
        const term = log.term(to)!;
        log.compact(to);
        return { kind: 'compact', to, term };
      }
      case 'reset': {
        const base = { index: log.lastIndex + wanted.ahead, term: this.contents.term };
        log.reset(base);
        return { kind: 'reset', ...base };
      }
      case 'term':
        return { kind: 'term', term: ++this.contents.term };
      case 'vote':
        this.contents.voteCandidate = `n${this.contents.term}:8201`;
        return { kind: 'vote-candidate', candidate: this.contents.voteCandidate };
    }
  }
}

const picture = ({ log, term, voteCandidate }: WalContents): unknown => ({
  base: log.base,
  entries: log
    .slice(log.first, log.lastIndex)!
    .map((entry) => ({ ...entry, data: [...entry.data], extensions: entry.extensions.length })),
  term,
  voteCandidate,
});

/** Commits all steps; the pictures after each of them. */
async function write(disk: MemoryDisk, all: readonly Step[]): Promise<unknown[]> {
  const model = new Model();
  const { wal } = await Wal.open(disk, 'wal', { segmentSize: 400 });
  await wal.commit({ kind: 'term', term: 1 });
  const pictures = [picture({ ...model.contents, term: 0 }), picture(model.contents)];
  for (const wanted of all) {
    const record = model.record(wanted);
    if (record === undefined) continue;
    await wal.commit(record);
    pictures.push(picture(model.contents));
  }
  await wal.close();
  return pictures;
}

describe('the log on disk', () => {
  test.prop([steps])('gives back what was committed', async (all) => {
    const disk = new MemoryDisk();
    const pictures = await write(disk, all);
    const { contents } = await Wal.open(disk, 'wal');
    expect(picture(contents)).toEqual(pictures.at(-1));
  });

  test.prop([steps, fc.nat(), fc.boolean()])(
    'loses at most the last commit when its write was torn',
    async (all, cut, garbled) => {
      const disk = new MemoryDisk();
      // (A compaction would have removed what the torn one still needs: it does so only when it is durable itself.)
      const pictures = await write(disk, [...all, { do: 'vote' }]);
      const path = disk.segments().at(-1)!;
      const bytes = disk.files.get(path)!;
      const starts = frameStarts(bytes);
      // The checkpoint of a new segment is written with the commit that needs it.
      const last = !garbled && starts.length === 2 && disk.segments().length > 1 ? 0 : starts.at(-1)!;
      const at = last + (cut % (bytes.length - last));
      if (garbled) bytes[at]! ^= 0x55;
      else disk.files.set(path, bytes.slice(0, at));
      const { wal, contents } = await Wal.open(disk, 'wal');
      expect(picture(contents)).toEqual(pictures.at(-2));
      const entry = {
        index: contents.log.lastIndex + 1,
        term: 9,
        type: 'noop',
        data: new Uint8Array(3),
        extensions: new Uint8Array(0),
      } as const;
      await wal.commit({ kind: 'entries', entries: [entry] });
      await wal.close();
      expect((await Wal.open(disk, 'wal')).contents.log.lastTerm).toBe(9);
    },
  );

  test.prop([steps, fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'refuses damage in the middle',
    async (all, where, flip) => {
      const disk = new MemoryDisk();
      await write(disk, [...all, { do: 'append', sizes: [1] }, { do: 'append', sizes: [1] }]);
      const paths = disk.segments();
      const path = paths[where % paths.length]!;
      const bytes = disk.files.get(path)!;
      const safe = path === paths.at(-1) ? frameStarts(bytes).at(-1)! : bytes.length;
      if (safe === 0) return;
      bytes[where % safe]! ^= flip;
      const before = disk.copy();
      await expect(Wal.open(disk, 'wal')).rejects.toBeInstanceOf(CorruptLog);
      expect(disk.files).toEqual(before.files);
    },
  );

  test('a commit whose sync failed is not there after a restart, and the next one is', async () => {
    const disk = new MemoryDisk();
    const { wal } = await Wal.open(disk, 'wal');
    await wal.commit({ kind: 'term', term: 4 });
    disk.failing = true;
    await expect(wal.commit({ kind: 'term', term: 5 })).rejects.toThrow('input/output error');
    expect((await Wal.open(disk.copy(), 'wal')).contents.term).toBe(4);
    await wal.commit({ kind: 'term', term: 6 });
    expect((await Wal.open(disk, 'wal')).contents.term).toBe(6);
  });

  test('a full disk takes terms and votes, but no entries until there is room for more than those', async () => {
    const disk = new MemoryDisk();
    const { wal } = await Wal.open(disk, 'wal');
    const entry = (index: number): LogRecord => ({
      kind: 'entries',
      entries: [{ index, term: 1, type: 'command', data: new Uint8Array(50), extensions: new Uint8Array(0) }],
    });
    await wal.commit({ kind: 'term', term: 1 });
    await wal.commit(entry(1));
    disk.capacity = disk.size;
    await expect(wal.commit(entry(2))).rejects.toThrow('no space left on device');
    for (const term of [2, 3, 4]) {
      await wal.commit({ kind: 'term', term });
      await wal.commit({ kind: 'vote-term', term });
      await wal.commit({ kind: 'vote-candidate', candidate: 'b' });
      await expect(wal.commit(entry(2))).rejects.toThrow('no space left on device');
    }
    const { wal: again, contents } = await Wal.open(disk.copy(), 'wal');
    expect(contents).toMatchObject({ term: 4, voteTerm: 4, voteCandidate: 'b' });
    expect(contents.log.lastIndex).toBe(1);
    await again.close();

    disk.capacity = disk.size + 32_768;
    await wal.commit(entry(2));
    disk.capacity = disk.size;
    await wal.commit({ kind: 'term', term: 5 });
    expect((await Wal.open(disk, 'wal')).contents).toMatchObject({ term: 5 });
  });

  test('a segment that cannot be begun is not left open, however often it is tried', async () => {
    const disk = new MemoryDisk();
    const { wal } = await Wal.open(disk, 'wal', { segmentSize: 100 });
    const entry = (index: number): LogRecord => ({
      kind: 'entries',
      entries: [{ index, term: 1, type: 'command', data: new Uint8Array(90), extensions: new Uint8Array(0) }],
    });
    await wal.commit(entry(1));
    const before = disk.handles;
    disk.capacity = disk.size;
    for (let turn = 0; turn < 3; turn++) await expect(wal.commit(entry(2))).rejects.toThrow('no space left on device');
    expect(disk.handles).toBe(before);
    disk.capacity = Infinity;
    await wal.commit(entry(2));
    await wal.close();
    expect(disk.handles).toBe(0);
  });

  test('segments before the compacted part are removed', async () => {
    const disk = new MemoryDisk();
    const append: Step = { do: 'append', sizes: [80, 80, 80] };
    await write(disk, [append, append, append, append, append]);
    const before = disk.segments().length;
    const compacted = new MemoryDisk();
    await write(compacted, [append, append, append, append, append, { do: 'compact', share: 100 }]);
    expect(compacted.segments().length).toBeLessThan(before);
  });
});

/** Where the frames start: magic, sequence, length, checksum, payload. */
function frameStarts(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at += 16 + view.getUint32(at + 8)) starts.push(at);
  return starts;
}
