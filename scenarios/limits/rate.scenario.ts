import { expect, scenario } from '../../sim/story.ts';

/** A quota of ten a second lets ten through, and whoever asks for more is blocked for exactly as long as it says. */
scenario('a rate limit counts and blocks to the second, on each node by itself', async (sim) => {
  const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
  await bao.mount('secret', 'kv-v2');
  await bao.request('POST', 'secret/data/a', { data: { value: 'canary-a' } });
  await bao.request('POST', 'sys/quotas/rate-limit/q', { path: 'secret/', rate: 10, interval: '1s' });
  await sim.run('1s');
  const burst = async (size: number, node: string): Promise<number> => {
    const ask = () => bao.ask('GET', 'secret/data/a', { node });
    const answers = await Promise.all(Array.from({ length: size }, ask));
    for (const { status } of answers) expect(status === 200 || status === 429).toBe(true);
    return answers.filter(({ status }) => status === 200).length;
  };
  for (const node of bao.names) expect(await burst(30, node)).toBe(10);
  await sim.run('1s');
  for (const node of bao.names) expect(await burst(30, node)).toBe(10);

  await bao.request('POST', 'sys/quotas/rate-limit/q', {
    path: 'secret/',
    rate: 10,
    interval: '1s',
    block_interval: '30s',
  });
  await sim.run('2s');
  expect(await burst(30, bao.leader)).toBe(10);
  await sim.run('29s');
  expect(await burst(1, bao.leader)).toBe(0);
  await sim.run('2s');
  expect(await burst(5, bao.leader)).toBe(5);
});
