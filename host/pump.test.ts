import { setImmediate as macrotask } from 'node:timers';
import { expect, test } from 'vitest';
import { nodePump, portablePump, type Pump } from './pump.ts';

const pumps: [string, Pump][] = [
  ['node', nodePump],
  ['portable', portablePump((run) => void macrotask(run))],
];

/** Two programs that hand over through chains of microtasks of different lengths. */
function story(): { world: { step(): boolean }; seen: string[] } {
  const seen: string[] = [];
  let events = 0;
  const chain = async (name: string, length: number): Promise<void> => {
    for (let i = 0; i < length; i++) await Promise.resolve();
    seen.push(`${name} after event ${events}`);
  };
  const world = {
    step(): boolean {
      if (events === 300) return false;
      events++;
      void chain('short', 1);
      void chain('long', events % 40);
      return true;
    },
  };
  return { world, seen };
}

test.each(pumps)('the %s pump drains every microtask before the next event', async (_, pump) => {
  const { world, seen } = story();
  await pump(world, () => false);
  expect(seen).toHaveLength(600);
  for (const [index, line] of seen.entries()) expect(line).toContain(`event ${Math.floor(index / 2) + 1}`);
});

test('both pumps give the same run', async () => {
  const runs = await Promise.all(
    pumps.map(async ([, pump]) => {
      const { world, seen } = story();
      await pump(world, () => false);
      return seen;
    }),
  );
  expect(runs[0]).toEqual(runs[1]);
});

test.each(pumps)('the %s pump stops before the step at which it is done', async (_, pump) => {
  let steps = 0;
  await pump({ step: () => ++steps > 0 }, () => steps === 17);
  expect(steps).toBe(17);
});

test.each(pumps)('the %s pump passes on what a step throws', async (_, pump) => {
  const failing = {
    step(): boolean {
      throw new Error('broken kernel');
    },
  };
  await expect(pump(failing, () => false)).rejects.toThrow('broken kernel');
});

test.each(pumps)(
  'the %s pump reports a rejection that nobody handles, and leaves no listener behind',
  async (_, pump) => {
    // The test runner has listeners of its own, which would call this a failure.
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    let steps = 0;
    const careless = {
      step(): boolean {
        if (++steps === 3) void Promise.reject(new Error('forgotten'));
        return true;
      },
    };
    await expect(pump(careless, () => false)).rejects.toThrow('forgotten');
    expect(steps).toBe(3);
    expect(process.listenerCount('unhandledRejection')).toBe(0);
    for (const listener of others) process.on('unhandledRejection', listener);
  },
);
