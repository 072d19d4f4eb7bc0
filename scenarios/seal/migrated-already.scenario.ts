import { KeyService } from '../../sim/services/key-service.ts';
import { expect, kv, scenario } from '../../sim/story.ts';
import { giveShares } from './give-shares.ts';

/** Two standbys are ready to migrate; the one that leads first does it, and the one that leads after it has to see that. */
scenario(
  'a seal is migrated once, though two leaders in a row were to do it',
  { minimum: { acknowledged: 50, faults: 6, elections: 2 } },
  async (sim) => {
    const kms = new KeyService(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, seal: 'shamir' });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '100ms', timeout: '2s' }));
    const said: string[] = [];
    sim.world.onLog(({ message }) => {
      if (/^(?:seal migration complete|migration is already performed)$/.test(message)) said.push(message);
    });
    await sim.run('2s');
    bao.configureSeal(kms, 'shamir');
    const first = bao.leader;
    for (const name of bao.followers) {
      bao.kill(name);
      bao.restart(name);
      await giveShares(sim, bao, name);
    }
    await sim.run('10s');
    bao.kill(first);
    const leads = (but: string) => () => bao.names.some((name) => name !== but && bao.isLatestActive(name));
    await sim.until('a standby leads', leads(first), 50_000, 120_000_000);
    expect(said.join()).toBe('seal migration complete');
    const second = bao.leader;
    await bao.stepDown();
    await sim.until('the other leads', leads(second), 50_000, 120_000_000);
    expect(said.join()).toBe('seal migration complete,migration is already performed');

    bao.restart(first);
    await giveShares(sim, bao, first);
    await bao.ready();
    // Who goes off before it has heard of the migration is outside: sealed, it hears of nothing.
    await sim.run('5s');
    bao.configureSeal(kms);
    for (const name of bao.names) bao.kill(name);
    for (const name of bao.names) bao.restart(name);
    await bao.ready();
    await sim.run('2s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(said.length).toBe(2);
    expect(history).toBeLinearizable();
  },
);
