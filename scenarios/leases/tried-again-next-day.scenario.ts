import { at } from '../../sim/client.ts';
import { SqlServer } from '../../sim/services/sql-server.ts';
import { expect, scenario } from '../../sim/story.ts';

const HOUR = 3_600_000_000;

/** A lease that was given up is tried again a day after each failure, by nobody's order. */
scenario('a lease that was given up is tried again every day', { limit: '80h' }, async (sim) => {
  const db = new SqlServer(sim);
  const bao = await sim.cluster({ nodes: 1, storage: 'inmem' });
  await db.manageBy(bao);
  await bao.request('POST', 'database/roles/app', {
    db_name: 'db',
    creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}'`],
    default_ttl: '1m',
  });
  const made = await bao.request('GET', 'database/creds/app');
  const user = at(made, 'data', 'username') as string;
  let failed = 0;
  sim.world.onTrace(({ event }) => {
    if (event.kind === 'lease' && event.what === 'failed') failed = sim.world.now;
  });
  const given = async (): Promise<unknown> =>
    at((await bao.ask('GET', 'sys/leases/count?type=irrevocable')).json, 'data', 'lease_count');
  const until = (time: number): Promise<void> => sim.sleep(time - sim.world.now);

  db.down();
  await sim.run('1h');
  expect(await given()).toBe(1);
  for (const back of [false, true]) {
    const last = failed;
    if (back) db.up();
    await until(last + 23 * HOUR);
    expect(failed).toBe(last);
    expect(await given()).toBe(1);
    expect(db.users.has(user)).toBe(true);
    await until(last + 25 * HOUR);
    expect(failed === last).toBe(back);
    expect(await given()).toBe(back ? 0 : 1);
    expect(db.users.has(user)).toBe(!back);
  }
});
