import { expect, kv, scenario } from '../../sim/story.ts';

/** A snapshot is taken and given back while clients go on elsewhere: what it holds comes back, what came after is gone. */
scenario('a snapshot is given back under load', { minimum: { acknowledged: 100 } }, async (sim) => {
  const bao = await sim.cluster({ nodes: 3 });
  await bao.mount('secret', 'kv-v2');
  await bao.request('POST', 'secret/data/kept', { data: { value: 'old' } });
  await bao.request('POST', 'sys/storage/raft/autopilot/configuration', { max_trailing_logs: 300 });
  const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '100ms', timeout: '2s' }));
  await sim.run('5s');
  // Restoring takes writes back, so clients rest from the snapshot on.
  sim.resting = true;
  await sim.run('3s');
  const { leader } = bao;
  const address = bao.address(leader);
  const archive = await bao.operator.request(address, 'GET', 'sys/storage/raft/snapshot');
  expect(archive.status).toBe(200);
  await bao.request('POST', 'secret/data/kept', { data: { value: 'new' } });
  await bao.request('POST', 'secret/data/late', { data: { value: 'new' } });
  await bao.request('POST', 'sys/storage/raft/autopilot/configuration', { max_trailing_logs: 700 });
  // With the state its keys come back: those of later are gone.
  await bao.request('PUT', 'sys/rotate');
  const restored = await bao.operator.request(address, 'POST', 'sys/storage/raft/snapshot', { bytes: archive.body });
  expect(restored.status).toBe(204);
  sim.resting = false;
  const old = async (node: string): Promise<boolean> => {
    const kept = await bao.ask('GET', 'secret/data/kept', { node });
    const late = await bao.ask('GET', 'secret/data/late', { node });
    return kept.status === 200 && JSON.stringify(kept.json).includes('old') && late.status === 404;
  };
  await sim.eventually('20s', 'all nodes have the old state', async () => {
    for (const node of bao.names) if (!(await old(node))) return false;
    return true;
  });
  await sim.run('5s');
  const { data } = await bao.request('GET', 'sys/key-status');
  expect((data as { term: number }).term).toBe(1);
  const autopilot = await bao.request('GET', 'sys/storage/raft/autopilot/configuration');
  expect((autopilot.data as { max_trailing_logs: number }).max_trailing_logs).toBe(300);
  await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
  expect(history).toBeLinearizable();
});
