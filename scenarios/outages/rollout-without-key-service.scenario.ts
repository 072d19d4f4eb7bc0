import { KeyService } from '../../sim/services/key-service.ts';
import { ActiveWatch, expect, kv, scenario } from '../../sim/story.ts';

/**
 * Source: hashicorp/vault issue 10423 (2020). The server whose transit engine unseals the cluster is away, which nobody
 * notices, as nothing that runs needs it. Then the nodes are started anew, one after another, as for an upgrade: none
 * comes back, none listens where somebody could unseal it by hand, and the second one takes the quorum with it.
 */
scenario(
  'a rolling restart while the key service is away ends with the quorum, and its return ends that',
  { minimum: { acknowledged: 50, faults: 3, elections: 1 } },
  async (sim) => {
    const kms = new KeyService(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, seal: kms });
    await bao.mount('secret', 'kv-v2');
    const active = new ActiveWatch(sim, bao);
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '500ms', timeout: '2s' }));
    kms.down();
    await sim.run('1m');
    // Standbys first, as one is told to.
    const [first, second] = bao.followers as [string, string];
    await bao.terminate(first);
    bao.restart(first);
    await sim.run('30s');
    expect(active.longest).toBe(0);
    expect((await bao.ask('PUT', 'sys/unseal', { node: first, body: { key: bao.keys.shares[0]! } })).status).toBe(0);

    await bao.terminate(second);
    bao.restart(second);
    await sim.run('2m');
    expect(bao.names.filter((name) => bao.isActive(name)).length).toBe(0);

    kms.up();
    await bao.ready();
    expect(active.longest).toBeAtLeast(110_000_000);
    expect(active.longest).toBeAtMost(140_000_000);
    await sim.run('5s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
