import { KeyService } from '../../sim/services/key-service.ts';
import { expect, kv, scenario } from '../../sim/story.ts';
import type { Cluster } from '../../sim/cluster.ts';
import type { Sealing } from '../../sim/cluster-options.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { giveShares } from './give-shares.ts';

/** Node by node, as the manual says: the standbys first, each with the shares and the intent, the active one last. */
async function migrate(sim: Simulation, bao: Cluster, to: Sealing, from: Sealing): Promise<void> {
  bao.configureSeal(to, from);
  const active = bao.leader;
  for (const name of [...bao.followers, active]) {
    bao.kill(name);
    await sim.run('1s');
    bao.restart(name);
    await giveShares(sim, bao, name);
  }
  await bao.ready();
  const status = (await bao.ask('GET', 'sys/seal-status')).json;
  expect(status['migration']).toBe(false);
  bao.configureSeal(to);
}

/** No request and no secret is lost on the way from shares to a key service, to another one, and back to shares. */
scenario(
  'a cluster moves from one seal to another and back, node by node, under load',
  { minimum: { acknowledged: 100, faults: 9, elections: 3 } },
  async (sim) => {
    const kms = new KeyService(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, seal: 'shamir' });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '100ms', timeout: '2s' }));
    await sim.run('2s');
    await migrate(sim, bao, kms, 'shamir');
    for (const name of bao.names) bao.kill(name);
    for (const name of bao.names) bao.restart(name);
    await bao.ready();
    await migrate(sim, bao, 'static', kms);
    kms.down();

    // The recovery key changes hands, so that the shares of the beginning are worth nothing at the end.
    const begun = await bao.ask('POST', 'sys/rotate/recovery/init', {
      body: { secret_shares: 5, secret_threshold: 3 },
    });
    const { nonce } = begun.json['data'] as { nonce: string };
    let made: unknown;
    for (const key of bao.keys.shares.slice(0, 3)) {
      const step = await bao.ask('POST', 'sys/rotate/recovery/update', { body: { key, nonce } });
      made = (step.json['data'] as { keys_base64?: unknown }).keys_base64;
    }
    const former = bao.keys.shares;
    bao.rekeyed(made as string[]);
    const attempt = (await bao.ask('POST', 'sys/generate-root-token/attempt', { body: {} })).json['data'] as {
      nonce: string;
    };
    let refused = 0;
    for (const key of former.slice(0, 3)) {
      const step = await bao.ask('POST', 'sys/generate-root-token/update', { body: { key, nonce: attempt.nonce } });
      refused = step.status;
    }
    expect(refused).toBe(500);

    await migrate(sim, bao, 'shamir', 'static');
    expect((await bao.ask('POST', 'sys/rotate/root')).status).toBe(204);
    for (const name of bao.names) bao.kill(name);
    for (const name of bao.names) bao.restart(name);
    for (const name of bao.names) await giveShares(sim, bao, name);
    await bao.ready();
    await sim.run('2s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
