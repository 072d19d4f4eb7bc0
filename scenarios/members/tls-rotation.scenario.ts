import { expect, scenario } from '../../sim/story.ts';

/** The keys of the cluster's own TLS change each day, but not while a follower is too dead to learn the new one. */
scenario(
  "the cluster's TLS keys do not change under a dead follower, and do when it is back",
  { minimum: { faults: 1 }, limit: '72h' },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3 });
    await bao.mount('secret', 'kv-v2');
    const said = new Map<string, number>();
    sim.world.onLog(({ message }) => said.set(message, (said.get(message) ?? 0) + 1));
    const times = (message: string): number => said.get(message) ?? 0;
    const [dead] = bao.followers;
    await sim.run('23h');
    bao.kill(dead!);
    await sim.run('2h');
    expect(times('wrote new raft TLS config')).toBe(1);
    expect(times('installed new raft TLS key')).toBe(0);
    await sim.run('4h');
    expect(times('installed new raft TLS key')).toBe(0);
    bao.restart(dead!);
    await bao.ready();
    await sim.run('10m');
    expect(times('installed new raft TLS key')).toBe(1);
    await bao.request('POST', 'secret/data/after', { data: { value: 'rotated' } });
    // New connections come under the new key.
    for (const node of bao.names) {
      bao.kill(node);
      await sim.run('1s');
      bao.restart(node);
      await bao.ready();
    }
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect((await bao.ask('GET', 'secret/data/after')).status).toBe(200);
  },
);
