import { furnishSettings, kv, scenario, settings } from '../../sim/story.ts';

/** A read that was under way when its key changed must not be remembered: the standby would show the old for ever. */
scenario(
  'a standby whose reads are overtaken by writes does not keep what they brought',
  { minimum: { acknowledged: 200, faults: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft', multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const more = await furnishSettings(bao);
    for (const node of bao.followers) bao.disk(node).chill('300ms');
    bao.workload(kv.putAndGet({ clients: 6, keys: 4, every: '30ms', balance: 'random', timeout: '2s' }));
    bao.workload(settings({ clients: 3, every: '100ms', more }));
    await sim.run('10s');
    // What the last writes overtook is what would stay.
    sim.resting = true;
    await sim.run('3s');
    for (const node of bao.followers) bao.disk(node).mend();
  },
);
