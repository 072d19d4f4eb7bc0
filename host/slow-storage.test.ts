import { expect, test } from 'vitest';
import { InmemStorage } from '../core/storage/inmem.ts';
import { slowed } from './slow-storage.ts';

test('each operation waits as long as it was told, more or less, and then is done', async () => {
  const slept: number[] = [];
  const draws = [0, 40, 80];
  const { storage } = slowed(
    { type: 'inmem', storage: new InmemStorage() },
    { latency: 200, jitter: 40 },
    {
      below: (bound) => {
        expect(bound).toBe(81);
        return draws.shift() ?? 40;
      },
    },
    async (millis) => void slept.push(millis),
  );
  await storage.put('a/b', Uint8Array.of(1));
  expect(await storage.get('a/b')).toEqual(Uint8Array.of(1));
  expect(await storage.list('a/')).toEqual(['b']);
  await storage.delete('a/b');
  expect(await storage.get('a/b')).toBeUndefined();
  expect(slept).toEqual([120, 200, 280, 200, 200]);
  expect(storage.transactional).toBe(false);
});
