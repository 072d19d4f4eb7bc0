import { ActiveWatch, expect, scenario } from '../../sim/story.ts';

/**
 * Source: hashicorp/vault issue 3725 (2017) and 18943 (2023). The volume with the audit file of the active node is full.
 * It can do nothing that it could not log, stepping down included, and stays active; the standbys have room, read, and
 * do not take its place. What ended it was to kill the process.
 */
scenario(
  'an active node that cannot log does nothing and makes no room, until it is killed',
  { minimum: { faults: 2, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, settings: { audit: true } });
    await bao.mount('secret', 'kv-v2');
    await bao.request('POST', 'secret/data/a', { data: { value: 'before' } });
    await sim.run('5s');
    const active = new ActiveWatch(sim, bao);
    const { leader, followers } = bao;
    bao.disk(leader).fillVolume(/audit\.log$/);
    const write = async (node: string): Promise<number> =>
      (await bao.ask('POST', 'secret/data/a', { node, body: { data: { value: 'after' } } })).status;
    for (const node of bao.names) expect(await write(node)).toBe(500);
    expect((await bao.ask('GET', 'secret/data/a', { node: leader })).status).toBe(500);
    for (const node of followers) expect((await bao.ask('GET', 'secret/data/a', { node })).status).toBe(200);
    expect((await bao.ask('PUT', 'sys/step-down', { node: leader })).status).toBe(500);
    expect((await bao.ask('GET', 'sys/health', { node: leader })).status).toBe(200);
    await sim.run('2m');
    expect(active.longest).toBe(0);
    expect(bao.leader).toBe(leader);

    bao.kill(leader);
    await sim.until('another is active', () => followers.some((name) => bao.isActive(name)), 50_000, 30_000_000);
    // A standby looks for the new one every 2.5 s.
    await sim.run('5s');
    for (const node of followers) expect(await write(node)).toBe(200);
    bao.disk(leader).mend();
    bao.restart(leader);
    await bao.ready();
    await sim.run('5s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
  },
);
