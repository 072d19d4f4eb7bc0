import { MILLISECOND, SECOND } from '../../core/runtime.ts';
import { expect, kv, scenario } from '../../sim/story.ts';

/**
 * Standbys read what they have; the index of a write makes them say so, or ask the active node (2.7). What counts is
 * what a standby has applied, be it that it hears late, or that its disk is slow.
 */
scenario('a standby read with the index of a write never misses it', { minimum: { faults: 2 } }, async (sim) => {
  const bao = await sim.cluster({ nodes: 3, storage: 'raft' });
  await bao.mount('secret', 'kv-v2');
  const standby = bao.followers[0]!;
  sim.network.clog(bao.leader, standby, '20ms', '200ms');
  let stale = 0;
  for (let i = 1; i <= 20; i++) {
    const written = await bao.ask('POST', 'secret/data/a', { body: { data: { value: `v${i}` } } });
    expect(written.status).toBe(200);
    const index = written.header('x-vault-index');
    expect(typeof index).toBe('string');

    const plain = await bao.ask('GET', 'secret/data/a', { node: standby });
    if (plain.status !== 200 || !JSON.stringify(plain.json).includes(`"v${i}"`)) stale++;

    const careful = await bao.ask('GET', 'secret/data/a', { node: standby, headers: [['X-Vault-Index', index!]] });
    expect([200, 429]).toContain(careful.status);
    if (careful.status === 200) expect(JSON.stringify(careful.json)).toContain(`"v${i}"`);

    const headers = [
      ['X-Vault-Index', index!],
      ['X-Vault-Inconsistent', 'forward-active-node'],
    ] as const;
    const forwarded = await bao.ask('GET', 'secret/data/a', { node: standby, headers });
    expect(forwarded.status).toBe(200);
    expect(JSON.stringify(forwarded.json)).toContain(`"v${i}"`);
  }
  expect(stale).toBeAtLeast(1);

  sim.network.heal();
  bao.disk(standby).slow(30);
  // What was committed waits for what was committed just before.
  bao.workload(kv.putAndGet({ clients: 3, keys: 5, every: '20ms', reads: 0, balance: 'active' }));
  let behind = 0;
  for (let i = 1; i <= 10; i++) {
    const written = await bao.ask('POST', 'secret/data/b', { body: { data: { value: `v${i}` } } });
    expect(written.status).toBe(200);
    const headers = [['X-Vault-Index', written.header('x-vault-index')!]] as const;
    const caughtUp = async () => {
      const { status, json } = await bao.ask('GET', 'secret/data/b', { node: standby, headers });
      expect([200, 429]).toContain(status);
      if (status === 200) expect(JSON.stringify(json)).toContain(`"v${i}"`);
      else behind++;
      return status === 200;
    };
    await sim.until('the standby has it', caughtUp, 10 * MILLISECOND, 20 * SECOND);
  }
  expect(behind).toBeAtLeast(10);
});
