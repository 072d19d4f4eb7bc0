import { at } from '../../sim/client.ts';
import { SqlServer } from '../../sim/services/sql-server.ts';
import { expect, scenario } from '../../sim/story.ts';

/** What a token has been lent ends with the token, also when the node that lent it is gone. */
scenario(
  'with a token end the credentials that it was lent, whoever leads by then',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const db = new SqlServer(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await db.manageBy(bao);
    await bao.request('POST', 'database/roles/app', {
      db_name: 'db',
      creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`],
      default_ttl: '12h',
    });
    const policy = 'path "database/creds/app" { capabilities = ["read"] }';
    await bao.request('PUT', 'sys/policies/acl/borrower', { policy });
    const body = { policies: ['borrower'], ttl: '24h' };
    const lent = async (token: string): Promise<string> => {
      const { json } = await bao.ask('GET', 'database/creds/app', { token });
      return at(json, 'data', 'username') as string;
    };
    const [ends, stays] = await Promise.all(
      [1, 2].map(
        async () => at(await bao.request('POST', 'auth/token/create', body), 'auth', 'client_token') as string,
      ),
    );
    const taken = [await lent(ends!), await lent(ends!)];
    const kept = await lent(stays!);

    const { leader } = bao;
    bao.kill(leader);
    await sim.run('20s');
    taken.push(await lent(ends!));
    await bao.request('POST', 'auth/token/revoke', { token: ends! });
    await sim.eventually('1m', 'nobody who was lent to is left', () => taken.every((name) => !db.users.has(name)));
    expect(db.users.has(kept)).toBe(true);
    bao.restart(leader);
    await bao.ready();
    await sim.run('10s');
    expect(db.users.has(kept)).toBe(true);
    const left = await bao.ask('LIST', 'sys/leases/lookup/database/creds/app');
    expect((at(left.json, 'data', 'keys') as unknown[]).length).toBe(1);
  },
);
