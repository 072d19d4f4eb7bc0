import { at } from '../../sim/client.ts';
import { SqlServer } from '../../sim/services/sql-server.ts';
import { StoryFailure } from '../../sim/failure.ts';
import { expect, killAtWrite, scenario } from '../../sim/story.ts';

const USERS = 4;

/**
 * Passwords rotate every minute while leaders die in the middle of it and the database breaks off: who asks for a
 * password is soon given the one that the database has, and none becomes old.
 */
scenario(
  'static passwords go on rotating across failovers, and what is shown is what the database takes',
  { minimum: { faults: 3, elections: 2 } },
  async (sim) => {
    const db = new SqlServer(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await db.manageBy(bao);
    const names = Array.from({ length: USERS }, (_, i) => `u${i + 1}`);
    for (const username of names) {
      db.addUser(username, 'before');
      await bao.request('POST', `database/static-roles/${username}`, {
        db_name: 'db',
        username,
        rotation_period: '1m',
      });
    }
    const seen = new Map<string, string>();
    const shown = async (name: string): Promise<string> => {
      const { json } = await bao.ask('GET', `database/static-creds/${name}`);
      const password = at(json, 'data', 'password');
      if (typeof password !== 'string') throw new StoryFailure(`there is no password of ${name}`);
      return password;
    };
    const agree = async (): Promise<boolean> => {
      for (const name of names) if (!db.lets(name, await shown(name))) return false;
      return true;
    };
    // The database has a password a moment before it is shown.
    const agreed = (within: number): Promise<void> =>
      sim.until('the database takes what is shown', agree, 1_000_000, within);
    for (const byHand of [false, true]) {
      await agreed(5_000_000);
      for (const name of names) seen.set(name, await shown(name));
      // With the second write its password is in the database. By hand there is one, and its turn in the queue is a
      // minute away.
      const death = killAtWrite(sim, bao, /\/static-role\//, byHand ? 1 : 2);
      if (byHand) await bao.ask('POST', 'database/rotate-role/u1');
      await sim.until(
        'a leader died in the middle of a rotation',
        () => death.node !== undefined,
        1_000_000,
        90_000_000,
      );
      await sim.run('5s');
      bao.restart(death.node!);
      await bao.ready();
      // What the dead leader began is finished first, not when its turn comes again.
      await agreed(20_000_000);
      await sim.run('60s');
      for (const name of names) expect((await shown(name)) === seen.get(name)).toBe(false);
    }
    db.breakOff();
    await sim.run('70s');
    db.up();
    await agreed(40_000_000);
    // Who could not be given a new one has his turn again.
    for (const name of names) seen.set(name, await shown(name));
    await sim.run('75s');
    for (const name of names) expect((await shown(name)) === seen.get(name)).toBe(false);
  },
);
