/** 500 requests over everything that a client may do: the same in every world. */
import type { JsonObject, JsonValue } from '../core/codec/json.ts';
import { asObject } from '../core/codec/json-fields.ts';
import { SECOND } from '../core/runtime.ts';
import { pick, type Player } from './one-core.fixture.ts';

const MERGE = [['Content-Type', 'application/merge-patch+json']] as const;
export const REQUESTS = 500;

export async function playScript(player: Player): Promise<void> {
  const made = await player.call('PUT', 'sys/init', { body: { secret_shares: 3, secret_threshold: 2 } });
  const token = pick(made, 'root_token');
  const keys = (asObject(made)?.['keys_base64'] ?? []) as readonly string[];
  for (const key of keys.slice(0, 2)) await player.call('PUT', 'sys/unseal', { body: { key } });
  for (let i = 0; i < 10; i++) {
    await player.pass(SECOND);
    await player.call('GET', 'sys/health');
  }
  const root = (method: string, path: string, body?: JsonValue | string): Promise<JsonObject> =>
    player.call(method, path, body === undefined ? { token } : { token, body });

  await prepare(root);
  let round = 0;
  while (player.lines.length < REQUESTS) {
    await playRound(player, token, round++);
    await player.pass(SECOND);
  }
}

type Root = (method: string, path: string, body?: JsonValue | string) => Promise<JsonObject>;

async function prepare(root: Root): Promise<void> {
  await root('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  await root('POST', 'sys/mounts/kv', { type: 'kv', description: 'the first version' });
  await root('POST', 'sys/auth/approle', { type: 'approle' });
  await root('POST', 'sys/auth/userpass', { type: 'userpass' });
  await root('PUT', 'sys/policies/acl/app', {
    policy: 'path "secret/data/app/*" { capabilities = ["create", "read", "update", "patch"] }',
  });
  await root('POST', 'auth/userpass/users/alice', { password: 'pw', token_policies: 'app', token_ttl: '10m' });
  await root('POST', 'auth/userpass/login/alice', { password: 'pw' });
  await root('POST', 'auth/userpass/login/alice', { password: 'wrong' });
  await root('POST', 'auth/approle/role/web', { token_policies: 'app', token_ttl: '20m', secret_id_num_uses: 3 });
}

async function playRound(player: Player, token: string, round: number): Promise<void> {
  const key = `app/${round % 4}`;
  const root: Root = (method, path, body) =>
    player.call(method, path, body === undefined ? { token } : { token, body });

  await root('PUT', `secret/data/${key}`, { data: { round, text: 'ü<&>' } });
  await root('PUT', `secret/data/${key}`, { data: { round }, options: { cas: round } });
  await player.call('PATCH', `secret/data/${key}`, {
    token,
    body: { data: { added: [round, null, 1.5] } },
    headers: MERGE,
  });
  await root('GET', `secret/data/${key}`);
  await root('HEAD', `secret/data/${key}`);
  await root('LIST', 'secret/metadata/app');
  await root('SCAN', 'secret/metadata');
  await root('DELETE', `secret/data/${key}`);
  await root('POST', `secret/undelete/${key}`, { versions: [1, 2, round] });
  await root('GET', `secret/metadata/${key}`);
  await root('PUT', `kv/a/${round}`, '{"number":12345678901234567890,"b":1.50}');
  await root('GET', `kv/a/${round}`);
  await root('GET', 'kv/a?list=true');
  await root('DELETE', `kv/a/${round - 2}`);

  const child = pick(await root('POST', 'auth/token/create', { policies: ['app'], ttl: '1h' }), 'auth', 'client_token');
  await player.call('PUT', `secret/data/app/${round}`, { token: child, body: { data: { by: 'child' } } });
  await player.call('PUT', 'secret/data/other', { token: child, body: { data: {} } });
  await player.call('GET', 'auth/token/lookup-self', { token: child });
  await player.call('PUT', 'cubbyhole/mine', { token: child, body: { round } });
  await player.call('POST', 'auth/token/renew-self', { token: child, body: { increment: '30m' } });
  await root('POST', 'auth/token/revoke', { token: child });
  await player.call('GET', 'cubbyhole/mine', { token: child });

  const role = pick(await root('GET', 'auth/approle/role/web/role-id'), 'data', 'role_id');
  const secret = pick(await root('POST', 'auth/approle/role/web/secret-id'), 'data', 'secret_id');
  await player.call('POST', 'auth/approle/login', { body: { role_id: role, secret_id: secret } });
  await player.call('POST', 'auth/approle/login', { body: { role_id: role, secret_id: 'wrong' } });

  const wrapped = await player.call('POST', 'sys/wrapping/wrap', {
    token,
    body: { round },
    headers: [['X-Vault-Wrap-TTL', '60']],
  });
  await player.call('POST', 'sys/wrapping/unwrap', { token: pick(wrapped, 'wrap_info', 'token') });
  await player.call('POST', 'sys/wrapping/unwrap', { token: pick(wrapped, 'wrap_info', 'token') });

  await root('LIST', 'sys/leases/lookup/auth/approle/login');
  await root('PUT', `sys/policies/acl/p${round}`, { policy: 'path "x" {' });
  await root('GET', 'sys/policies/acl/app');
  await root('PUT', 'secret/data/broken', '{"data":');
  await root('GET', 'nothere/at/all');
  await root('PURGE', 'secret/data/a');
  await player.call('GET', 'secret/data/app/1');
  if (round % 4 === 3) await root('POST', 'sys/rotate');
  if (round % 6 === 5) await root('PUT', 'sys/leases/revoke-prefix/auth/approle/login');
}
