import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

/**
 * Somebody sets the clock of the only node forward. Leases are promises about the time of day and end at once, if not to
 * the second; what a quota counts and whom it blocks is a matter of time that has passed.
 */
scenario('a clock that is set forward ends leases and no block', async (sim) => {
  const bao = await sim.cluster({ nodes: 1, storage: 'inmem' });
  const made = await bao.request('POST', 'auth/token/create', { policies: ['default'], ttl: '1h' });
  const accessor = at(made, 'auth', 'accessor') as string;
  const lives = async (): Promise<boolean> =>
    JSON.stringify(await bao.request('LIST', 'auth/token/accessors')).includes(accessor);
  await bao.mount('kv', 'kv');
  await bao.request('POST', 'kv/a', { value: 'a' });
  await bao.request('POST', 'sys/quotas/rate-limit/q', { path: 'kv/', rate: 1, interval: '1s', block_interval: '10m' });
  const read = async (): Promise<number> => (await bao.ask('GET', 'kv/a')).status;
  expect(await read()).toBe(200);
  expect(await read()).toBe(429);

  bao.jumpClock('n1', '59m');
  await sim.run('30s');
  expect(await lives()).toBe(true);
  expect(await read()).toBe(429);
  bao.jumpClock('n1', '10m');
  // At least once a minute somebody looks at the clock.
  await sim.run('65s');
  expect(await lives()).toBe(false);
  expect(await read()).toBe(429);
  await sim.run('9m');
  expect(await read()).toBe(200);
});
