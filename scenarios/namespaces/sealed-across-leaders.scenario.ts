import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

const seal = 'seal "shamir" { shares = 1 threshold = 1 }';

/** Nodes tell each other the keys of open namespaces; what was sealed by hand, and what no node remembers, stays shut. */
scenario(
  'a namespace with a seal of its own is open or sealed whoever leads',
  { minimum: { faults: 3, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const made = await bao.request('POST', 'sys/namespaces/vaulted', { seal });
    const [key] = at(made, 'data', 'key_shares') as readonly string[];
    bao.holds(at(made, 'data', 'uuid') as string, [key!]);
    const unseal = () => bao.request('POST', 'sys/namespaces/vaulted/unseal', { key: key! });
    let secrets = ['a'];
    /** The worst of all answers. */
    const read = async (node: string = bao.leader): Promise<number> => {
      const statuses: number[] = [];
      for (const name of secrets) statuses.push((await bao.ask('GET', `vaulted/kv/${name}`, { node })).status);
      return Math.max(...statuses);
    };
    expect(await read()).toBe(503);
    await unseal();
    await bao.request('POST', 'vaulted/sys/mounts/kv', { type: 'kv' });
    await bao.request('POST', 'vaulted/kv/a', { value: 'canary-vaulted' });
    await bao.request('PUT', 'vaulted/sys/rotate');
    await bao.request('POST', 'vaulted/kv/b', { value: 'canary-after-rotation' });
    secrets = ['a', 'b'];
    await sim.run('20s');
    for (const node of bao.names) expect(await read(node)).toBe(200);

    // Who has the keys already has to hear of those that are new.
    await bao.request('PUT', 'vaulted/sys/rotate');
    await bao.request('POST', 'vaulted/kv/c', { value: 'canary-after-another' });
    secrets = ['a', 'b', 'c'];
    const next = async () => {
      const { leader } = bao;
      bao.kill(leader);
      await sim.run('20s');
      bao.restart(leader);
      await bao.ready();
      expect(bao.leader === leader).toBe(false);
    };
    await next();
    expect(await read()).toBe(200);
    await bao.request('POST', 'vaulted/kv/a', { value: 'canary-under-another' });

    // Whoever is next has just started, and has to learn the key from who led before.
    for (const name of bao.followers) {
      bao.kill(name);
      bao.restart(name);
      await sim.run('4s');
    }
    await bao.stepDown();
    await sim.run('1s');
    expect(await read()).toBe(503);
    await sim.eventually('20s', 'the new leader has the key', async () => (await read()) === 200);

    await bao.request('POST', 'sys/namespaces/vaulted/seal');
    await sim.run('20s');
    for (const node of bao.names) expect(await read(node)).toBe(503);
    await next();
    expect(await read()).toBe(503);
    await unseal();
    expect(await read()).toBe(200);
    await sim.run('20s');

    // Nobody is left who knows the key.
    for (const name of bao.names) bao.kill(name);
    await sim.run('5s');
    for (const name of bao.names) bao.restart(name);
    await bao.ready();
    expect(await read()).toBe(503);
    await unseal();
    expect(await read()).toBe(200);
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
  },
);
