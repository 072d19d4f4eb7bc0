import { expect, test } from 'vitest';
import { Scope } from '../../scope.ts';
import { InmemLocks } from './inmem-locks.ts';

test('one at a time holds a lock, and the next one comes when it is let go', async () => {
  const locks = new InmemLocks();
  const [first, second] = [locks.lockWith('k', 'a'), locks.lockWith('k', 'b')];
  const lost = await first.lock(new Scope());
  const waiting = second.lock(new Scope());
  expect(await second.value()).toBe('a');
  await first.unlock();
  expect(lost?.cancelled).toBe(true);
  expect((await waiting)?.cancelled).toBe(false);
  expect(await first.value()).toBe('b');
});

test('who stops waiting gets nothing', async () => {
  const locks = new InmemLocks();
  await locks.lockWith('k', 'a').lock(new Scope());
  const stop = new Scope();
  const waiting = locks.lockWith('k', 'b').lock(stop);
  stop.cancel();
  expect(await waiting).toBeUndefined();
});
