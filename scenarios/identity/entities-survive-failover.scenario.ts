import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

/** Who somebody is, and what their groups let them do, does not depend on which node answers. */
scenario(
  'an entity, its groups and its tokens survive a failover',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    await bao.request('POST', 'sys/auth/userpass', { type: 'userpass' });
    await bao.request('POST', 'auth/userpass/users/bob', { password: 'x' });
    const rule = 'path "secret/data/shared" { capabilities = ["create", "read", "update"] }';
    await bao.request('POST', 'sys/policies/acl/shared', { policy: rule });
    const login = async () => bao.request('POST', 'auth/userpass/login/bob', { password: 'x' });
    const first = await login();
    const token = at(first, 'auth', 'client_token') as string;
    const entity = at(first, 'auth', 'entity_id') as string;
    await bao.request('POST', 'identity/group', { name: 'team', policies: ['shared'], member_entity_ids: [entity] });

    const write = async (node: string) =>
      (await bao.ask('POST', 'secret/data/shared', { node, token, body: { data: { by: 'bob' } } })).status;
    const groups = async (node: string) => {
      const { json } = await bao.ask('GET', `identity/entity/id/${entity}`, { node });
      return JSON.stringify(json);
    };
    expect(await write(bao.leader)).toBe(200);
    await sim.run('1s');
    for (const node of bao.names) {
      expect(await groups(node)).toContain('direct_group_ids');
      expect(await write(node)).toBe(200);
    }

    const { leader } = bao;
    bao.kill(leader);
    await sim.run('30s');
    expect(bao.leader === leader).toBe(false);
    expect(await write(bao.leader)).toBe(200);
    expect(at(await login(), 'auth', 'entity_id')).toBe(entity);

    bao.restart(leader);
    await bao.ready();
    await sim.run('30s');
    await bao.request('POST', `identity/entity/id/${entity}`, { disabled: true });
    await sim.run('1s');
    for (const node of bao.names) expect(await write(node)).toBe(403);

    // Somebody who comes for the first time, and often at once, is one and the same; and gone everywhere when deleted.
    await bao.request('POST', 'auth/userpass/users/eve', { password: 'x' });
    await sim.run('1s');
    const arrive = (turn: number) =>
      bao.ask('POST', 'auth/userpass/login/eve', { node: bao.names[turn % 3]!, token: '', body: { password: 'x' } });
    const arrivals = await Promise.all([0, 1, 2, 3, 4, 5].map(arrive));
    const ids = new Set(arrivals.map(({ json }) => at(json, 'auth', 'entity_id') as string));
    expect(ids.size).toBe(1);
    const eve = [...ids][0]!;
    const shown = async (node: string): Promise<number> =>
      (await bao.ask('GET', `identity/entity/id/${eve}`, { node })).status;
    for (const node of bao.names)
      await sim.eventually('5s', `${node} knows eve`, async () => (await shown(node)) === 200);
    await bao.request('DELETE', `identity/entity/id/${eve}`);
    for (const node of bao.names)
      await sim.eventually('5s', `${node} knows that eve is gone`, async () => (await shown(node)) === 404);
  },
);
