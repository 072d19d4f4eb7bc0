import { DirectoryServer } from '../../sim/services/directory-server.ts';
import { expect, killAtWrite, scenario } from '../../sim/story.ts';

/** Before which of its writes the node dies: the note of the new password, and the configuration with it. */
const POINTS = [/\/wal\/[^/]+$/, /\/config$/];
const LOOK = 1_000_000;
const PATIENCE = 120_000_000;

/**
 * The directory has a new password for its administrator, and the only node that knows it dies before it has kept it; or
 * the directory's answer is lost. Whoever is the leader then finds the way in, and a login without a directory ends.
 */
scenario(
  'a rotated root password of a directory is never lost by a crash between the two writes',
  { minimum: { faults: 4, elections: 2 } },
  async (sim) => {
    const directory = new DirectoryServer(sim, ['svc']);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.request('POST', 'sys/mounts/ldap', { type: 'ldap' });
    await bao.request('POST', 'ldap/config', { ...directory.config, request_timeout: 5 });
    await bao.request('POST', 'ldap/static-role/svc', { username: 'svc', rotation_period: '24h' });
    const isIn = async (): Promise<boolean> => (await bao.ask('POST', 'ldap/rotate-role/svc')).status === 204;
    expect(await isIn()).toBe(true);
    for (const point of POINTS) {
      const death = killAtWrite(sim, bao, point);
      await bao.ask('POST', 'ldap/rotate-root');
      expect(death.node !== undefined).toBe(true);
      await sim.run('10s');
      bao.restart(death.node!);
      await bao.ready();
      await sim.until(`the server is in again after it died before ${point.source}`, isIn, LOOK, PATIENCE);
    }
    directory.loseAnswers();
    expect((await bao.ask('POST', 'ldap/rotate-root')).status).toBe(500);
    directory.up();
    await sim.until('the server is in again after the answer was lost', isIn, LOOK, PATIENCE);
    directory.down();
    expect((await bao.ask('POST', 'ldap/rotate-root')).status).toBe(500);
    directory.up();
    await sim.until('the server is in again after the directory was away', isIn, LOOK, PATIENCE);
    const { data } = (await bao.request('GET', 'ldap/static-cred/svc')) as { data: { password: string } };
    expect(data.password).toBe(directory.passwordOf('svc'));
  },
);
