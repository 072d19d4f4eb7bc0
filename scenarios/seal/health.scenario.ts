import { KeyService } from '../../sim/services/key-service.ts';
import { expect, kv, scenario } from '../../sim/story.ts';

/** Who is open asks its key service now and then, says that it is gone, asks more often, and says that it is back. */
scenario(
  'a key service that is away for a while is missed and found again by who needs nothing of it',
  { minimum: { acknowledged: 100, faults: 1 } },
  async (sim) => {
    const kms = new KeyService(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, seal: kms });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 2, keys: 5, every: '10s' }));
    const said: string[] = [];
    sim.world.onLog(({ name, message }) => {
      if (name === 'core.autoseal') said.push(message);
    });
    await sim.run('5m');
    kms.down();
    // The first look after it is gone comes within ten minutes, those that follow every minute.
    await sim.run('15m');
    const missed = said.length;
    expect(missed).toBeAtLeast(5);
    expect(said.every((message) => message.startsWith('failed to encrypt seal health test value'))).toBe(true);
    kms.up();
    await sim.run('2m');
    expect(said.at(-1)!).toBe('seal backend is now healthy again');
    const told = said.length;
    await sim.run('30m');
    expect(said.length).toBe(told);
    expect(history).toBeLinearizable();
  },
);
