import type { JsonObject } from '../../core/codec/json.ts';
import { formatRfc3339 } from '../../core/codec/rfc3339.ts';
import { at } from '../../sim/client.ts';
import { EPOCH } from '../../sim/clock.ts';
import { expect, scenario } from '../../sim/story.ts';

const SECOND = 1_000_000;
const ROUNDS = 2;
const WRITERS = 5;

/**
 * A policy, or one rule of it, ends at its second on every node, whether or not the leader has changed meanwhile and
 * whatever a node has made of it before. Of those who replace the same version of a policy one gets his way.
 */
scenario(
  'policies end when they say, and are replaced by one at a time',
  { minimum: { faults: ROUNDS, elections: ROUNDS } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const dice = sim.world.random('policies');
    await bao.mount('secret', 'kv');
    await bao.request('POST', 'secret/a', { value: 'a' });
    await bao.request('POST', 'secret/b', { value: 'b' });
    const write = (name: string, policy: string, more: JsonObject = {}): Promise<number> =>
      bao.ask('POST', `sys/policies/acl/${name}`, { body: { policy, ...more } }).then(({ status }) => status);
    const tokenWith = async (policy: string): Promise<string> => {
      const made = await bao.request('POST', 'auth/token/create', { policies: [policy], ttl: '1h' });
      return at(made, 'auth', 'client_token') as string;
    };
    const read = async (token: string, path: string): Promise<number[]> => {
      const statuses: number[] = [];
      for (const node of bao.names) statuses.push((await bao.ask('GET', path, { node, token })).status);
      return statuses;
    };
    const all = (statuses: readonly number[], status: number): void => {
      expect(statuses.every((seen) => seen === status)).toBe(true);
    };

    for (let round = 1; round <= ROUNDS; round += 1) {
      const [whole, half] = [await tokenWith('whole'), await tokenWith('half')];
      const both = async (status: number): Promise<void> => {
        all(await read(whole, 'secret/a'), status);
        all(await read(half, 'secret/b'), status);
      };
      const life = dice.between(20, 30);
      const end = Math.ceil(sim.world.now / SECOND) * SECOND + life * SECOND;
      const date = formatRfc3339(EPOCH + end);
      expect(await write('whole', 'path "secret/a" { capabilities = ["read"] }', { expiration: date })).toBe(204);
      const rule = `path "secret/b" {\n capabilities = ["read"]\n expiration = "${date}"\n}`;
      expect(await write('half', `${rule}\npath "secret/c" { capabilities = ["read"] }`)).toBe(204);
      await sim.run('1s');
      await both(200);
      const killed = bao.leader;
      bao.kill(killed);
      await sim.run('6s');
      bao.restart(killed);
      await bao.ready();
      await sim.sleep(end - SECOND / 2 - sim.world.now);
      await both(200);
      await sim.sleep(end + SECOND / 2 - sim.world.now);
      await both(403);
      all(await read(half, 'secret/c'), 404);
      expect((await bao.ask('GET', 'sys/policies/acl/whole')).status).toBe(404);

      const contested = `contested-${round}`;
      expect(await write(contested, 'path "secret/a" { capabilities = ["read"] }', { cas: -1 })).toBe(204);
      for (let version = 1; version <= 3; version += 1) {
        const writers = Array.from({ length: WRITERS }, (_, writer) =>
          write(contested, `path "secret/${writer}" { capabilities = ["read"] }`, { cas: version }),
        );
        const statuses = (await Promise.all(writers)).toSorted((a, b) => a - b);
        expect(statuses.join(' ')).toBe(['204', ...Array.from({ length: WRITERS - 1 }, () => '400')].join(' '));
      }
      expect(await write(contested, '', { cas: -1 })).toBe(400);
    }
  },
);
