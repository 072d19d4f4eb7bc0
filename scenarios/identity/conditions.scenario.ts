import type { JsonObject } from '../../core/codec/json.ts';
import { Caller } from '../../sim/caller.ts';
import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

const ROUNDS = 3;

/** Rights with conditions: how long an answer is wrapped, which fields come along, whose name is in the path. */
scenario(
  'who has a right under conditions has it when he meets them, on whichever node',
  { minimum: { elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const dice = sim.world.random('conditions');
    await bao.mount('kv', 'kv');
    await bao.mount('versioned', 'kv-v2');
    for (const path of ['kv/wrapped', 'kv/of/alice/a', 'kv/of/bob/a', 'kv/of/*/a'])
      await bao.request('POST', path, { value: 'canary-conditions' });
    await bao.request('POST', 'versioned/data/a', { data: { value: 'canary-conditions' } });
    const policy = `
path "kv/wrapped" { capabilities = ["read"] min_wrapping_ttl = "20s" max_wrapping_ttl = "60s" }
path "kv/asked" { capabilities = ["create", "update"] required_parameters = ["reason"] }
path "kv/of/{{identity.entity.metadata.name}}/*" { capabilities = ["read"] }
path "versioned/data/a" { capabilities = ["${dice.pick(['read', 'create'])}", "update"] }
path "versioned/data/b" { capabilities = ["patch"] }`;
    await bao.request('POST', 'sys/policies/acl/conditions', { policy });
    await bao.request('POST', 'auth/token/roles/person', { allowed_entity_aliases: ['*'], orphan: true });
    const people = new Map<string, string>();
    for (const name of ['alice', '*']) {
      const entity_alias = `person${people.size}`;
      const body = { entity_alias, policies: ['conditions'], no_default_policy: true };
      const made = await bao.request('POST', 'auth/token/create/person', body);
      people.set(name, at(made, 'auth', 'client_token') as string);
      await bao.request('POST', `identity/entity/id/${at(made, 'auth', 'entity_id') as string}`, {
        metadata: { name },
      });
    }
    const token = people.get('alice')!;
    const node = (): string => dice.pick(bao.names);
    const demand = async (
      fine: boolean,
      method: string,
      path: string,
      more: { token?: string; body?: JsonObject; headers?: readonly (readonly [string, string])[] } = {},
    ): Promise<void> => {
      const { status } = await bao.ask(method, path, { node: node(), token, ...more });
      const what = `${method} ${path} ${JSON.stringify(more)}`;
      expect(`${what}: ${status === 403 ? 'refused' : 'allowed'}`).toBe(`${what}: ${fine ? 'allowed' : 'refused'}`);
    };
    await bao.request('POST', 'sys/policies/acl/maker', {
      policy: 'path "auth/token/create" { capabilities = ["update"] }',
    });
    await bao.request('POST', 'auth/token/roles/near', {
      token_bound_cidrs: ['10.1.0.0/16'],
      allowed_policies: ['maker'],
    });
    const made = await bao.request('POST', 'auth/token/create/near', { policies: ['maker'] });
    const parent = at(made, 'auth', 'client_token') as string;
    const [near, far] = ['10.1.2.3', '10.9.2.3'].map((address) => new Caller(sim, bao, address));
    await sim.run('2s');
    for (let round = 1; round <= ROUNDS; round++) {
      for (const ttl of [0, dice.between(1, 19), dice.between(20, 60), dice.between(61, 200)]) {
        const headers = ttl === 0 ? [] : ([['X-Vault-Wrap-TTL', `${ttl}s`]] as const);
        await demand(ttl >= 20 && ttl <= 60, 'GET', 'kv/wrapped', { headers });
      }
      for (const reason of dice.shuffle([true, false])) {
        const body = { value: 'canary-asked', ...(reason && { reason: 'canary-reason' }) };
        await demand(reason, 'POST', 'kv/asked', { body });
      }
      await demand(true, 'GET', 'kv/of/alice/a');
      await demand(false, 'GET', 'kv/of/bob/a');
      // Whose name would stand for all names has none.
      for (const path of ['kv/of/alice/a', 'kv/of/bob/a', 'kv/of/*/a'])
        await demand(false, 'GET', path, { token: people.get('*')! });
      const headers = [['Content-Type', 'application/merge-patch+json']] as const;
      const body = { data: { more: 'canary-more' } };
      await demand(false, 'PATCH', 'versioned/data/a', { headers, body });
      await demand(true, 'PATCH', 'versioned/data/b', { headers, body });
      await demand(true, 'POST', 'versioned/data/a', { body });
      await demand(false, 'POST', 'versioned/data/b', { body });
      // Who is bound to addresses makes nobody who is not.
      const born = await near!.ask('POST', 'auth/token/create', { node: bao.leader, token: parent, body: {} });
      expect(born.status).toBe(200);
      const child = at(born.json, 'auth', 'client_token') as string;
      for (const id of [parent, child]) {
        expect((await near!.ask('GET', 'auth/token/lookup-self', { node: bao.leader, token: id })).status).toBe(200);
        expect((await far!.ask('GET', 'auth/token/lookup-self', { node: bao.leader, token: id })).status).toBe(403);
      }
      if (round !== 2) continue;
      await bao.stepDown();
      await sim.run('12s');
      await bao.ready();
    }
  },
);
