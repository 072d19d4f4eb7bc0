import { expect, kv, scenario } from '../../sim/story.ts';

/**
 * A leader dies at the moment at which a voter comes back that lacks far more than one request carries. The next one
 * needs its vote and its replica: it first has to bring it entries of the old term, which count only with one of its
 * own.
 */
scenario(
  'a new leader brings the voter that it needs up to date',
  { minimum: { acknowledged: 150, faults: 3, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft', multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 20, every: '60ms', reads: 10, timeout: '2s' }));
    const [late, ahead] = bao.followers;
    sim.network.isolate(late!);
    await sim.run('4s');
    const { leader } = bao;
    bao.kill(leader);
    sim.network.heal();
    await sim.run('6s');
    expect(bao.leader).toBe(ahead);
    bao.restart(leader);
    await bao.ready();
    // Who is asked to step down while writes come in hands over to somebody who has them all.
    await bao.stepDown();
    await sim.run('3s');
    await bao.ready();
    await sim.eventually('15s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
