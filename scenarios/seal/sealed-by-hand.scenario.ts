import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

const seal = 'seal "shamir" { shares = 1 threshold = 1 }';

/** An operator seals the active node, then a standby: what is sealed forgets all keys, and the others go on. */
scenario('a node that is sealed by hand forgets every key', { minimum: { faults: 2, elections: 1 } }, async (sim) => {
  const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
  const made = await bao.request('POST', 'sys/namespaces/vaulted', { seal });
  const [key] = at(made, 'data', 'key_shares') as readonly string[];
  bao.holds(at(made, 'data', 'uuid') as string, [key!]);
  await bao.request('POST', 'sys/namespaces/vaulted/unseal', { key: key! });
  await bao.request('POST', 'vaulted/sys/mounts/kv', { type: 'kv' });
  await bao.request('POST', 'vaulted/kv/a', { value: 'canary-vaulted' });
  // Until standbys know the key too.
  await sim.run('20s');
  const read = async (node: string) => (await bao.ask('GET', 'vaulted/kv/a', { node })).status;
  for (const name of bao.names) expect(await read(name)).toBe(200);

  for (const sealed of [bao.leader, bao.followers[0]!]) {
    await bao.request('PUT', 'sys/seal', undefined, sealed);
    await sim.run('10s');
    expect(await read(sealed)).toBe(503);
    for (const name of bao.names) if (name !== sealed) expect(await read(name)).toBe(200);
    // Sealed by hand, it stays so until it is started again.
    bao.kill(sealed);
    bao.restart(sealed);
    await bao.ready();
    await sim.run('20s');
  }
  for (const name of bao.names) expect(await read(name)).toBe(200);
  await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
});
