import { expect, furnishSettings, kv, scenario, settings } from '../../sim/story.ts';

/**
 * A node that missed more than the leader's log still holds gets a snapshot: one that was dead; one that was cut off,
 * which keeps nothing in memory of what it had before; and one that led, whose log goes on with what nobody else has.
 */
scenario(
  'a node far behind catches up by snapshot',
  { minimum: { acknowledged: 200, faults: 3, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({
      nodes: 3,
      storage: 'raft',
      multiplier: 1,
      settings: { trailing_logs: 10, snapshot_threshold: 10, snapshot_interval: 1 },
    });
    await bao.mount('secret', 'kv-v2');
    const more = await furnishSettings(bao);
    const installed = sim.count(({ event }) => event.kind === 'raft.snapshot' && event.what === 'installed');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '100ms', reads: 10, timeout: '2s' }));
    bao.workload(settings({ clients: 4, every: '200ms', more }));
    const [late] = bao.followers;
    const catchUp = async (): Promise<void> => {
      const before = installed();
      sim.network.heal();
      bao.restart(late!);
      await sim.eventually('60s', 'it has a snapshot', () => installed() > before && bao.digests().size === 1);
    };
    bao.kill(late!);
    await sim.run('4s');
    await catchUp();

    sim.network.isolate(late!);
    await sim.run('4s');
    // What changes after the snapshot would be noticed all the same.
    sim.resting = true;
    await sim.run('2s');
    await catchUp();

    sim.resting = true;
    const { leader } = bao;
    sim.network.isolate(leader);
    for (let write = 0; write < 100; write++)
      void bao.ask('POST', `secret/data/lost-${write}`, { node: leader, body: { data: { write } } });
    await sim.run('10s');
    for (let write = 0; write < 20; write++)
      await bao.request('POST', `secret/data/kept-${write}`, { data: { write } });
    // What was offered to it before the log was trimmed is given up by then.
    await sim.run('15s');
    await catchUp();
    expect(history).toBeLinearizable();
  },
);
