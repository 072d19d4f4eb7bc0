import { KeyService } from '../../sim/services/key-service.ts';
import { expect, kv, scenario } from '../../sim/story.ts';

/** A key that is gone seals nobody who is open; who is open in time moves to shares, and nothing is lost. */
scenario(
  'a key lost for good costs nothing while one node is open',
  { minimum: { acknowledged: 100, faults: 4, elections: 1 } },
  async (sim) => {
    const kms = new KeyService(sim);
    const bao = await sim.cluster({ nodes: 3, spares: 1, multiplier: 1, seal: kms });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '100ms', timeout: '2s' }));
    await sim.run('2s');
    kms.loseKeys();
    const complaints: unknown[] = [];
    sim.world.onLog(({ message, fields }) => {
      if (message === 'failed to unseal core') complaints.push(fields?.['error']);
    });
    const standby = bao.followers[0]!;
    bao.kill(standby);
    await sim.run('2s');
    bao.restart(standby);
    await sim.run('20s');
    // It does not even start: the first byte that it has encrypted is refused.
    expect((await bao.ask('GET', 'sys/health', { node: standby })).status).toBe(0);
    kms.rotate();
    await sim.run('20s');
    // With a new key in the old one's place it starts, and says what it lacks, every five seconds.
    expect((await bao.ask('GET', 'sys/health', { node: standby })).status).toBe(503);
    expect(complaints.length > 1).toBe(true);
    expect(String(complaints[0])).toContain('fetching stored unseal keys failed: failed to decrypt keys from storage');
    expect(String(complaints[0])).toContain('* encryption key not found');
    // The open ones still have the root key in hand, and wrap a new one under the new key.
    expect((await bao.ask('POST', 'sys/rotate/root')).status).toBe(204);
    // A sealed node runs no raft, so that this never reaches the one that was restarted too early.
    await bao.replace(standby, 'n4');
    await sim.run('2s');
    for (const name of bao.names) bao.kill(name);
    for (const name of bao.names) bao.restart(name);
    await bao.ready();
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
