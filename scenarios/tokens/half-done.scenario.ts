import { at } from '../../sim/client.ts';
import { SqlServer } from '../../sim/services/sql-server.ts';
import { expect, killAtWrite, scenario } from '../../sim/story.ts';

/**
 * The leader dies when a token is stored and its lease is not, and when a token's revocation has begun: the first never
 * was, the second is no more, for whoever leads next.
 */
scenario(
  'a token that its leader could not finish is none, whether it was to begin or to end',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const db = new SqlServer(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await db.manageBy(bao);
    await bao.request('POST', 'database/roles/app', {
      db_name: 'db',
      creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}'`],
      default_ttl: '12h',
    });
    const policy = 'path "database/creds/app" { capabilities = ["read"] }';
    await bao.request('PUT', 'sys/policies/acl/borrower', { policy });
    const body = { policies: ['borrower'], ttl: '24h' };
    const accessors = async (): Promise<readonly string[]> =>
      at(await bao.request('LIST', 'auth/token/accessors'), 'data', 'keys') as readonly string[];
    const succeed = async (dead: string | undefined): Promise<void> => {
      expect(dead !== undefined).toBe(true);
      await sim.run('10s');
      bao.restart(dead!);
      await bao.ready();
      // A leader waits longer and longer before it tries a node again that it did not reach.
      await sim.run('5s');
    };

    const before = await accessors();
    let death = killAtWrite(sim, bao, /^sys\/expire\/id\/auth\/token\/create/);
    await bao.ask('POST', 'auth/token/create', { body });
    await succeed(death.node);
    for (const accessor of await accessors()) {
      if (before.includes(accessor)) continue;
      const found = await bao.ask('POST', 'auth/token/lookup-accessor', { body: { accessor } });
      expect(found.status).toBe(403);
    }

    const made = await bao.request('POST', 'auth/token/create', body);
    const token = at(made, 'auth', 'client_token') as string;
    const lent = await bao.ask('GET', 'database/creds/app', { token });
    const user = at(lent.json, 'data', 'username') as string;
    expect(db.users.has(user)).toBe(true);
    death = killAtWrite(sim, bao, /^sys\/expire\/id\/database/);
    await bao.ask('POST', 'auth/token/revoke', { body: { token } });
    await succeed(death.node);
    for (const node of bao.names)
      expect((await bao.ask('GET', 'auth/token/lookup-self', { node, token })).status).toBe(403);
    await bao.request('POST', 'auth/token/revoke', { token });
    await sim.eventually('1m', 'what it was lent is gone', () => !db.users.has(user));
  },
);
