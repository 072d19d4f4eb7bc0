import { expect, kv, scenario } from '../../sim/story.ts';

/** Who is to lead next stands still when told so: the one who stepped down finds out in time, and leads on. */
scenario(
  'leadership that nobody takes comes back, and writes with it',
  { minimum: { acknowledged: 100, faults: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '100ms', timeout: '2s' }));
    const told: string[] = [];
    sim.world.onTrace(({ event }) => {
      if (event.kind !== 'raft.transfer' || told.length > 0) return;
      told.push(event.target);
      bao.pause(event.target);
    });
    await sim.run('2s');
    await bao.stepDown();
    await sim.run('20s');
    expect(told.length).toBe(1);
    const write = async (): Promise<boolean> =>
      (await bao.ask('POST', 'secret/data/after', { body: { data: { value: 'a' } }, timeout: 2_000_000 })).status ===
      200;
    await sim.until('somebody takes writes', write, 500_000, 30_000_000);
    bao.resume(told[0]!);
    await bao.ready();
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
