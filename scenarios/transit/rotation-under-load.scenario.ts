import { expect, scenario, TransitWorkload } from '../../sim/story.ts';

/** A version is stored before anybody gets a ciphertext of it, so no failover can take it away again. */
scenario(
  'key rotation under load never makes a ciphertext unreadable',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft', multiplier: 1 });
    await bao.mount('transit', 'transit');
    await bao.request('POST', 'transit/keys/k', { derived: true, convergent_encryption: true });
    await sim.run('1s');
    const load = new TransitWorkload({ clients: 4, every: '150ms', rotateEvery: '700ms' });
    bao.workload(load);
    const first = bao.leader;
    sim.at('8s', 'kill the leader', () => bao.kill(first));
    sim.at('24s', 'step down', () => bao.stepDown());
    await sim.run('20s');
    bao.restart(first);
    await bao.ready();
    await sim.run('15s');
    expect(load.given).toBeAtLeast(60);
    expect(load.opened).toBeAtLeast(60);
    expect(load.rotations).toBeAtLeast(10);
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    await sim.eventually('20s', 'everything is readable, or shut off', async () => {
      await load.checkAll(bao);
      return true;
    });
  },
);
