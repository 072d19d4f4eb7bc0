import { expect, scenario } from '../../sim/story.ts';

/** A survivor without a quorum refuses writes, and serves what it has, however old. */
scenario(
  'a minority cannot write, and its stale reads go on',
  { minimum: { faults: 2, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft', multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    await bao.request('POST', 'secret/data/a', { data: { value: 'before' } });
    const [survivor, other] = bao.followers;
    await sim.run('2s');
    const lost = [bao.leader, other!];
    for (const node of lost) bao.kill(node);
    await sim.run('10s');

    const read = await bao.ask('GET', 'secret/data/a', { node: survivor! });
    expect(read.status).toBe(200);
    const write = await bao.ask('POST', 'secret/data/a', { node: survivor!, body: { data: { value: 'lost' } } });
    expect([0, 307, 500, 503]).toContain(write.status);
    expect((await bao.ask('GET', 'sys/health', { node: survivor! })).status).toBe(429);

    for (const node of lost) bao.restart(node);
    await bao.ready();
    const after = await bao.request('GET', 'secret/data/a');
    expect(JSON.stringify(after)).toContain('before');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
  },
);
