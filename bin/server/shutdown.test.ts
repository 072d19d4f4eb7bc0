import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Shutdown } from './shutdown.ts';

const listeners = () => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');

beforeEach(() => void vi.spyOn(console, 'log').mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

test('who is asked while it begins ends when it has begun', () => {
  const before = listeners();
  const stop = vi.fn();
  const shutdown = new Shutdown();
  process.emit('SIGTERM');
  shutdown.begun(stop);
  expect(stop).toHaveBeenCalledTimes(1);
  expect(listeners()).toBe(before);
});

test('who is asked once is not asked by the other signal, which ends it at once', () => {
  const before = listeners();
  const stop = vi.fn();
  new Shutdown().begun(stop);
  expect(stop).not.toHaveBeenCalled();
  process.emit('SIGINT');
  expect(listeners()).toBe(before);
  process.emit('SIGTERM');
  expect(stop).toHaveBeenCalledTimes(1);
});
