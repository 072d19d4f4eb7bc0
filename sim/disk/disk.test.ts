import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { nodePump } from '../../host/pump.ts';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { type Disk, type DiskError, MINUTE, SECOND } from '../../core/runtime.ts';
import type { Machine } from '../machine.ts';
import { Bench } from '../testing.ts';

const crypto = portableCrypto();
const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : String.fromCharCode(...bytes);
const bytes = (content: string): Uint8Array => Uint8Array.from(content, (letter) => letter.charCodeAt(0));

/** Runs `body` to its end as a program of the machine. */
async function on(bench: Bench, machine: Machine, body: (disk: Disk) => Promise<void>): Promise<void> {
  machine.kill();
  let ended = false;
  machine.start(async ({ disk }) => {
    await body(disk);
    ended = true;
  });
  await nodePump(bench.world, () => false);
  expect(bench.world.crashes).toEqual([]);
  expect(ended).toBe(true);
}

async function append(disk: Disk, path: string, content: string): Promise<void> {
  const file = await disk.open(path, { create: true });
  await file.write(file.size(), bytes(content));
}

const code = (error: DiskError): string => error.code;

describe('files', () => {
  test('read back what was written, grown and truncated', async () => {
    const bench = new Bench(crypto);
    await on(bench, bench.machine('n1'), async (disk) => {
      const file = await disk.open('/a//b', { create: true });
      await file.write(2, bytes('hello'));
      expect([...(await file.read(0, 4))]).toEqual([0, 0, 104, 101]);
      await file.truncate(4);
      await file.truncate(6);
      expect([...(await file.read(0, 99))]).toEqual([0, 0, 104, 101, 0, 0]);
      expect(await disk.open('a/b', { create: false }).then((same) => same.size())).toBe(6);
      expect(await disk.open('a/c', { create: false }).catch(code)).toBe('missing');
      expect(await disk.rename('x', 'y').catch(code)).toBe('missing');
      expect(await disk.readFile('x')).toBeUndefined();
    });
  });

  test('are appended to at their end by all who do', async () => {
    const bench = new Bench(crypto);
    await on(bench, bench.machine('n1'), async (disk) => {
      const one = await disk.open('log', { create: true, append: true });
      const other = await disk.open('log', { create: false, append: true });
      await Promise.all([one.write(0, bytes('first ')), other.write(0, bytes('second'))]);
      expect(text(await disk.readFile('log'))).toBe('first second');
    });
  });

  test('are listed in byte order with folders marked', async () => {
    const bench = new Bench(crypto);
    await on(bench, bench.machine('n1'), async (disk) => {
      for (const path of ['b', 'a/x', 'a/y/z', 'B', 'a0']) await disk.writeFile(path, bytes('1'), { sync: false });
      expect(await disk.list('')).toEqual(['B', 'a/', 'a0', 'b']);
      expect(await disk.list('a')).toEqual(['x', 'y/']);
      await disk.remove('a/x');
      await disk.remove('a/x');
      expect(await disk.list('a')).toEqual(['y/']);
      expect(await disk.list('none')).toEqual([]);
    });
  });

  test('do not change when the writer changes its bytes later', async () => {
    const bench = new Bench(crypto);
    const machine = bench.machine('n1');
    await on(bench, machine, async (disk) => {
      const content = bytes('abc');
      const file = await disk.open('f', { create: true });
      await file.write(0, content);
      content.fill(0);
      await file.sync();
      await disk.syncFolder('');
    });
    machine.losePower();
    expect(text(machine.disk.files.lookup('f')!.view())).toBe('abc');
  });
});

describe('a crash', () => {
  test('of the program alone keeps the page cache', async () => {
    const bench = new Bench(crypto);
    const machine = bench.machine('n1');
    await on(bench, machine, (disk) => append(disk, 'f', 'unsynced'));
    machine.kill();
    await on(bench, machine, async (disk) => expect(text(await disk.readFile('f'))).toBe('unsynced'));
  });

  test.prop([
    fc.string(),
    fc.array(fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 12_000 }), fc.boolean()), { maxLength: 12 }),
  ])('of the power keeps everything synced, and of the rest only what was written', async (seed, writes) => {
    const bench = new Bench(crypto, seed);
    const machine = bench.machine('n1');
    const synced: number[] = [];
    const possible: Set<number>[] = [];
    await on(bench, machine, async (disk) => {
      const file = await disk.open('f', { create: true });
      await disk.syncFolder('');
      for (const [index, [offset, length, sync]] of writes.entries()) {
        await file.write(offset, new Uint8Array(length).fill(index + 1));
        for (let i = offset; i < offset + length; i++) (possible[i] ??= new Set([0])).add(index + 1);
        if (!sync) continue;
        await file.sync();
        const content = await file.read(0, file.size());
        synced.length = 0;
        for (const [i, byte] of content.entries()) {
          synced[i] = byte;
          possible[i] = new Set([byte]);
        }
      }
    });
    machine.losePower();
    const left = machine.disk.files.lookup('f')!.view();
    expect(left.length).toBeGreaterThanOrEqual(synced.length);
    for (const [i, byte] of left.entries()) if (!(possible[i] ?? new Set([0])).has(byte)) expect([i, byte]).toEqual([]);
  });

  test('of the power loses, tears or keeps unsynced writes as the seed says', async () => {
    const fates = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const bench = new Bench(crypto, String(seed));
      const machine = bench.machine('n1');
      await on(bench, machine, async (disk) => {
        const file = await disk.open('f', { create: true });
        await disk.syncFolder('');
        await file.write(0, new Uint8Array(16_384).fill(1));
      });
      machine.losePower();
      const kept = machine.disk.files
        .lookup('f')!
        .view()
        .reduce((sum, byte) => sum + byte, 0);
      fates.add(kept === 0 ? 'lost' : kept === 16_384 ? 'kept' : 'torn');
      expect(kept % 4096).toBe(0);
      expect(machine.disk.statistics.bytesLost).toBe(16_384 - kept);
    }
    expect([...fates].sort()).toEqual(['kept', 'lost', 'torn']);
  });

  test('of the power spares what the kernel wrote back by itself after half a minute', async () => {
    const bench = new Bench(crypto);
    const machine = bench.machine('n1');
    machine.start(async ({ disk, clock }) => {
      await append(disk, 'f', 'old');
      await disk.syncFolder('');
      await clock.sleep(MINUTE);
    });
    await nodePump(bench.world, () => false);
    machine.losePower();
    expect(text(machine.disk.files.lookup('f')!.view())).toBe('old');
  });

  test('of the power forgets names whose folder was not synced, and restores what they replaced', async () => {
    const contents = new Set<string>();
    for (let seed = 0; seed < 30; seed++) {
      const bench = new Bench(crypto, String(seed));
      const machine = bench.machine('n1');
      await on(bench, machine, async (disk) => {
        await disk.writeFile('d/f', bytes('old'), { sync: true });
        const file = await disk.open('d/new', { create: true });
        await file.write(0, bytes('new'));
        await file.sync();
        await disk.rename('d/new', 'd/f');
        await append(disk, 'e/g', 'never synced');
      });
      machine.losePower();
      contents.add(text(machine.disk.files.lookup('d/f')?.view()) ?? 'missing');
    }
    expect([...contents].sort()).toEqual(['new', 'old']);
  });

  test('of the power never brings back a name that a synced rename took away', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const bench = new Bench(crypto, String(seed));
      const machine = bench.machine('n1');
      await on(bench, machine, async (disk) => {
        const file = await disk.open('a/x', { create: true });
        await file.write(0, bytes('content'));
        await file.sync();
        await disk.rename('a/x', 'b/y');
        await disk.syncFolder('b');
      });
      machine.losePower();
      expect(machine.disk.files.files().map(([path, content]) => [path, text(content)])).toEqual([['b/y', 'content']]);
    }
  });

  test('of the power spares names that are half a minute old', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const bench = new Bench(crypto, String(seed));
      const machine = bench.machine('n1');
      machine.start(async ({ disk, clock }) => {
        await append(disk, 'old', 'x');
        await clock.sleep(MINUTE);
        await append(disk, 'new', 'x');
      });
      await nodePump(bench.world, () => false);
      machine.losePower();
      expect(machine.disk.files.lookup('old')).toBeDefined();
    }
  });

  test('of the power never loses a synced writeFile', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const bench = new Bench(crypto, String(seed));
      const machine = bench.machine('n1');
      await on(bench, machine, async (disk) => {
        await disk.writeFile('d/f', bytes('old'), { sync: true });
        await disk.writeFile('d/f', bytes('new'), { sync: true });
        await append(disk, 'd/g', 'other');
      });
      machine.losePower();
      expect(text(machine.disk.files.lookup('d/f')?.view())).toBe('new');
    }
  });

  test('during a sync may lose what it covers', async () => {
    const bench = new Bench(crypto, '3');
    const machine = bench.machine('n1');
    let synced = false;
    machine.start(async ({ disk }) => {
      const file = await disk.open('f', { create: true });
      await disk.syncFolder('');
      await file.write(0, new Uint8Array(40_000).fill(1));
      await file.sync();
      synced = true;
    });
    await nodePump(bench.world, () => machine.disk.statistics.syncs === 2);
    machine.losePower();
    await nodePump(bench.world, () => false);
    expect(synced).toBe(false);
    expect(machine.disk.statistics.bytesLost).toBeGreaterThan(0);
  });
});

describe('a bad disk', () => {
  test('of which one volume is full takes what lies elsewhere', async () => {
    const bench = new Bench(crypto);
    const machine = bench.machine('n1');
    machine.disk.full = /^audit/;
    await on(bench, machine, async (disk) => {
      expect(await append(disk, 'audit.log', 'abc').catch(code)).toBe('full');
      await append(disk, 'state', 'abc');
      machine.disk.full = undefined;
      await append(disk, 'audit.log', 'abc');
      expect(text(await disk.readFile('audit.log'))).toBe('abc');
    });
  });

  test('that is full takes what fits and says so', async () => {
    const bench = new Bench(crypto);
    const machine = bench.machine('n1');
    machine.disk.capacity = 5;
    await on(bench, machine, async (disk) => {
      expect(await append(disk, 'f', 'abcdefgh').catch(code)).toBe('full');
      expect(text(await disk.readFile('f'))).toBe('abcde');
      const file = await disk.open('f', { create: true });
      await file.write(0, bytes('xyz'));
      expect(text(await disk.readFile('f'))).toBe('xyzde');
    });
  });

  test('whose sync fails loses the write even when the next sync succeeds', async () => {
    const bench = new Bench(crypto);
    const machine = bench.machine('n1');
    await on(bench, machine, async (disk) => {
      const file = await disk.open('f', { create: true });
      await disk.syncFolder('');
      await file.write(0, bytes('abc'));
      machine.disk.failingSyncs = 1;
      expect(await file.sync().catch(code)).toBe('io');
      await file.sync();
      expect(text(await disk.readFile('f'))).toBe('abc');
    });
    machine.losePower();
    expect(machine.disk.files.lookup('f')!.size).toBe(0);
  });

  test('fails once, where it is told to', async () => {
    const bench = new Bench(crypto);
    const machine = bench.machine('n1');
    await on(bench, machine, async (disk) => {
      const [file, other] = [await disk.open('f', { create: true }), await disk.open('g', { create: true })];
      for (const what of ['write', 'sync'] as const) {
        machine.disk.failing = { what, path: /^g$/ };
        await file.write(0, bytes('abcd'));
        await file.sync();
        const outcomes = [await other.write(0, bytes('abcd')).catch(code), await other.sync().catch(code)];
        expect(outcomes).toEqual(what === 'write' ? ['io', undefined] : [undefined, 'io']);
        expect(other.size()).toBe(what === 'write' ? 2 : 4);
      }
      await other.sync();
    });
    expect(machine.disk.statistics.failures).toBe(2);
  });

  test('that lies keeps nothing for certain', async () => {
    let lost = 0;
    for (let seed = 0; seed < 20; seed++) {
      const bench = new Bench(crypto, String(seed));
      const machine = bench.machine('n1');
      machine.disk.lying = true;
      await on(bench, machine, (disk) => disk.writeFile('f', bytes('abc'), { sync: true }));
      machine.losePower();
      if (text(machine.disk.files.lookup('f')?.view()) !== 'abc') lost++;
    }
    expect(lost).toBeGreaterThan(0);
  });

  test('that rots changes one bit for good', async () => {
    const bench = new Bench(crypto);
    const machine = bench.machine('n1');
    await on(bench, machine, (disk) => disk.writeFile('f', new Uint8Array(100), { sync: true }));
    const place = machine.disk.rot('f')!;
    machine.losePower();
    const left = machine.disk.files.lookup('f')!.view();
    expect(left.filter((byte) => byte !== 0)).toHaveLength(1);
    expect(left[place]).not.toBe(0);
    expect(machine.disk.rot('none')).toBeUndefined();
  });

  test('that is slow makes syncs queue, while reads go on', async () => {
    const bench = new Bench(crypto);
    const machine = bench.machine('n1');
    machine.disk.slow(1000);
    const ends: number[] = [];
    machine.start(async ({ disk, clock }) => {
      const file = await disk.open('f', { create: true });
      const syncs = [1, 2, 3].map(() => file.sync().then(() => ends.push(clock.monotonic())));
      await file.read(0, 1);
      expect(clock.monotonic()).toBeLessThan(SECOND / 100);
      await Promise.all(syncs);
    });
    await nodePump(bench.world, () => false);
    expect(ends[0]).toBeGreaterThan(0.7 * SECOND);
    expect(ends[1]! - ends[0]!).toBeGreaterThan(0.7 * SECOND);
    expect(ends[2]! - ends[1]!).toBeGreaterThan(0.7 * SECOND);
  });

  test('that stalls finishes its syncs afterwards', async () => {
    const bench = new Bench(crypto);
    const machine = bench.machine('n1');
    machine.disk.stall(7 * SECOND);
    await on(bench, machine, async (disk) => {
      const file = await disk.open('f', { create: true });
      await file.write(0, bytes('x'));
      expect(bench.world.now).toBeLessThan(SECOND);
      await file.sync();
    });
    expect(bench.world.now).toBeGreaterThan(7 * SECOND);
    expect(bench.world.now).toBeLessThan(8 * SECOND);
  });
});
