import { answered, at, HttpClient } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

const ROUNDS = 25;
const WRITES = 8;
const HEARD = 5_000_000;

/**
 * Connections between nodes break while standbys forward writes. A standby does not know whether what it sent was done,
 * so it may tell the client, but never ask again: each write happens once at most, and once if it was acknowledged.
 */
scenario(
  'a forwarded write happens once, whatever happens to the connection',
  { minimum: { faults: ROUNDS / 2 } },
  async (sim) => {
    const dice = sim.world.random('story');
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const client = new HttpClient(
      sim.client().start(() => {}),
      { token: bao.keys.rootToken, follow: false },
    );
    const acknowledged = new Map<string, boolean>();
    for (let round = 0; round < ROUNDS; round++) {
      const { leader } = bao;
      const standby = dice.pick(bao.followers);
      const write = async (name: string) => {
        const request = client.request(bao.address(standby), 'POST', `/v1/secret/data/${name}`, {
          body: { data: { name } },
        });
        acknowledged.set(name, (await answered(request)).status === 200);
      };
      const sent = Array.from({ length: WRITES }, (_, index) => write(`r${round}-${index}`));
      sim.at(`${100 + dice.below(6_000)}us`, 'break the connections', () => sim.network.reset(standby, leader));
      const began = sim.world.now;
      await Promise.all(sent);
      // Whoever asked hears of a broken connection when it breaks.
      expect(sim.world.now - began).toBeAtMost(HEARD);
      await sim.run('1s');
    }
    await bao.ready();
    let lost = 0;
    for (const [name, ok] of acknowledged) {
      const { status, json } = await bao.ask('GET', `secret/metadata/${name}`);
      const times = status === 404 ? 0 : Number(at(json, 'data', 'current_version'));
      expect(times).toBeAtMost(1);
      if (ok) expect(times).toBe(1);
      else lost++;
    }
    expect(lost).toBeAtLeast(1);
  },
);
