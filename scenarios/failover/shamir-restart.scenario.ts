import { expect, kv, scenario } from '../../sim/story.ts';

/** After a power cut in the whole room each node waits for its shares; two that have them serve. */
scenario(
  'a cluster with shares is unsealed node by node after a power loss of all',
  { minimum: { acknowledged: 200, faults: 3, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, seal: 'shamir' });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '100ms', timeout: '2s' }));
    await sim.run('5s');
    for (const name of bao.names) bao.losePower(name);
    await sim.run('2s');
    for (const name of bao.names) bao.restart(name);
    const waits = async (name: string) => (await bao.operator.health(bao.address(name))) === 503;
    for (const name of bao.names) await sim.eventually('10s', `${name} waits for shares`, () => waits(name));
    await sim.run('10s');
    for (const name of bao.names) expect(await waits(name)).toBe(true);
    const [first, second, third] = bao.names;
    for (const name of [first!, second!]) await bao.operator.unseal(bao.address(name), bao.keys.shares);
    const served = async () => (await bao.ask('GET', 'secret/config', { node: first! })).status === 200;
    await sim.eventually('3m', 'two nodes serve', served);
    await bao.operator.unseal(bao.address(third!), bao.keys.shares);
    await bao.ready();
    await sim.run('3s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
