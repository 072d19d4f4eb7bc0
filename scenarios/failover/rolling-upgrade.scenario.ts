import { expect, kv, scenario } from '../../sim/story.ts';

/**
 * Standbys first, the active node last. Until it is its turn too, each node answers by its own version: 2.6 tells no
 * index and heeds none, whatever it is; what it has forwarded is answered as the active node answers.
 */
scenario(
  'a cluster of 2.6 becomes one of 2.7 node by node',
  { minimum: { acknowledged: 200, faults: 3, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, profile: '2.6.2' });
    await bao.mount('secret', 'kv-v2');
    await bao.request('POST', 'secret/data/mark', { data: { a: 'b' } });
    await sim.run('1s');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '200ms', timeout: '2s' }));
    const tellsIndex = async (method: string, node: string): Promise<boolean> => {
      const body = method === 'GET' ? {} : { body: { data: { a: 'b' } } };
      const answer = await bao.ask(method, 'secret/data/mark', { node, ...body });
      expect(answer.status).toBe(200);
      return answer.header('x-vault-index') !== undefined;
    };
    /** What a node makes of an index that cannot be read. */
    const senseless = async (node: string): Promise<number> => {
      const headers = [['X-Vault-Index', '!']] as const;
      return (await bao.ask('GET', 'secret/data/mark', { node, headers })).status;
    };
    const first = bao.leader;
    for (const name of bao.followers) {
      expect(await tellsIndex('GET', name)).toBe(false);
      expect(await senseless(name)).toBe(200);
      await bao.upgrade(name, '2.7.2');
      await bao.ready();
      await sim.run('6s');
      expect(bao.leader).toBe(first);
      expect(await tellsIndex('GET', name)).toBe(true);
      expect(await tellsIndex('POST', name)).toBe(false);
      expect(await senseless(name)).toBe(400);
    }
    await bao.upgrade(first, '2.7.2');
    await bao.ready();
    await sim.run('6s');
    for (const name of bao.names) expect(await tellsIndex('POST', name)).toBe(true);
    const { data } = await bao.request('GET', 'sys/ha-status');
    expect(JSON.stringify(data).split('"version":"2.7.2"').length).toBe(4);
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
