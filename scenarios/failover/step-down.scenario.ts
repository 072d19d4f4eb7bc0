import { expect, kv, scenario } from '../../sim/story.ts';

/** sys/step-down hands leadership over, so that the gap is a fraction of a second. */
scenario(
  'a leader that steps down is replaced at once',
  { minimum: { acknowledged: 200, faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft' });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '100ms' }));
    const before = bao.leader;
    sim.at('5s', 'step down', () => bao.stepDown());
    await sim.run('8s');
    expect(bao.leader === before).toBe(false);
    await sim.run('12s');
    await bao.ready();
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
