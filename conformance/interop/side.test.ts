import { afterEach, expect, test, vi } from 'vitest';
import { orSkipped, startSides } from './side.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('where the real server cannot be had, one line says so and nothing fails', async () => {
  // Neither a program nor what could install one.
  vi.stubEnv('PATH', '/nonexistent');
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await orSkipped(async () => void (await startSides('0.0.0')));
  expect(log.mock.calls).toEqual([[expect.stringMatching(/^skipped: bao 0\.0\.0 is not on PATH/)]]);
});
