import { at } from '../../sim/client.ts';
import { SqlServer } from '../../sim/services/sql-server.ts';
import { expect, scenario } from '../../sim/story.ts';

const MADE = 5;
const TRIES = 6;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * The database is away when leases end. Each is tried six times by whoever leads, then given up: still there, with its
 * error, also for the next leader, who does not begin anew. It goes by force, or on request once the database is back.
 */
scenario(
  'a lease that cannot be revoked is given up after six tries, and is never lost',
  { minimum: { faults: 3, elections: 2 } },
  async (sim) => {
    const db = new SqlServer(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await db.manageBy(bao);
    for (const role of ['app', 'batch']) {
      await bao.request('POST', `database/roles/${role}`, {
        db_name: 'db',
        creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}'`],
        default_ttl: '1m',
      });
    }
    const leases: string[] = [];
    for (let made = 0; made < MADE; made++) {
      const { json } = await bao.ask('GET', `database/creds/${made === 0 ? 'batch' : 'app'}`);
      leases.push(text(at(json, 'lease_id')));
    }
    /** Failed tries by lease, since the last leader came. */
    const tries = new Map<string, number>();
    sim.world.onTrace(({ event }) => {
      if (event.kind === 'lease' && event.what === 'failed') tries.set(event.id, (tries.get(event.id) ?? 0) + 1);
    });
    const given = async (): Promise<number> => {
      const { json } = await bao.ask('GET', 'sys/leases/count?type=irrevocable');
      return Number(at(json, 'data', 'lease_count'));
    };
    const succeed = async (): Promise<void> => {
      const dead = bao.leader;
      bao.kill(dead);
      tries.clear();
      await sim.run('20s');
      bao.restart(dead);
      await bao.ready();
    };
    db.down();
    await sim.run('70s');
    for (const lease of leases) expect(tries.get(lease)).toBe(1);
    expect(await given()).toBe(0);
    const renewal = async (): Promise<string> =>
      JSON.stringify((await bao.ask('PUT', 'sys/leases/renew', { body: { lease_id: leases[1]! } })).json);
    // What has ended does not begin again because nobody could end it.
    expect(await renewal()).toContain('lease expired');
    await succeed();
    await sim.run('20m');
    expect(await given()).toBe(MADE);
    for (const lease of leases) expect(tries.get(lease)).toBe(TRIES);

    // The next leader knows that they were given up.
    await succeed();
    await sim.run('2m');
    expect(await given()).toBe(MADE);
    expect(tries.size).toBe(0);
    const { json } = await bao.ask('PUT', 'sys/leases/lookup', { body: { lease_id: leases[1]! } });
    expect(text(at(json, 'data', 'revoke_error'))).toContain('out of retries: failed to revoke entry');
    expect(await renewal()).toContain('lease is expired and has failed previous revocation attempts');

    expect((await bao.ask('PUT', 'sys/leases/revoke-prefix/database/creds/batch')).status).toBe(400);
    expect(await given()).toBe(MADE);
    expect((await bao.ask('PUT', 'sys/leases/revoke-force/database/creds/batch')).status).toBe(204);
    expect(await given()).toBe(MADE - 1);
    db.up();
    expect((await bao.ask('PUT', 'sys/leases/revoke-prefix/database/creds/app')).status).toBe(204);
    expect(await given()).toBe(0);
    expect((await bao.ask('LIST', 'sys/leases/lookup/database/creds/app')).status).toBe(404);
  },
);
