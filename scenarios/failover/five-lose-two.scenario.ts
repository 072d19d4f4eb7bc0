import { expect, kv, scenario } from '../../sim/story.ts';

/** Five nodes bear two losses, the leader among them. */
scenario('five nodes that lose two go on', { minimum: { acknowledged: 200, faults: 2, elections: 1 } }, async (sim) => {
  const bao = await sim.cluster({ nodes: 5, storage: 'raft', multiplier: 1 });
  await bao.mount('secret', 'kv-v2');
  const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '100ms', timeout: '2s' }));
  const lost = [bao.leader, bao.followers[0]!];
  sim.at('5s', 'two machines lose power', () => lost.forEach((node) => bao.losePower(node)));
  await sim.run('30s');
  expect(lost.includes(bao.leader)).toBe(false);
  for (const node of lost) bao.restart(node);
  await bao.ready();
  await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
  expect(history).toBeLinearizable();
});
