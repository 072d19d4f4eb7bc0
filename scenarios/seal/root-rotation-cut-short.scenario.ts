import { expect, killAtWrite, kv, scenario } from '../../sim/story.ts';

/**
 * A new root key takes four writes, and nothing holds them together: the stored keys first, then the keyring. Whoever
 * dies in between leaves stored keys that no longer open the keyring. The nodes that are open do not notice, and the
 * next rotation makes them whole; who was switched off in between is lost, and so were a cluster that went off as a
 * whole.
 */
scenario(
  'a rotation of the root key that is cut short is made whole by the next one',
  { minimum: { acknowledged: 100, faults: 2, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, spares: 1, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '100ms', timeout: '2s' }));
    await sim.run('2s');
    const killed = bao.leader;
    // The first write is in force, the second has not left the node.
    const death = killAtWrite(sim, bao, /^core\/keyring$/);
    await bao.ask('POST', 'sys/rotate/root', { node: killed });
    await sim.run('10s');
    expect(death.node).toBe(killed);
    bao.restart(killed);
    await sim.run('20s');
    // The node that was switched off in between stays outside: it is sealed, and a sealed node runs no raft.
    expect((await bao.ask('GET', 'sys/health', { node: killed })).status).toBe(503);
    expect((await bao.ask('POST', 'sys/rotate/root')).status).toBe(204);
    await bao.replace(killed, 'n4');
    for (const name of bao.names) bao.kill(name);
    for (const name of bao.names) bao.restart(name);
    await bao.ready();
    await sim.run('2s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
