import { ActiveWatch, expect, kv, scenario } from '../../sim/story.ts';

/**
 * Source: hashicorp/raft issue 503 (2022), and the post-mortem of a Vault on NFS, forgejo.viktorbarzin.me,
 * 2026-04-22-vault-raft-leader-deadlock (two hours and three quarters). The leader's disk hangs. Its heartbeats do not
 * wait for it, so that nobody stands for election: no write comes through, health is well, and what ends it is a reset
 * of the machine, after which the others need an election like any other.
 */
scenario(
  'a leader whose disk hangs is not voted out, and only its end is the end of the outage',
  { minimum: { acknowledged: 50, faults: 2, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const active = new ActiveWatch(sim, bao);
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '200ms', timeout: '2s' }));
    await sim.run('5s');
    const { leader } = bao;
    bao.disk(leader).delay('2h');
    await sim.run('5s');
    const hung = sim.world.now;
    const elections = sim.count(({ event }) => event.kind === 'raft.timeout');
    await sim.run('2m');
    const written = history.operations.filter(
      ({ kind, outcome, invoked }) => kind === 'put' && outcome === 'ok' && invoked > hung,
    );
    expect(written.length).toBe(0);
    expect(elections()).toBe(0);
    expect(bao.leader).toBe(leader);
    expect((await bao.ask('GET', 'sys/health', { node: leader })).status).toBe(200);
    // It cannot be asked to let go either: that is a write, and its answer waits with the others.
    expect(
      (await bao.ask('PUT', 'secret/data/x', { node: leader, body: { data: {} }, timeout: 10_000_000 })).status,
    ).toBe(0);

    bao.losePower(leader);
    await sim.run('15s');
    expect(bao.leader === leader).toBe(false);
    expect(active.longest).toBeAtMost(10_000_000);
    bao.disk(leader).mend();
    bao.restart(leader);
    await bao.ready();
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
