import type { JsonObject } from '../../core/codec/json.ts';
import { expect, makeTokens, scenario } from '../../sim/story.ts';

/**
 * What an operator is told to alert on, provoked one after another and read where a monitor would read it; but for the
 * memory of the process, of which a simulated node has none. Leases and tokens are counted, not in the numbers of an
 * alert.
 */
scenario(
  'what the operations guide alerts on shows in sys/metrics',
  { minimum: { faults: 6, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({
      nodes: 3,
      settings: { audit: true, unauthenticated_metrics_access: true },
    });
    await bao.mount('secret', 'kv-v2');
    const rows = async (node: string, kind: string, name: string): Promise<JsonObject[]> => {
      const { json } = await bao.ask('GET', 'sys/metrics', { node, token: '' });
      const all = (json[kind] ?? []) as JsonObject[];
      return all.filter((row) => row['Name'] === name);
    };
    const figure = async (node: string, kind: string, name: string, what: string): Promise<number> =>
      Math.max(-1, ...(await rows(node, kind, name)).map((row) => Number(row[what])));
    const gauge = (node: string, name: string): Promise<number> => figure(node, 'Gauges', name, 'Value');
    const slowest = (node: string, name: string): Promise<number> => figure(node, 'Samples', name, 'Max');
    const counted = (node: string, name: string): Promise<number> => figure(node, 'Counters', name, 'Sum');
    const write = () => bao.ask('POST', 'secret/data/a', { body: { data: { value: 'canary-a' } } });
    /** Two intervals of the in-memory sink, with a write a second. */
    const interval = async (): Promise<void> => {
      for (let second = 0; second < 21; second++) {
        await write();
        await sim.run('1s');
      }
    };
    const { leader } = bao;
    const follower = bao.followers[0]!;

    // Quiet: nothing to report.
    await interval();
    expect(await gauge(leader, 'vault.core.unsealed')).toBe(1);
    const healthy = await rows(leader, 'Gauges', 'vault.autopilot.node.healthy');
    const named = healthy.map(({ Labels: labels }) => (labels as JsonObject)['node_id']);
    for (const name of bao.names) expect(named).toContain(name);
    expect(await slowest(leader, 'vault.raft.leader.lastContact')).toBeAtMost(499);
    expect(await slowest(leader, 'vault.raft.commitTime')).toBeAtMost(24);

    // A slow disk makes commits slow: over 25 ms.
    for (const name of bao.names) bao.disk(name).delay('20ms');
    await interval();
    expect(await slowest(leader, 'vault.raft.commitTime')).toBeAtLeast(25);
    for (const name of bao.names) bao.disk(name).mend();

    // A follower that has not answered for over 500 ms.
    sim.network.isolate(follower);
    await sim.run('21s');
    expect(await slowest(leader, 'vault.raft.leader.lastContact')).toBeAtLeast(501);
    sim.network.heal();
    await sim.run('10s');

    // Leases and tokens are counted one by one.
    const leases = await gauge(bao.leader, 'vault.expire.num_leases');
    const made = await makeTokens(sim, bao, { clients: 4, count: 60, ttl: '1h' });
    expect(await gauge(bao.leader, 'vault.expire.num_leases')).toBe(leases + made.length);
    await sim.run('10m');
    expect(await gauge(bao.leader, 'vault.token.count')).toBeAtLeast(made.length);
    // Who could not say for a while that it lives says so again.
    const { data } = await bao.request('GET', 'sys/ha-status');
    expect((data as { nodes: unknown[] }).nodes.length).toBe(bao.names.length);

    // A disk without room for audit lines: the requests fail, and it is counted.
    const full = bao.leader;
    bao.disk(full).fill();
    const refused = await bao.ask('GET', 'secret/data/a', { node: full });
    expect(refused.status).toBe(500);
    await sim.run('10s');
    expect(await counted(full, 'vault.audit.log_request_failure')).toBeAtLeast(1);
    bao.disk(full).mend();

    // Leadership changes hands.
    const before = bao.leader;
    await bao.stepDown();
    const lost = async () => (await rows(before, 'Samples', 'vault.core.leadership_lost')).length === 1;
    await sim.until('the old leader reports its loss', lost, 1_000_000, 25_000_000);
    expect(bao.leader === before).toBe(false);

    // Sealed: the node itself says so, to monitors that need no token.
    await bao.request('PUT', 'sys/seal', undefined, follower === bao.leader ? before : follower);
    expect(await gauge(follower === bao.leader ? before : follower, 'vault.core.unsealed')).toBe(0);
  },
);
