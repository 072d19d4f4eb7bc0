import { DirectoryServer } from '../../sim/services/directory-server.ts';
import { expect, scenario } from '../../sim/story.ts';

/**
 * Who borrowed an account has its password only as long as the lease: when it ends the account is checked in with a new
 * one, although the leader dies in between, and the directory is away at the end.
 */
scenario(
  'a checked-out account comes back with a new password when its lease ends across a failover',
  { minimum: { faults: 2, elections: 1 } },
  async (sim) => {
    const directory = new DirectoryServer(sim, ['svc']);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.request('POST', 'sys/mounts/ldap', { type: 'ldap' });
    await bao.request('POST', 'ldap/config', { ...directory.config, request_timeout: 5 });
    await bao.request('POST', 'ldap/library/set', { service_account_names: 'svc', ttl: '60s', max_ttl: '60s' });
    const given = directory.passwordOf('svc');
    expect((await bao.ask('POST', 'ldap/library/set/check-out')).status).toBe(200);
    expect((await bao.ask('POST', 'ldap/library/set/check-out')).status).toBe(400);
    await sim.run('30s');
    const killed = bao.leader;
    bao.kill(killed);
    await sim.run('15s');
    expect(directory.passwordOf('svc')).toBe(given);
    directory.down();
    bao.restart(killed);
    await sim.run('30s');
    directory.up();
    await sim.eventually('15m', 'the account has another password', () => directory.passwordOf('svc') !== given);
    await bao.ready();
    const again = async (): Promise<boolean> => (await bao.ask('POST', 'ldap/library/set/check-out')).status === 200;
    await sim.until('the account can be borrowed again', again, 1_000_000, 120_000_000);
  },
);
