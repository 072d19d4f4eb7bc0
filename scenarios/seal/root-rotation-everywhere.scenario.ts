import { expect, kv, scenario } from '../../sim/story.ts';

/** Whoever leads next writes the keyring under the root key that it knows: it has to be the one that is in force. */
scenario(
  'every node follows to the new root key',
  { minimum: { acknowledged: 100, faults: 3, elections: 3 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '200ms', timeout: '2s' }));
    for (let round = 0; round < 3; round++) {
      await bao.request('POST', 'sys/rotate/root');
      await sim.run('1s');
      await bao.stepDown();
      await sim.run('3s');
      await bao.ready();
      await bao.request('PUT', 'sys/rotate');
      await sim.run('1s');
    }
    // Only what lies on the disks is left.
    for (const name of bao.names) bao.kill(name);
    for (const name of bao.names) bao.restart(name);
    await bao.ready();
    await sim.run('2s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
