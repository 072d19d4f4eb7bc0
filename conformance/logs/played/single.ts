/** One node of raft with shares: everything that an operator does to it, and what becomes of it when it is sealed. */
import { raftServer, until } from '../../configurations/beside.ts';
import { asked, NO_READS, TRACE } from '../common.ts';
import type { Session } from '../session.ts';

export async function single(session: Session): Promise<void> {
  const server = await session.server();
  const ask = asked(server);
  await server.configure(raftServer(TRACE + NO_READS));
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
    const [, text] = await ask('POST', 'auth/token/create', { ttl: '4s', policies: ['default'] });
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
    await until(() => server.lines(/expiration: revoked lease/).length === 2);
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
}
