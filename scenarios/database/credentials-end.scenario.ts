import { MINUTE, SECOND } from '../../core/runtime.ts';
import { at } from '../../sim/client.ts';
import { SqlServer } from '../../sim/services/sql-server.ts';
import { CredentialWatch, expect, scenario } from '../../sim/story.ts';

const MADE = 10;

/**
 * When leases end the database is away, then breaks off in the middle, and the leader dies meanwhile: the database
 * itself lets nobody in any more, and once it is well nobody is left in it.
 */
scenario(
  'credentials do not outlive their lease although the database is away when it ends',
  { minimum: { faults: 3, elections: 1 } },
  async (sim) => {
    const db = new SqlServer(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await db.manageBy(bao);
    await bao.request('POST', 'database/roles/app', {
      db_name: 'db',
      creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`],
      default_ttl: '1m',
    });
    // The engine promises five seconds more to the database, so that nobody is thrown out too early.
    const watch = new CredentialWatch(sim, db, 6_000_000);
    for (let made = 0; made < MADE; made++) {
      const { json } = await bao.ask('GET', 'database/creds/app');
      const username = at(json, 'data', 'username');
      const password = at(json, 'data', 'password');
      if (typeof username !== 'string' || typeof password !== 'string') throw new Error('no credentials were made');
      watch.add(username, password, MINUTE);
    }
    const { now: made } = sim.world;
    // What could not be leased is taken back.
    const alone = bao.leader;
    sim.network.isolate(alone);
    const { status } = await bao.ask('GET', 'database/creds/app', { node: alone });
    expect(status).toBe(500);
    sim.network.heal();
    await bao.ready();
    expect([...db.users].filter((name) => name.startsWith('v-')).length).toBe(MADE);
    await sim.sleep(made + MINUTE - 5 * SECOND - sim.world.now);
    db.down();
    await sim.run('10s');
    bao.kill(bao.leader);
    await sim.run('20s');
    db.up();
    db.breakOff();
    await sim.run('20s');
    db.up();
    await sim.eventually('15m', 'nobody is left in the database', () =>
      watch.names.every((name) => !db.users.has(name)),
    );
    watch.assertKept();
    // Who was thrown out by a statement whose answer was lost has a lease until the next try.
    await sim.eventually('15m', 'no lease is left', async () => {
      const { status } = await bao.ask('LIST', 'sys/leases/lookup/database/creds/app');
      return status === 404;
    });
  },
);
