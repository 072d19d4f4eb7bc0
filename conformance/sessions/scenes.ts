/** How a session may begin: what makes later requests meet something. Each stands alone; a session takes some of them. */
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import { jwtScenes } from './certified.ts';
import { pkiScenes } from './pki.ts';
import { sshScenes } from './ssh.ts';
import { keep, made, post } from './vocabulary.ts';

export const scenes: readonly (readonly Step[])[] = [
  ...pkiScenes,
  ...sshScenes,
  ...jwtScenes,
  [
    post('sys/mounts/m0', { type: 'kv', options: { version: '2' } }),
    post('m0/data/a', { data: { x: 1 } }),
    post('m0/data/dir/a', { data: { x: 2 } }),
    post('m0/data/a', { data: { x: 3 } }),
  ],
  [post('sys/mounts/m1', { type: 'kv', options: { version: '1' } }), post('m1/a', { x: 1, ttl: '1h' })],
  [
    post('sys/policies/acl/p0', {
      policy:
        'path "m0/*" { capabilities = ["create", "read", "update", "list"] }\npath "m1/*" { capabilities = ["read", "list"] }\n' +
        'path "identity/*" { capabilities = ["create", "read", "update", "delete", "list"] }',
    }),
    post('auth/token/create', { policies: ['p0'], ttl: '1h' }, { captures: made('t0') }),
  ],
  [
    post('sys/policies/acl/p1', { policy: 'path "auth/token/*" { capabilities = ["create", "update", "sudo"] }' }),
    post('auth/token/create', { policies: ['p1'], ttl: '1h', num_uses: 5, type: 'service' }, { captures: made('t1') }),
  ],
  [post('auth/token/create', { policies: ['p0'], ttl: '1h', type: 'batch' }, { captures: made('t2') })],
  [
    post('sys/auth/r', { type: 'approle' }),
    post('auth/r/role/one', { token_policies: ['p0'], token_ttl: '10m' }),
    step('GET', 'auth/r/role/one/role-id', { captures: keep('role', 'data', 'role_id') }),
    post('auth/r/role/one/secret-id', {}, { captures: keep('sid', 'data', 'secret_id') }),
    post('auth/r/login', { role_id: '$role', secret_id: '$sid' }, { as: 'none', captures: made('t1') }),
  ],
  [
    post('sys/auth/u', { type: 'userpass' }),
    post('auth/u/users/ann', { password: 'p', token_policies: 'p0', token_ttl: '1h' }),
    post('auth/u/login/ann', { password: 'p' }, { as: 'none', captures: made('t2') }),
    step('GET', 'sys/auth/u', { captures: keep('rmount', 'data', 'accessor') }),
  ],
  [
    post(
      'identity/entity',
      { name: 'e0', policies: ['p1'], metadata: { team: 'red' } },
      { captures: keep('eid', 'data', 'id') },
    ),
    post(
      'identity/group',
      { name: 'g0', member_entity_ids: ['$eid'], policies: ['p0'] },
      { captures: keep('gid', 'data', 'id') },
    ),
  ],
  [
    post('sys/mounts/tr', { type: 'transit' }),
    post('tr/keys/k0', { exportable: true }),
    post('tr/encrypt/k0', { plaintext: 'YQ==' }, { captures: keep('sealed', 'data', 'ciphertext') }),
    post('tr/keys/k0/rotate', {}),
  ],
  [post('sys/mounts/tr', { type: 'transit' }), post('tr/keys/k1', { type: 'ed25519', derived: true })],
  [
    post('sys/mounts/otp', { type: 'totp' }),
    post('otp/keys/k0', { key: 'GEZDGNBVGY3TQOJQ', issuer: 'i', account_name: 'a' }),
  ],
  [
    post('identity/oidc/key/o0', { algorithm: 'ES256', allowed_client_ids: '*' }),
    post('identity/oidc/role/o0', { key: 'o0', client_id: 'mine' }),
    post('identity/oidc/client/o0', { assignments: ['allow_all'], redirect_uris: 'http://localhost:9/cb' }),
    step('GET', 'identity/oidc/client/o0', { captures: keep('client', 'data', 'client_id') }),
  ],
  [
    post('identity/mfa/method/totp', { issuer: 'i', qr_size: 0 }, { captures: keep('mid', 'data', 'method_id') }),
    post('identity/entity', { name: 'e0' }, { captures: keep('eid', 'data', 'id') }),
    post('identity/mfa/login-enforcement/le', { mfa_method_ids: ['$mid'], identity_entity_ids: ['$eid'] }),
  ],
  [
    post('sys/namespaces/n0', { custom_metadata: { k: 'v' } }),
    post('sys/mounts/m0', { type: 'kv', options: { version: '1' } }, { headers: [['X-Vault-Namespace', 'n0']] }),
    post('m0/a', { x: 1 }, { headers: [['X-Vault-Namespace', 'n0']] }),
  ],
  [
    post('auth/token/roles/role', { allowed_policies: ['p0'], orphan: true, token_period: '30m' }),
    post('auth/token/create/role', { policies: ['p0'] }, { captures: made('t0') }),
  ],
];
