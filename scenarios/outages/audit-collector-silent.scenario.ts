import type { JsonObject } from '../../core/codec/json.ts';
import { ActiveWatch, expect, scenario } from '../../sim/story.ts';

/**
 * Source: hashicorp/vault issue 15932 (2022). The only audit device is a socket to a collector that no packet reaches
 * any more. Everything ends in `internal error`, whoever is asked, the commands that would help included, while health
 * says that all is well, so that no failover comes, and none would help.
 */
scenario(
  'a silent collector of the only audit device stops everything but health',
  { minimum: { faults: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, settings: { unsafe_allow_api_audit_creation: true } });
    await bao.mount('secret', 'kv-v2');
    const collector = sim.client('collector');
    collector.start((runtime) => {
      runtime.network.listen('collector:9000', (connection) => connection.onMessage(() => {}));
    });
    await bao.request('POST', 'sys/audit/far', { type: 'socket', options: { address: 'collector:9000' } });
    await sim.run('5s');
    await bao.request('POST', 'secret/data/a', { data: { value: 'before' } });
    const active = new ActiveWatch(sim, bao);
    const { leader } = bao;

    // It is started anew behind a firewall that says nothing: the connection breaks, and no other comes about.
    collector.kill();
    sim.network.isolate('collector', { from: 'everyone' });
    await sim.run('5s');
    const refused = async (method: string, path: string, body?: JsonObject, text = 'internal error'): Promise<void> => {
      for (const node of bao.names) {
        const { status, json } = await bao.ask(method, path, { node, ...(body === undefined ? {} : { body }) });
        expect(`${status} ${JSON.stringify(json)}`).toBe(`500 {"errors":["${text}"]}`);
      }
    };
    await refused('GET', 'secret/data/a');
    await refused('PUT', 'sys/step-down', undefined, 'failed to audit request, cannot continue');
    await refused('DELETE', 'sys/audit/far');
    await refused('POST', 'sys/audit/near', { type: 'file' });
    for (const node of bao.names)
      expect((await bao.ask('GET', 'sys/health', { node })).status).toBe(node === leader ? 200 : 429);
    expect(active.longest).toBe(0);

    sim.network.heal();
    collector.restart();
    await sim.eventually('30s', 'it reads again', async () => (await bao.ask('GET', 'secret/data/a')).status === 200);
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(bao.leader).toBe(leader);
  },
);
