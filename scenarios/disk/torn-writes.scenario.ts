import { expect, kv, scenario } from '../../sim/story.ts';

/** The power fails in the middle of large entries: of the last one a part is on the platter, and none of it was promised. */
scenario(
  'an entry of which a power loss kept a part was never there',
  { minimum: { acknowledged: 50, faults: 10, bytesLost: 1 }, unknown: 100 },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const dice = sim.world.random('story');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 5, every: '100ms', timeout: '2s' }));
    const torn = (): number => [...bao.disks.values()].reduce((sum, disk) => sum + disk.statistics.tornWrites, 0);
    const data = { large: 'x'.repeat(600_000) };
    for (let turn = 0; turn < 10 || (torn() === 0 && turn < 40); turn++) {
      const victim = dice.pick(bao.names);
      const asked = bao.ask('POST', 'secret/data/large', { node: bao.leader, body: { data } });
      await sim.sleep(dice.below(20_000));
      bao.losePower(victim);
      await sim.run('1s');
      bao.restart(victim);
      await asked;
      await bao.ready();
    }
    expect(torn()).toBeAtLeast(1);
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
