/** What is played to both servers. */
import { writeFile } from 'node:fs/promises';
import { startPostgres } from '../fixtures/postgres.ts';
import { ALONE, type BesideServer, clusteredServer, plainServer, raftServer, until } from '../configurations/beside.ts';
import { Session } from './session.ts';

type Make = () => Promise<BesideServer>;

const TRACE = 'log_level = "trace"\ncluster_name = "c"\n';

const STATIC_SEAL = `seal "static" {
  current_key_id = "k1"
  current_key = "${'6d'.repeat(32)}"
}
`;

const asked = (server: BesideServer) => (method: string, path: string, body?: unknown, token?: string) =>
  server.ask(method, path, { ...(body === undefined ? {} : { body }), ...(token === undefined ? {} : { token }) });

export const SESSIONS: Readonly<Record<string, (make: Make) => Promise<Session>>> = {
  async dev(make) {
    const server = await make();
    const session = new Session(server);
    await session.step('dev start', () =>
      server.start(['-dev', '-dev-root-token-id=root', '-log-level=trace', '-dev-listen-address=127.0.0.1:@P0']),
    );
    await session.step('dev stop', () => server.end());
    return session;
  },

  async single(make) {
    const server = await make();
    const session = new Session(server);
    const ask = asked(server);
    await server.configure(raftServer(TRACE));
    await session.step('start', () => server.start());
    await session.step('init', async () => {
      const [, text] = await ask('PUT', 'sys/init', { secret_shares: 3, secret_threshold: 2 }, '');
      const made = JSON.parse(text) as { root_token: string; keys_base64: string[] };
      server.root = made.root_token;
      server.keys = made.keys_base64;
    });
    await session.step('init again', () => ask('PUT', 'sys/init', { secret_shares: 3, secret_threshold: 2 }, ''));
    await session.step('first share', () => ask('PUT', 'sys/unseal', { key: server.keys[0] }, ''));
    await session.step('share again', () => ask('PUT', 'sys/unseal', { key: server.keys[0] }, ''));
    await session.step('bad share', () => ask('PUT', 'sys/unseal', { key: 'abcd' }, ''));
    await session.step('reset', () => ask('PUT', 'sys/unseal', { reset: true }, ''));
    await session.step('unseal', async () => {
      await ask('PUT', 'sys/unseal', { key: server.keys[0] }, '');
      await ask('PUT', 'sys/unseal', { key: server.keys[1] }, '');
      await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
    });
    await session.step('mounts', async () => {
      await ask('POST', 'sys/mounts/kv1', { type: 'kv' });
      await ask('POST', 'sys/mounts/kv2', { type: 'kv', options: { version: '2' } });
      await ask('POST', 'sys/mounts/none', { type: 'nonesuch' });
      await ask('POST', 'sys/mounts/transit', { type: 'transit' });
    });
    await session.step('tune', async () => {
      await ask('POST', 'sys/mounts/kv1/tune', { default_lease_ttl: '1h', description: 'x' });
      await ask('POST', 'sys/mounts/kv1/tune', { max_lease_ttl: '2h', audit_non_hmac_request_keys: ['a'] });
      await ask('POST', 'sys/mounts/kv1/tune', { options: { version: '2' } });
      await ask('POST', 'sys/mounts/kv2/tune', { listing_visibility: 'unauth', allowed_response_headers: ['X-A'] });
    });
    await session.step('values', async () => {
      await ask('POST', 'kv2/data/a', { data: { a: 1 } });
      await ask('GET', 'kv2/data/a');
      await ask('GET', 'kv2/data/none');
      await ask('POST', 'transit/keys/k', {});
      await ask('POST', 'transit/keys/k/rotate', {});
    });
    await session.step('remount', () => ask('POST', 'sys/remount', { from: 'kv2', to: 'kv3' }));
    await session.step('remount refused', () => ask('POST', 'sys/remount', { from: 'kv9', to: 'kv3' }));
    await session.step('unmount', () => ask('DELETE', 'sys/mounts/kv3'));
    await session.step('auth', async () => {
      await ask('POST', 'sys/auth/userpass', { type: 'userpass' });
      await ask('POST', 'sys/auth/cert', { type: 'cert' });
      await ask('POST', 'sys/auth/userpass/tune', { default_lease_ttl: '1h', token_type: 'default-service' });
      await ask('POST', 'sys/remount', { from: 'auth/cert', to: 'auth/role' });
    });
    await session.step('logins', async () => {
      await ask('POST', 'auth/userpass/users/u', { password: 'p' });
      await ask('POST', 'auth/userpass/login/u', { password: 'p' });
      await ask('POST', 'auth/userpass/login/u', { password: 'q' });
      await ask('DELETE', 'sys/auth/role');
    });
    await session.step('lockout', async () => {
      for (let index = 0; index < 6; index += 1) await ask('POST', 'auth/userpass/login/u', { password: 'q' });
    });
    await session.step('audit', async () => {
      await ask('POST', 'sys/audit/f', { type: 'file', options: { file_path: '/nonexistent/a.log' } });
      await ask('POST', 'sys/audit/f', { type: 'file', options: { file_path: server.filled('@DIR/a.log') } });
      await ask('POST', 'sys/audit/s', { type: 'nonesuch' });
      await ask('DELETE', 'sys/audit/f');
    });
    await session.step('policies', async () => {
      await ask('POST', 'sys/policies/acl/p', { policy: 'path "kv1/*" { capabilities = ["read"] }' });
      await ask('POST', 'sys/policies/acl/p', { policy: 'path "kv1/*" { capabilities = ["nonsense"] }' });
      await ask('GET', 'sys/policies/acl/p');
      await ask('DELETE', 'sys/policies/acl/p');
    });
    await session.step('tokens', async () => {
      const [, text] = await ask('POST', 'auth/token/create', { ttl: '2s', policies: ['default'] });
      const { auth } = JSON.parse(text) as { auth: { client_token: string; accessor: string } };
      await ask('GET', 'auth/token/lookup-self', undefined, auth.client_token);
      await ask('POST', 'auth/token/renew-self', {}, auth.client_token);
      await ask('GET', 'kv1/a', undefined, auth.client_token);
      const [, more] = await ask('POST', 'auth/token/create', { ttl: '1h', policies: ['default'] });
      await ask('POST', 'auth/token/revoke', {
        token: (JSON.parse(more) as { auth: { client_token: string } }).auth.client_token,
      });
      await ask('POST', 'auth/token/create-orphan', { type: 'batch', ttl: '1h' });
      await ask('GET', 'kv1/a', undefined, 'nonesuch');
      await new Promise((resolve) => setTimeout(resolve, 2_500));
    });
    await session.step('tidy', async () => {
      await ask('POST', 'auth/token/tidy', {});
      await ask('POST', 'sys/leases/tidy', {});
    });
    await session.step('rotate', async () => {
      await ask('POST', 'sys/rotate', {});
      await ask('POST', 'sys/rotate/keyring', {});
      await ask('POST', 'sys/rotate/config', { interval: '48h', max_operations: 4_000_000, enabled: true });
    });
    await session.step('rekey', async () => {
      const init = { secret_shares: 1, secret_threshold: 1 };
      const [, text] = await ask('POST', 'sys/rotate/root/init', init);
      const { data } = JSON.parse(text) as { data: { nonce: string } };
      await ask('POST', 'sys/rotate/root/update', { key: server.keys[0], nonce: data.nonce });
      await ask('DELETE', 'sys/rotate/root/init');
      const [, again] = await ask('POST', 'sys/rotate/root/init', init);
      const { data: second } = JSON.parse(again) as { data: { nonce: string } };
      await ask('POST', 'sys/rotate/root/update', { key: server.keys[0], nonce: second.nonce });
      const [, done] = await ask('POST', 'sys/rotate/root/update', { key: server.keys[1], nonce: second.nonce });
      server.keys = (JSON.parse(done) as { data: { keys_base64: string[] } }).data.keys_base64;
    });
    await session.step('generate root', async () => {
      const [, text] = await ask('POST', 'sys/generate-root/attempt', {});
      const { nonce } = JSON.parse(text) as { nonce: string };
      await ask('DELETE', 'sys/generate-root/attempt', {});
      const [, again] = await ask('POST', 'sys/generate-root/attempt', {});
      await ask('POST', 'sys/generate-root/update', { key: server.keys[0], nonce });
      await ask('POST', 'sys/generate-root/update', {
        key: server.keys[0],
        nonce: (JSON.parse(again) as { nonce: string }).nonce,
      });
    });
    await session.step('namespaces', async () => {
      await ask('POST', 'sys/namespaces/a', {});
      await server.ask('POST', 'sys/mounts/kv', { body: { type: 'kv' }, headers: { 'X-Vault-Namespace': 'a' } });
      await server.ask('POST', 'sys/namespaces/b', { body: {}, headers: { 'X-Vault-Namespace': 'a' } });
    });
    await session.step('namespace with a seal', () =>
      ask('POST', 'sys/namespaces/s', { seal: 'seal "shamir" { shares = 1 threshold = 1 }' }),
    );
    await session.step('namespace sealed', () => ask('POST', 'sys/namespaces/s/seal', {}));
    await session.step('namespace deleted', async () => {
      await ask('DELETE', 'sys/namespaces/a');
      await server.ask('DELETE', 'sys/namespaces/b', { headers: { 'X-Vault-Namespace': 'a' } });
    });
    await session.step('step down', async () => {
      await ask('PUT', 'sys/step-down', {});
      await until(() => server.lines(/acquired lock/).length > 0);
      await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
    });
    await session.step('seal', () => ask('PUT', 'sys/seal', {}));
    await session.step('unseal again', async () => {
      await ask('PUT', 'sys/unseal', { key: server.keys[0] }, '');
      await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
    });
    await session.step('SIGHUP', async () => server.signal('SIGHUP'));
    await session.step('stop', () => server.end());
    await session.step('start with data', () => server.start());
    await session.step('stop sealed', () => server.end());
    return session;
  },

  async cluster(make) {
    const servers = [await make(), await make(), await make()];
    const [first, second, third] = servers as [BesideServer, BesideServer, BesideServer];
    const session = new Session(...servers);
    const joins = (at: number) =>
      servers
        .filter((_, index) => index !== at)
        .map((server) => `  retry_join {\n    leader_api_addr = "${server.filled('http://127.0.0.1:@P0')}"\n  }\n`)
        .join('');
    for (const [index, server] of servers.entries())
      await server.configure(
        clusteredServer(
          `storage "raft" {\n  path = "@DIR/data"\n  node_id = "n${index + 1}"\n  performance_multiplier = 1\n${joins(index)}}`,
          `${TRACE}${STATIC_SEAL}`,
        ),
      );
    const health = async (server: BesideServer): Promise<number> => {
      try {
        return (await server.ask('GET', 'sys/health', { token: '' }))[0];
      } catch {
        return 0;
      }
    };
    const serves = (server: BesideServer) =>
      until(() => server.lines(/enabled standby mode|post-unseal setup complete/).length > 0);
    const voters = async (count: number): Promise<boolean> => {
      const [status, text] = await first.ask('GET', 'sys/storage/raft/configuration');
      if (status !== 200) return false;
      const { data } = JSON.parse(text) as { data: { config: { servers: { voter: boolean }[] } } };
      return data.config.servers.filter(({ voter }) => voter).length === count;
    };
    await session.step('start', () => first.start());
    await session.step('init', async () => {
      const [, text] = await first.ask('PUT', 'sys/init', {
        body: { recovery_shares: 1, recovery_threshold: 1 },
        token: '',
      });
      const made = JSON.parse(text) as { root_token: string };
      for (const server of servers) server.root = made.root_token;
      await until(async () => (await health(first)) === 200);
    });
    await session.step('second', async () => {
      await second.start();
      await serves(second);
      await until(async () => (await health(second)) === 429 && (await voters(2)));
    });
    await session.step('third', async () => {
      await third.start();
      await serves(third);
      await until(async () => (await health(third)) === 429 && (await voters(3)));
    });
    await session.step('changes', async () => {
      await first.ask('POST', 'sys/mounts/kv', { body: { type: 'kv' } });
      await first.ask('POST', 'kv/a', { body: { a: 1 } });
      await second.ask('GET', 'kv/a');
      await second.ask('POST', 'kv/a', { body: { a: 2 } });
      await first.ask('POST', 'sys/policies/acl/p', { body: { policy: 'path "kv/*" { capabilities = ["read"] }' } });
      await first.ask('POST', 'sys/auth/userpass', { body: { type: 'userpass' } });
      await first.ask('POST', 'sys/mounts/kv/tune', { body: { description: 'x' } });
      await first.ask('DELETE', 'sys/mounts/kv');
    });
    await session.step('namespace', () => first.ask('POST', 'sys/namespaces/a', { body: {} }));
    await session.step('rotate', () => first.ask('POST', 'sys/rotate', { body: {} }));
    await session.step('autopilot', async () => {
      await first.ask('POST', 'sys/storage/raft/autopilot/configuration', {
        body: { min_quorum: 3, cleanup_dead_servers: true },
      });
      await first.ask('GET', 'sys/storage/raft/autopilot/state');
    });
    await session.step('standby sealed', async () => {
      await third.ask('PUT', 'sys/seal', { body: {} });
      await third.end();
    });
    await session.step('standby back', async () => {
      await third.start();
      await serves(third);
      await until(async () => (await health(third)) === 429);
    });
    await session.step('step down', async () => {
      await first.ask('PUT', 'sys/step-down', { body: {} });
      await until(() => servers.some((server) => server.lines(/core: acquired lock/).length > 0));
      await until(async () => (await Promise.all(servers.map(health))).filter((status) => status === 200).length === 1);
    });
    const leader = async (): Promise<BesideServer> => {
      for (const server of servers) if ((await health(server)) === 200) return server;
      throw new Error('nobody is active');
    };
    await session.step('killed', async () => {
      const active = await leader();
      await active.end('SIGKILL');
      await until(() => servers.some((server) => server.lines(/core: acquired lock/).length > 0));
      await until(async () => (await Promise.all(servers.map(health))).includes(200));
    });
    await session.step('back', async () => {
      const active = await leader();
      for (const server of servers) if ((await health(server)) === 0) await server.start();
      await until(async () => (await Promise.all(servers.map(health))).filter((status) => status === 429).length === 2);
      void active;
    });
    await session.step('removed', async () => {
      const active = await leader();
      const other = servers.findIndex((server) => server !== active);
      await active.ask('POST', 'sys/storage/raft/remove-peer', { body: { server_id: `n${other + 1}` } });
    });
    await session.step('snapshot', async () => {
      await (await leader()).ask('GET', 'sys/storage/raft/snapshot');
    });
    await session.step('stop', () => Promise.all(servers.map((server) => server.end())));
    return session;
  },

  async transit(make) {
    const kms = await make();
    await kms.start(['-dev', '-dev-root-token-id=root', '-dev-listen-address=127.0.0.1:@P0']);
    kms.root = 'root';
    await kms.ask('POST', 'sys/mounts/transit', { body: { type: 'transit' } });
    await kms.ask('POST', 'transit/keys/k', { body: {} });
    await kms.ask('POST', 'sys/policies/acl/seal', {
      body: { policy: 'path "transit/*" { capabilities = ["update"] }' },
    });
    const [, text] = await kms.ask('POST', 'auth/token/create', { body: { policies: ['seal'], ttl: '1h' } });
    const token = (JSON.parse(text) as { auth: { client_token: string } }).auth.client_token;
    const server = await make();
    const session = new Session(server);
    const seal = `seal "transit" {
  address = "${kms.filled('http://127.0.0.1:@P0')}"
  token = "${token}"
  key_name = "k"
  mount_path = "transit"
}
`;
    await server.configure(raftServer(TRACE + seal));
    await session.step('start', () => server.start());
    await session.step('init', async () => {
      const [, made] = await server.ask('PUT', 'sys/init', {
        body: { recovery_shares: 1, recovery_threshold: 1 },
        token: '',
      });
      server.root = (JSON.parse(made) as { root_token: string }).root_token;
      await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
    });
    await session.step('key rotated', async () => {
      await kms.ask('POST', 'transit/keys/k/rotate', { body: {} });
      await server.ask('POST', 'sys/rotate', { body: {} });
      await server.ask('POST', 'sys/rotate/root', { body: {} });
    });
    await session.step('stop', () => server.end());
    await kms.ask('PUT', 'sys/seal', { body: {} });
    await session.step('start without', async () => {
      await server.start();
      await new Promise((resolve) => setTimeout(resolve, 6_000));
    });
    await session.step('stop without', () => server.end());
    await kms.end();
    await session.step('start alone', async () => {
      await server.start();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    });
    await session.step('stop alone', () => server.end());
    return session;
  },

  async plain(make) {
    const server = await make();
    const session = new Session(server);
    const ask = asked(server);
    const config = (more = '') =>
      clusteredServer('storage "file" {\n  path = "@DIR/data"\n}'.replace('file', 'inmem'), `${TRACE}${more}`);
    await server.configure(
      config('unsafe_allow_api_audit_creation = true\nraw_storage_endpoint = true\nlog_requests_level = "info"\n'),
    );
    await session.step('start', () => server.start());
    await session.step('asked before', async () => {
      for (const path of ['health', 'seal-status', 'init', 'leader']) await ask('GET', `sys/${path}`, undefined, '');
      await ask('PUT', 'sys/unseal', { key: 'abcd' }, '');
      await ask('PUT', 'sys/init', { secret_shares: 2, secret_threshold: 1 }, '');
    });
    await session.step('alone in memory', () => server.initialise());
    await session.step('audit', async () => {
      await ask('POST', 'sys/audit/bad', { type: 'file', options: { file_path: '/nonexistent/a.log' } });
      await ask('POST', 'sys/audit/f', { type: 'file', options: { file_path: server.filled('@DIR/a.log') } });
      await ask('POST', 'sys/audit/f', { type: 'file', options: { file_path: server.filled('@DIR/a.log') } });
      await ask('POST', 'sys/audit/none', { type: 'nonesuch' });
    });
    await session.step('SIGHUP with audit', async () => server.signal('SIGHUP'));
    await session.step('audit gone', async () => {
      await ask('DELETE', 'sys/audit/f');
      await ask('DELETE', 'sys/audit/f');
    });
    await session.step('audit fails', async () => {
      await ask('POST', 'sys/audit/s', {
        type: 'socket',
        options: { address: server.filled('127.0.0.1:@P5'), skip_test: 'true' },
      });
      await ask('GET', 'sys/mounts');
      await ask('DELETE', 'sys/audit/s');
    });
    await session.step('leases', async () => {
      await ask('POST', 'sys/mounts/kv', { type: 'kv' });
      await ask('POST', 'kv/a', { value: 'x', ttl: '1s' });
      await ask('GET', 'kv/a');
      const [, text] = await ask('POST', 'auth/token/create', { ttl: '3s', policies: ['root'] });
      const { client_token: token } = (JSON.parse(text) as { auth: { client_token: string } }).auth;
      await ask('GET', 'sys/mounts', undefined, token);
      await ask('PUT', 'sys/leases/revoke-prefix/auth/token', {});
      await new Promise((resolve) => setTimeout(resolve, 3_500));
    });
    await session.step('quota', async () => {
      await ask('POST', 'sys/quotas/rate-limit/q', { rate: 1, path: 'kv/' });
      for (let index = 0; index < 3; index += 1) await ask('GET', 'kv/a');
      await ask('DELETE', 'sys/quotas/rate-limit/q');
    });
    await session.step('wrong', async () => {
      await ask('GET', 'nonesuch/a');
      await ask('GET', 'kv/a', undefined, 'nonesuch');
      await ask('POST', 'sys/raw/core/nonesuch', { value: 'x' });
      await ask('GET', 'sys/raw/core/keyring');
      await ask('POST', 'auth/token/create', 'nonsense');
    });
    await session.step('level', async () => {
      await server.configure(config('log_requests_level = "off"\n').replace('"trace"', '"debug"'));
      server.signal('SIGHUP');
    });
    await session.step('bad level', async () => {
      await server.configure(config().replace('"trace"', '"nonesuch"'));
      server.signal('SIGHUP');
    });
    await session.step('bad configuration', async () => {
      await server.configure('storage "inmem" {');
      server.signal('SIGHUP');
    });
    await session.step('stop in memory', () => server.end());
    return session;
  },

  async tls(make) {
    const server = await make();
    const session = new Session(server);
    await server.configure(
      `storage "inmem" {}
listener "tcp" {
  address = "127.0.0.1:@P0"
  tls_cert_file = "@DIR/cert.pem"
  tls_key_file = "@DIR/key.pem"
}
listener "tcp" {
  address = "127.0.0.1:@P1"
  tls_disable = true
}
api_addr = "https://127.0.0.1:@P0"
${TRACE}`,
    );
    await session.step('start', () => server.start());
    await session.step('plain to TLS', async () => {
      await server.call('GET', 'sys/health', { token: '' }).catch(() => undefined);
    });
    await session.step('new certificate', async () => {
      await server.certificate('other');
      server.signal('SIGHUP');
    });
    await session.step('bad certificate', async () => {
      await writeFile(server.filled('@DIR/cert.pem'), 'nonsense');
      server.signal('SIGHUP');
    });
    await session.step('stop', () => server.end());
    return session;
  },

  async declared(make) {
    const server = await make();
    const session = new Session(server);
    const configure = (more: string) => server.configure(raftServer(`${TRACE}${STATIC_SEAL}${more}`));
    const audit = (name: string) =>
      `audit "file" "${name}" {\n  options {\n    file_path = "@DIR/${name}.log"\n  }\n}\n`;
    const initialise = `initialize "first" {
  request "mount" {
    operation = "update"
    path = "sys/mounts/kv"
    data = { type = "kv" }
  }
  request "write" {
    operation = "update"
    path = "kv/a"
    data = { a = "b" }
  }
}
`;
    await configure(audit('one') + initialise);
    await session.step('initialises itself', async () => {
      await server.start();
      await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
    });
    await session.step('two devices', async () => {
      await configure(audit('one') + audit('two'));
      server.signal('SIGHUP');
    });
    await session.step('another device', async () => {
      await configure(audit('two'));
      server.signal('SIGHUP');
    });
    await session.step('changed device', async () => {
      await configure(audit('two').replace('two.log', 'three.log'));
      server.signal('SIGHUP');
    });
    await session.step('stop', () => server.end());
    await configure(audit('two'));
    await session.step('recovery', async () => {
      await server.start(['-recovery']);
    });
    await session.step('recovery stop', () => server.end());
    return session;
  },

  async alone(make) {
    const server = await make();
    const session = new Session(server);
    await server.configure(raftServer(`${TRACE}disable_standby_reads = true\n${STATIC_SEAL}`));
    await session.step('start', () => server.start());
    await session.step('init', async () => {
      const [, made] = await server.ask('PUT', 'sys/init', {
        body: { recovery_shares: 1, recovery_threshold: 1 },
        token: '',
      });
      server.root = (JSON.parse(made) as { root_token: string }).root_token;
      await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
    });
    await session.step('step down', async () => {
      await server.ask('PUT', 'sys/step-down', { body: {} });
      await until(() => server.lines(/acquired lock/).length > 0);
      await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
    });
    await session.step('stop', () => server.end());
    return session;
  },

  async postgresql(make) {
    const postgres = await startPostgres();
    try {
      const database = await postgres.database('store');
      const servers = [await make(), await make()];
      const [first, second] = servers as [BesideServer, BesideServer];
      const session = new Session(...servers);
      for (const server of servers) {
        const storage = `storage "postgresql" {\n  connection_url = "${database}"\n  ha_enabled = "true"\n}`;
        await server.configure(clusteredServer(storage, TRACE));
      }
      const status = async (server: BesideServer) => (await server.ask('GET', 'sys/health', { token: '' }))[0];
      await session.step('start', () => first.start());
      await session.step('init', async () => {
        await first.initialise();
        second.root = first.root;
        second.keys = first.keys;
      });
      await session.step('second', async () => {
        await second.start();
        await second.unseal();
        await until(async () => (await second.ask('GET', 'sys/mounts', { headers: ALONE }))[0] === 200);
      });
      await session.step('changes', async () => {
        await first.ask('POST', 'sys/mounts/kv', { body: { type: 'kv' } });
        await second.ask('POST', 'kv/a', { body: { a: 1 } });
      });
      await session.step('step down', async () => {
        await first.ask('PUT', 'sys/step-down', { body: {} });
        await until(async () => (await status(second)) === 200);
        await until(async () => (await first.ask('GET', 'sys/mounts', { headers: ALONE }))[0] === 200);
      });
      await session.step('standby stops', () => first.end());
      await session.step('stop', () => second.end());
      return session;
    } finally {
      await postgres.stop();
    }
  },
};
void plainServer;
