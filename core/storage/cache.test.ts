import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../codec/utf8.ts';
import { CachedStorage } from './cache.ts';
import { InmemStorage } from './inmem.ts';
import { TwoQueue } from './twoqueue.ts';

class Counting extends InmemStorage {
  gets: string[] = [];
  hold: Promise<void> | undefined;

  override async get(key: string): Promise<Uint8Array | undefined> {
    this.gets.push(key);
    const value = await super.get(key);
    await this.hold;
    return value;
  }
}

describe('CachedStorage', () => {
  it('asks the backend once, for missing keys too', async () => {
    const inner = new Counting();
    const cache = new CachedStorage(inner);
    await cache.get('a');
    await cache.get('a');
    expect(inner.gets).toEqual(['a']);
    await cache.put('a', encodeUtf8('1'));
    expect(await cache.get('a')).toEqual(encodeUtf8('1'));
    await cache.delete('a');
    expect(await cache.get('a')).toBeUndefined();
    expect(inner.gets).toEqual(['a', 'a']);
  });

  it('never remembers leases, the TLS keyring and seal configurations', async () => {
    const inner = new Counting();
    const cache = new CachedStorage(inner);
    const keys = ['sys/expire/id/x', 'core/raft/tls', 'core/seal-config', 'core/recovery-config'];
    for (const key of [...keys, ...keys]) {
      await cache.put(key, encodeUtf8('1'));
      await cache.get(key);
    }
    expect(inner.gets).toEqual([...keys, ...keys]);
  });

  it('forgets one key on invalidation and all on purge', async () => {
    const inner = new Counting();
    const cache = new CachedStorage(inner);
    await cache.get('a');
    await cache.get('b');
    cache.invalidate('a');
    await cache.get('a');
    await cache.get('b');
    cache.purge();
    await cache.get('b');
    expect(inner.gets).toEqual(['a', 'b', 'a', 'b']);
  });

  it('does not remember a read that a write or an invalidation overtook', async () => {
    for (const overtake of ['put', 'invalidate', 'purge', 'delete'] as const) {
      const inner = new Counting();
      await inner.put('a', encodeUtf8('old'));
      const cache = new CachedStorage(inner);
      let release!: () => void;
      inner.hold = new Promise((resolve) => (release = resolve));
      const reading = cache.get('a');
      await Promise.resolve();
      inner.hold = undefined;
      if (overtake === 'put') await cache.put('a', encodeUtf8('new'));
      else if (overtake === 'delete') await cache.delete('a');
      else {
        await inner.put('a', encodeUtf8('new'));
        if (overtake === 'purge') cache.purge();
        else cache.invalidate('a');
      }
      release();
      expect(await reading).toEqual(encodeUtf8('old'));
      expect(await cache.get('a')).toEqual(overtake === 'delete' ? undefined : encodeUtf8('new'));
    }
  });

  it('passes everything through when disabled', async () => {
    const inner = new Counting();
    const cache = new CachedStorage(inner);
    cache.setEnabled(false);
    await cache.get('a');
    await cache.get('a');
    expect(inner.gets).toEqual(['a', 'a']);
  });

  it('forgets what a transaction wrote', async () => {
    const cache = new CachedStorage(new InmemStorage());
    await cache.put('a', encodeUtf8('1'));
    const transaction = await cache.begin();
    await transaction.put('a', encodeUtf8('2'));
    await transaction.commit();
    expect(await cache.get('a')).toEqual(encodeUtf8('2'));
  });
});

describe('TwoQueue', () => {
  it('keeps what is used twice against a scan, within its capacity', () => {
    const queue = new TwoQueue<number>(8);
    queue.set('hot', 1);
    queue.get('hot');
    for (let n = 0; n < 100; n++) {
      queue.set(`scan${n}`, n);
      expect(queue.size).toBeLessThanOrEqual(8);
    }
    expect(queue.get('hot')).toBe(1);
    expect(queue.get('scan0')).toBeUndefined();
    expect(queue.get('scan99')).toBe(99);
  });

  it('promotes a key that comes back soon after it was evicted', () => {
    const queue = new TwoQueue<number>(4);
    for (const key of ['a', 'b', 'c', 'd', 'e']) queue.set(key, 1);
    expect(queue.get('a')).toBeUndefined();
    queue.set('a', 2);
    for (const key of ['f', 'g', 'h', 'i']) queue.set(key, 1);
    expect(queue.get('a')).toBe(2);
  });
});
