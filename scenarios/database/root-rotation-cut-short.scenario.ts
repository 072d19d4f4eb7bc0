import { SqlServer } from '../../sim/services/sql-server.ts';
import { expect, killAtWrite, scenario } from '../../sim/story.ts';

/** At which of its writes the node dies. */
const POINTS = [/\/wal\//, /\/config\/db/];
const LOOK = 1_000_000;
/** An entry is settled when it is a minute old, by what happens each minute. */
const PATIENCE = 180_000_000;

/**
 * The database has the new password of its own administrator, and the only node that knows it dies before it has
 * written that down as the configuration; or the database's answer is lost. The server finds its way back in.
 */
scenario(
  'a rotated root password is never lost by a crash between the two writes',
  { minimum: { faults: 3, elections: 2 } },
  async (sim) => {
    const db = new SqlServer(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await db.manageBy(bao);
    await bao.request('POST', 'database/roles/app', {
      db_name: 'db',
      creation_statements: [`CREATE ROLE "{{name}}" PASSWORD '{{password}}'`],
    });
    const isIn = async (): Promise<boolean> => (await bao.ask('GET', 'database/creds/app')).status === 200;
    expect(await isIn()).toBe(true);
    for (const point of POINTS) {
      const death = killAtWrite(sim, bao, point);
      await bao.ask('POST', 'database/rotate-root/db');
      expect(death.node !== undefined).toBe(true);
      await sim.run('10s');
      bao.restart(death.node!);
      await bao.ready();
      await sim.until(`the server is in again after it died at ${point.source}`, isIn, LOOK, PATIENCE);
    }
    db.loseAnswers();
    expect((await bao.ask('POST', 'database/rotate-root/db')).status).toBe(500);
    db.up();
    expect(await isIn()).toBe(false);
    await sim.until('the server is in again after the answer was lost', isIn, LOOK, PATIENCE);
    expect((await bao.ask('POST', 'database/rotate-root/db')).status).toBe(204);
    expect(await isIn()).toBe(true);
  },
);
