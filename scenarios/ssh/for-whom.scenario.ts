import { type Answered, at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

const ADDRESSES = ['10.1.2.3', '10.9.2.3', '192.168.1.1'] as const;
const USERS = ['app', 'web', 'root'] as const;
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGhAdxsQjmpGz0Lk5u0d1v1cT5v1r4x3b8nVn0c6yQ0C canary-host';

/** For which hosts and users passwords are, and what certificates are for, is what the role says; leases end both. */
scenario(
  'a role of SSH gives passwords and certificates for its own hosts, users, kinds and times alone',
  { minimum: { elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const dice = sim.world.random('ssh');
    await bao.mount('ssh', 'ssh');
    await bao.request('POST', 'ssh/config/ca', { generate_signing_key: true, key_type: 'ed25519' });
    const demand = (fine: boolean, { status, json }: Answered, what: string): void => {
      expect(`${what}: ${status < 300 ? 'given' : 'refused'}`).toBe(
        `${what}: ${fine ? 'given' : `refused${status < 300 ? ` but ${JSON.stringify(json)}` : ''}`}`,
      );
    };
    for (let round = 0; round < 8; round++) {
      const users = dice.pick(['web', 'web,root', '*']);
      const excluded = dice.pick(['', '10.9.0.0/16']);
      const role = { key_type: 'otp', default_user: 'app', allowed_users: users };
      await bao.request('POST', 'ssh/roles/otp', { ...role, cidr_list: '10.0.0.0/8', exclude_cidr_list: excluded });
      for (let asked = 0; asked < 6; asked++) {
        const [ip, username] = [dice.pick(ADDRESSES), dice.pick(USERS)];
        const isHost = ip.startsWith('10.') && (excluded === '' || !ip.startsWith('10.9.'));
        const isUser = username === 'app' || users === '*' || users.split(',').includes(username);
        const made = await bao.ask('POST', 'ssh/creds/otp', { body: { ip, username } });
        demand(isHost && isUser, made, `a password for ${username} at ${ip}, ${users}, without ${excluded}`);
        if (made.status !== 200) continue;
        const otp = at(made.json, 'data', 'key') as string;
        const revoked = dice.below(2) === 0;
        if (revoked) await bao.request('POST', 'sys/leases/revoke', { lease_id: made.json['lease_id']!, sync: true });
        const used = await bao.ask('POST', 'ssh/verify', { body: { otp } });
        demand(!revoked, used, 'a password');
        if (revoked) continue;
        expect(at(used.json, 'data', 'username')).toBe(username);
        expect(at(used.json, 'data', 'ip')).toBe(ip);
      }
      const [host, user] = dice.pick([
        [true, false],
        [false, true],
        [true, true],
      ] as const);
      const most = dice.between(60, 600);
      await bao.request('POST', 'ssh/roles/ca', {
        key_type: 'ca',
        allowed_users: 'app,web',
        allow_user_certificates: user,
        allow_host_certificates: host,
        allow_bare_domains: true,
        allowed_domains: 'host.test',
        allowed_critical_options: 'force-command',
        allowed_extensions: 'permit-pty',
        max_ttl: `${most}s`,
        ttl: '30s',
      });
      for (let asked = 0; asked < 6; asked++) {
        const kind = dice.pick(['user', 'host'] as const);
        const name = kind === 'host' ? 'host.test' : dice.pick(USERS);
        const ttl = dice.between(1, 2 * most);
        const [option, extension] = [
          dice.pick(['force-command', 'source-address']),
          dice.pick(['permit-pty', 'permit-all']),
        ];
        const fine =
          (kind === 'host' ? host : user && name !== 'root') &&
          ttl <= most &&
          option === 'force-command' &&
          extension === 'permit-pty';
        const body = {
          public_key: KEY,
          cert_type: kind,
          valid_principals: name,
          ttl: `${ttl}s`,
          critical_options: { [option]: 'canary' },
          extensions: { [extension]: '' },
        };
        demand(
          fine,
          await bao.ask('POST', 'ssh/sign/ca', { body }),
          `a certificate: ${JSON.stringify(body)} of ${most}s`,
        );
      }
      if (round !== 4) continue;
      await bao.stepDown();
      await sim.run('10s');
      await bao.ready();
    }
  },
);
