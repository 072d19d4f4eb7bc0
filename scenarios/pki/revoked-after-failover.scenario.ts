import { at } from '../../sim/client.ts';
import { expect, RevocationWorkload, scenario } from '../../sim/story.ts';

/** Whoever revokes a certificate because its key was stolen must be able to rely on the answer, whoever leads next. */
scenario(
  'a revoked certificate is on the list after a failover, and OCSP says so',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('pki', 'pki');
    await bao.request('POST', 'pki/root/generate/internal', { common_name: 'Root', key_type: 'ec', ttl: '720h' });
    await bao.request('POST', 'pki/roles/web', { allow_any_name: true, key_type: 'ec', ttl: '24h' });
    await sim.run('1s');
    const load = new RevocationWorkload({ clients: 3, every: '200ms' });
    bao.workload(load);
    await sim.run('5s');
    const first = bao.leader;
    bao.kill(first);
    await sim.run('20s');
    bao.restart(first);
    await bao.ready();
    await sim.run('3s');
    bao.kill(bao.leader);
    await sim.run('20s');
    for (const name of bao.names) if (name !== bao.leader) bao.restart(name);
    await bao.ready();
    await sim.run('5s');
    expect(load.revoked).toBeAtLeast(20);
    expect(load.lists).toBeAtLeast(20);
    expect(load.ocsp).toBeAtLeast(20);
    await sim.eventually('20s', 'every replica has the list', () => load.onEveryNode(bao));
    // Where all authorities are gone none is the usual one.
    await bao.request('DELETE', 'pki/root');
    expect(at(await bao.request('GET', 'pki/config/issuers'), 'data', 'default')).toBe('');
  },
);
