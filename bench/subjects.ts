/** What servers are asked when they are measured: each prepares a server once and gives the call that is repeated. */
import type { Api } from './api.ts';
import type { Call } from './load.ts';

const SECRET = { data: { username: 'app', password: 'hunter2hunter2', host: 'db.internal', port: '5432' } };
const KEYS = 100;

/** The secrets that are read. */
export async function fill(api: Api): Promise<void> {
  for (let key = 0; key < KEYS; key += 1) await api.call('PUT', `secret/data/k${key}`, SECRET);
}

/** A token with a lifetime that may read and write them. */
export async function policyToken(api: Api): Promise<string> {
  await api.call('PUT', 'sys/policies/acl/bench', {
    policy: 'path "secret/*" { capabilities = ["create", "update", "read"] }',
  });
  const { auth } = await api.call<{ auth: { client_token: string } }>('POST', 'auth/token/create', {
    policies: ['bench'],
    ttl: '1h',
  });
  return auth.client_token;
}

export const reads =
  (token: string) =>
  (n: number): Call => ({ method: 'GET', path: `secret/data/k${n % KEYS}`, token });

export async function writes(api: Api): Promise<(n: number) => Call> {
  await fill(api);
  const body = JSON.stringify(SECRET);
  return (n) => ({ method: 'PUT', path: `secret/data/k${n % KEYS}`, token: api.token, body });
}

export async function logins(api: Api): Promise<() => Call> {
  await api.call('POST', 'sys/auth/approle', { type: 'approle' });
  await api.call('POST', 'auth/approle/role/bench', { token_policies: ['bench'], token_ttl: '1h' });
  const role = await api.call<{ data: { role_id: string } }>('GET', 'auth/approle/role/bench/role-id');
  const secret = await api.call<{ data: { secret_id: string } }>('POST', 'auth/approle/role/bench/secret-id');
  const body = JSON.stringify({ role_id: role.data.role_id, secret_id: secret.data.secret_id });
  return () => ({ method: 'POST', path: 'auth/approle/login', token: '', body });
}

export async function encryptions(api: Api): Promise<() => Call> {
  await api.call('POST', 'sys/mounts/transit', { type: 'transit' });
  await api.call('POST', 'transit/keys/bench', {});
  const body = JSON.stringify({ plaintext: Buffer.from('hunter2hunter2hunter2').toString('base64') });
  return () => ({ method: 'POST', path: 'transit/encrypt/bench', token: api.token, body });
}
