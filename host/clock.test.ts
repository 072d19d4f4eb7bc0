import { expect, test } from 'vitest';
import { HOUR, MILLISECOND } from '../core/runtime.ts';
import { HostClock } from './clock.ts';

const holding = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('a timer holds up the process until it has fired, was cancelled, or the clock ended', async () => {
  const clock = new HostClock();
  const before = holding();
  const cancelled = clock.after(HOUR, () => undefined);
  void clock.sleep(HOUR);
  void clock.sleep(1_000 * HOUR);
  const fired = clock.sleep(MILLISECOND);
  expect(holding()).toBe(before + 4);
  await fired;
  cancelled.cancel();
  expect(holding()).toBe(before + 2);
  clock.end();
  void clock.sleep(HOUR);
  expect(holding()).toBe(before);
});
