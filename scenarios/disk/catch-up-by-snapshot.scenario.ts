import { expect, kv, scenario } from '../../sim/story.ts';

/** A follower that missed more than the leader's log still holds gets a snapshot. */
scenario('a follower far behind catches up by snapshot', { minimum: { acknowledged: 500, faults: 1 } }, async (sim) => {
  const settings = { trailing_logs: 50, snapshot_threshold: 50, snapshot_interval: 5 };
  const bao = await sim.cluster({ nodes: 3, storage: 'raft', settings });
  await bao.mount('secret', 'kv-v2');
  const [late] = bao.followers;
  const installed = sim.count(
    ({ node, event }) => node === late && event.kind === 'raft.snapshot' && event.what === 'installed',
  );
  const history = bao.workload(kv.putAndGet({ clients: 10, keys: 50, every: '50ms', reads: 10, timeout: '2s' }));
  sim.at('2s', 'kill a follower', () => bao.kill(late!));
  await sim.run('30s');
  bao.restart(late!);
  await sim.run('10s');
  await sim.eventually('20s', 'the replicas agree', () => bao.digests().size === 1);
  expect(installed()).toBeAtLeast(1);
  expect(history).toBeLinearizable();
});
