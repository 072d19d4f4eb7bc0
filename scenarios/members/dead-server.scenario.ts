import { expect, kv, scenario } from '../../sim/story.ts';

/** A dead server is cleaned away once it has been silent for long enough, and the quorum shrinks with it. */
scenario(
  'autopilot removes a dead server, and keeps the smallest quorum',
  { minimum: { acknowledged: 500, faults: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 5 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 10, every: '200ms', timeout: '2s' }));
    await bao.request('POST', 'sys/storage/raft/autopilot/configuration', {
      cleanup_dead_servers: true,
      min_quorum: 4,
      dead_server_last_contact_threshold: '1m',
    });
    const [first, second] = bao.followers;
    bao.kill(first!);
    await sim.run('40s');
    expect(await bao.operator.voters(bao.address(bao.leader))).toBe(5);
    await sim.run('60s');
    expect(await bao.operator.voters(bao.address(bao.leader))).toBe(4);
    bao.dismiss(first!);
    bao.kill(second!);
    await sim.run('3m');
    expect(await bao.operator.voters(bao.address(bao.leader))).toBe(4);
    bao.restart(second!);
    await bao.ready();
    expect(history).toBeLinearizable();
  },
);
