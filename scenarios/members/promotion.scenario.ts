import { expect, kv, scenario } from '../../sim/story.ts';

/** Autopilot gives a newcomer its vote only after it was healthy for the whole stabilisation time; one that dies gets none. */
scenario('a node that joins gets its vote when it has been stable', { minimum: { acknowledged: 100 } }, async (sim) => {
  const bao = await sim.cluster({ nodes: 3, spares: 2 });
  await bao.mount('secret', 'kv-v2');
  const history = bao.workload(kv.putAndGet({ clients: 5, keys: 10, every: '100ms' }));
  await bao.request('POST', 'sys/storage/raft/autopilot/configuration', { server_stabilization_time: '30s' });
  // Upstream counts stability only once autopilot has run for longer than that itself.
  await sim.run('40s');
  for (const name of ['n4', 'n5']) bao.start(name);
  await sim.run('1s');
  const leader = `http://${bao.address(bao.leader)}`;
  for (const name of ['n4', 'n5']) await bao.request('PUT', 'sys/storage/raft/join', { leader_api_addr: leader }, name);
  const address = bao.address(bao.leader);
  await sim.run('3s');
  bao.kill('n5');
  await sim.run('25s');
  expect(await bao.operator.voters(address)).toBe(3);
  // Judged every 2 s and acted upon every 10 s.
  await sim.run('30s');
  expect(await bao.operator.voters(address)).toBe(4);
  await bao.request('POST', 'sys/storage/raft/remove-peer', { server_id: 'n5' });
  bao.enlist('n4');
  await bao.ready();
  expect(history).toBeLinearizable();
});
