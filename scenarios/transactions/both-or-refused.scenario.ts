import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

const ROUNDS = 400;
/** What each client sets, and nobody else. */
const FIELDS = ['token_ttl', 'token_max_ttl', 'token_num_uses'] as const;

/**
 * Roles of JWT are read, changed and written in one transaction without any lock, as upstream: of changes at once one
 * may be refused, but none that was acknowledged may be undone by another that had read before it.
 */
scenario(
  'of changes to one entry at once none that was acknowledged is lost',
  { minimum: { faults: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft', multiplier: 1 });
    await bao.request('POST', 'sys/auth/jwt', { type: 'jwt' });
    const role = 'auth/jwt/role/shared';
    const common = { role_type: 'jwt', user_claim: 'sub', bound_subject: 'someone' };
    await bao.request('POST', role, { ...common, token_ttl: 1, token_max_ttl: 1_000, token_num_uses: 1 });
    const standby = bao.followers[0]!;
    sim.network.clog(bao.leader, standby, '1ms', '10ms');
    // Who starts anew does not know what was written just before, and must come to the same verdict all the same.
    for (const at of [1, 3, 5, 7, 9]) {
      sim.at(`${at}s`, 'kill a standby', () => bao.kill(standby));
      sim.at(`${at}.3s`, 'start it again', () => bao.restart(standby));
    }
    const acknowledged = new Map<string, number>();
    let refused = 0;
    for (let round = 2; round < ROUNDS + 2; round++) {
      const change = async (field: string): Promise<void> => {
        await sim.sleep(sim.world.random('story').below(500));
        const value = field === 'token_max_ttl' ? 1_000 + round : round;
        const { status } = await bao.ask('POST', role, { body: { ...common, [field]: value } });
        if (status < 300 && status !== 0) acknowledged.set(field, value);
        else refused++;
      };
      // Whoever looks meanwhile must not leave what he saw to those who look later.
      const look = async (): Promise<void> => {
        await sim.sleep(1_000 + sim.world.random('looks').below(4_000));
        await bao.ask('GET', role);
      };
      await Promise.all([...FIELDS.map(change), look()]);
      const { json } = await bao.ask('GET', role);
      for (const [field, value] of acknowledged) expect(at(json, 'data', field)).toBe(value);
    }
    await bao.ready();
    expect(refused).toBeAtLeast(1);
    expect(acknowledged.size).toBe(FIELDS.length);
  },
);
