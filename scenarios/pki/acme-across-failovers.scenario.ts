import { AcmeOrders, expect, scenario } from '../../sim/story.ts';

const BASE = 'http://bao.example.test/v1/pki';

/**
 * Clients renew their certificates by night, and a leader that dies then takes its nonces and the checks that were going
 * on with it: clients are told `badNonce` and try again, checks go on at the next leader, and nobody gets a certificate
 * for a name that is not theirs.
 */
scenario(
  'certificates over ACME come through failovers, and only to whom the name belongs',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('pki', 'pki');
    await bao.request('POST', 'sys/mounts/pki/tune', {
      allowed_response_headers: ['Location', 'Replay-Nonce', 'Link'],
    });
    await bao.request('POST', 'pki/root/generate/internal', { common_name: 'Root', key_type: 'ec', ttl: '720h' });
    await bao.request('POST', 'pki/config/cluster', { path: BASE });
    await bao.request('POST', 'pki/config/acme', { enabled: true });
    const orders = new AcmeOrders({ clients: 3, base: BASE });
    bao.workload(orders);
    for (let turn = 0; turn < 2; turn++) {
      await sim.run('20s');
      const first = bao.leader;
      bao.kill(first);
      await sim.run('30s');
      bao.restart(first);
      await bao.ready();
    }
    await sim.run('50s');
    expect(orders.certificates).toBeAtLeast(10);
    expect(orders.badNonces).toBeAtLeast(1);
    expect(orders.refused).toBeAtLeast(10);
  },
);
