import { KeyService } from '../../sim/services/key-service.ts';
import { expect, kv, scenario } from '../../sim/story.ts';

/** What runs goes on without the key service, what has to start says why it cannot, and all is well when it returns. */
scenario(
  'a cluster outlives its key service, and unseals when the key returns',
  { minimum: { acknowledged: 200, faults: 5, elections: 1 } },
  async (sim) => {
    const kms = new KeyService(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, seal: kms });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '100ms', timeout: '2s' }));
    await sim.run('2s');
    kms.down();
    await sim.run('5s');
    const refused = await bao.ask('POST', 'sys/rotate/root');
    expect(refused.status).toBe(500);
    expect((refused.json['errors'] as string[])[0]).toContain(
      'failed to rotate barrier root key: failed to store keys',
    );
    expect((await bao.ask('GET', 'sys/seal-status')).json['sealed']).toBe(false);

    const said: string[] = [];
    sim.world.onLog(({ level, message }) => {
      if (level === 'error' && message.startsWith('Error configuring seal')) said.push(message);
    });
    const killed = bao.leader;
    bao.kill(killed);
    await sim.run('5s');
    bao.restart(killed);
    await sim.run('30s');
    expect((await bao.ask('GET', 'sys/health', { node: killed })).status).toBe(0);
    expect(said[0] ?? '').toContain('Put "http://kms:8200/v1/transit/encrypt/unseal"');
    kms.up();
    await bao.ready();
    kms.refuse();
    for (const name of bao.names) bao.kill(name);
    for (const name of bao.names) bao.restart(name);
    await sim.run('20s');
    expect(said.at(-1) ?? '').toContain('Code: 403. Errors:\n\n* permission denied');
    kms.up();
    await bao.ready();
    await sim.run('2s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
