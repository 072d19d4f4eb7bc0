import { expect, kv, scenario } from '../../sim/story.ts';

/** Of two servers that die at once one is cleaned away, once it has been silent for long enough; more would be too many. */
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
    const dead = bao.followers.slice(0, 2);
    for (const name of dead) bao.kill(name);
    await sim.run('40s');
    expect(await bao.operator.voters(bao.address(bao.leader))).toBe(5);
    await sim.run('2m');
    expect(await bao.operator.voters(bao.address(bao.leader))).toBe(4);
    const { data } = await bao.request('GET', 'sys/storage/raft/configuration');
    const members = JSON.stringify(data);
    for (const name of dead) {
      if (members.includes(`"${name}"`)) bao.restart(name);
      else bao.dismiss(name);
    }
    await bao.ready();
    expect(history).toBeLinearizable();
  },
);
