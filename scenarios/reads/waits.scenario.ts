import { SECOND } from '../../core/runtime.ts';
import { expect, scenario } from '../../sim/story.ts';

const WAIT = 5;

/** Who asks a standby to wait is answered once it has come as far, and told to come back where that takes too long. */
scenario(
  'a standby that is asked to wait answers what was written, or says that it cannot yet',
  { minimum: { faults: 3 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, settings: { consistency_max_index_wait: WAIT } });
    await bao.mount('secret', 'kv-v2');
    const standby = bao.followers[0]!;
    await sim.run('2s');
    const waited = sim.count(
      ({ node, event }) => node === standby && event.kind === 'http.index' && event.outcome === 'reached',
    );
    const write = async (value: string): Promise<string> => {
      const written = await bao.ask('POST', 'secret/data/a', { body: { data: { value } } });
      expect(written.status).toBe(200);
      return written.header('x-vault-index')!;
    };
    const read = (index: string) =>
      bao.ask('GET', 'secret/data/a', {
        node: standby,
        headers: [
          ['X-Vault-Index', index],
          ['X-Vault-Inconsistent', 'await-state'],
        ],
      });

    sim.network.clog(bao.leader, standby, '20ms', '200ms');
    for (let turn = 1; turn <= 20; turn++) {
      const { status, json } = await read(await write(`v${turn}`));
      expect(status).toBe(200);
      expect(JSON.stringify(json)).toContain(`"v${turn}"`);
    }
    expect(waited()).toBeAtLeast(10);

    // What the old leader wrote and this node never heard of, the next leader tells it.
    sim.network.heal();
    sim.network.isolate(standby);
    const { leader } = bao;
    const asked = read(await write('before the failover'));
    await sim.run('1s');
    bao.kill(leader);
    sim.network.heal();
    expect([200, 429]).toContain((await asked).status);
    await sim.run('30s');
    bao.restart(leader);
    await bao.ready();

    // Whoever leads now is asked no such thing.
    if (bao.leader === standby) {
      await bao.stepDown();
      await bao.ready();
    }
    await sim.run('15s');
    sim.network.isolate(standby);
    const late = await write('too late');
    const begun = sim.world.now;
    const refused = await read(late);
    expect(refused.status).toBe(429);
    expect(sim.world.now - begun).toBeAtLeast(WAIT * SECOND);
    sim.network.heal();
    const answer = await read(late);
    expect(answer.status).toBe(200);
    expect(JSON.stringify(answer.json)).toContain('"too late"');
  },
);
