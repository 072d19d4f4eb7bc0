/** A server in memory: audit devices, leases, quotas, what is wrong with requests, and what is changed while it runs. */
import { clusteredServer } from '../../configurations/beside.ts';
import { asked, TRACE } from '../common.ts';
import type { Session } from '../session.ts';

export async function memory(session: Session): Promise<void> {
  const server = await session.server();
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
  await session.step('loggers', async () => {
    await ask('POST', 'sys/loggers', { level: 'error' });
    await ask('POST', 'sys/mounts/a', { type: 'kv' });
    await ask('POST', 'sys/loggers/core', { level: 'trace' });
    await ask('DELETE', 'sys/mounts/a');
    await ask('POST', 'sys/policies/acl/p', { policy: 'path "x" { capabilities = ["read"] }' });
    await ask('DELETE', 'sys/loggers');
    await ask('DELETE', 'sys/policies/acl/p');
    await ask('POST', 'sys/namespaces/n', {});
    await server.ask('GET', 'sys/mounts', { headers: { 'X-Vault-Namespace': 'n' } });
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
}
