import { at } from '../../sim/client.ts';
import { SqlServer } from '../../sim/services/sql-server.ts';
import { expect, scenario } from '../../sim/story.ts';

/** What a namespace lent cannot be taken back while the database is away: it stays, marked, until somebody asks again. */
scenario(
  'a namespace that could not be emptied stays marked, and goes when its next leader is told so again',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const db = new SqlServer(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.request('POST', 'sys/namespaces/a');
    await bao.request('POST', 'a/sys/mounts/database', { type: 'database' });
    await bao.request('POST', 'a/database/config/db', db.config);
    await bao.request('POST', 'a/database/roles/app', {
      db_name: 'db',
      creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}'`],
      default_ttl: '12h',
    });
    const user = at((await bao.ask('GET', 'a/database/creds/app')).json, 'data', 'username') as string;
    const said: string[] = [];
    sim.world.onLog(({ message }) => {
      if (message === 'failed to clear namespace resources') said.push(message);
    });
    db.down();
    await bao.request('DELETE', 'sys/namespaces/a');
    await sim.until('it cannot be emptied', () => said.length > 0, 100_000, 300_000_000);
    expect((await bao.ask('GET', 'a/database/creds/app')).status).toBeAtLeast(400);
    expect((await bao.ask('POST', 'sys/namespaces/a')).status).toBe(400);
    const first = bao.leader;
    await bao.stepDown();
    await sim.until(
      'another leads',
      () => bao.names.some((name) => name !== first && bao.isLatestActive(name)),
      50_000,
      60_000_000,
    );
    await bao.ready();
    expect((await bao.ask('GET', 'sys/namespaces/a')).status).toBe(200);
    expect(db.users.has(user)).toBe(true);
    db.up();
    await bao.request('DELETE', 'sys/namespaces/a');
    const isGone = async (): Promise<boolean> => (await bao.ask('GET', 'sys/namespaces/a')).status === 404;
    await sim.eventually('60s', 'the namespace is gone', isGone);
    expect(db.users.has(user)).toBe(false);
    await bao.request('POST', 'sys/namespaces/a');
  },
);
