/** Requests whose audit entries are compared: paths that need no token or answer in their own way, and odd requests. */

export interface Row {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

const row = (text: string, body?: unknown): Row => {
  const [method = '', path = ''] = text.split(' ');
  return body === undefined ? { method, path } : { method, path, body };
};
const shares = { secret_shares: 1, secret_threshold: 1 };
const share = { key: 'AAAA', nonce: 'x' };

/** Asked by each caller. */
export const special: readonly Row[] = [
  ...['init', 'seal-status', 'health', 'leader', 'ha-status', 'key-status', 'generate-root', 'host-info'].map((name) =>
    row(`GET sys/${name}`),
  ),
  row('HEAD sys/health'),
  row('PUT sys/init', shares),
  row('PUT sys/unseal', { key: 'AAAA' }),
  row('PUT sys/unseal', { reset: true }),
  ...['generate-root/attempt', 'rekey/init', 'rekey/verify', 'rekey-recovery-key/init'].flatMap((name) => [
    row(`GET sys/${name}`),
    row(`PUT sys/${name}`, {}),
    row(`DELETE sys/${name}`),
    row(`LIST sys/${name}`),
  ]),
  row('PUT sys/generate-root/update', share),
  row('PUT sys/rekey/update', share),
  row('GET sys/rekey/backup'),
  row('GET sys/rekey/recovery-key-backup'),
  row('DELETE sys/rekey/backup'),
  row('GET sys/decode-token'),
  row('PUT sys/decode-token', { encoded_token: 'AAAA', otp: 'BBBB' }),
  row('PUT sys/decode-token', {}),
  row('PUT sys/decode-token', { encoded_token: '!', otp: 'x' }),
  ...['root', 'recovery'].flatMap((which) => [
    row(`GET sys/rotate/${which}/init`),
    row(`PUT sys/rotate/${which}/init`, shares),
    row(`PUT sys/rotate/${which}/update`, share),
    row(`DELETE sys/rotate/${which}/init`),
    row(`GET sys/rotate/${which}/verify`),
    row(`GET sys/rotate/${which}/backup`),
  ]),
  row('PUT sys/rotate'),
  row('PUT sys/rotate/keyring'),
  row('PUT sys/rotate/root'),
  row('GET sys/rotate/config'),
  row('GET sys/wrapping/lookup'),
  ...['lookup', 'unwrap', 'rewrap'].flatMap((name) => [
    row(`PUT sys/wrapping/${name}`, {}),
    row(`PUT sys/wrapping/${name}`, { token: 's.nope' }),
  ]),
  row('PUT sys/wrapping/wrap', { a: 'b' }),
  ...['ui/mounts/sys', 'ui/namespaces', 'ui/resultant-acl', 'counters/requests', 'counters/tokens', 'counters/entities']
    .concat(['specs/openapi', 'counters/activity', 'ui/feature-flags'])
    .map((name) => row(`GET sys/internal/${name}`)),
  ...['metrics', 'pprof/', 'pprof/cmdline', 'pprof', 'loggers', 'replication/status', 'license/status', 'experiments']
    .concat(['monitor?log_level=nope', 'version-history', 'storage/raft/configuration', 'config/ui/headers'])
    .concat(['storage/raft/autopilot/state', 'storage/raft/autopilot/configuration', 'raw/none', 'nope', 'step-down'])
    .map((name) => row(`GET sys/${name}`)),
  row('PUT sys/storage/raft/bootstrap/challenge', { server_id: 'x' }),
  row('PUT sys/storage/raft/bootstrap/answer', { server_id: 'x' }),
  row('PUT sys/storage/raft/remove-peer', { server_id: 'nope' }),
  ...['.well-known/keys', '.well-known/openid-configuration', 'provider/default/.well-known/keys']
    .concat(['provider/none/.well-known/keys', 'provider/default/authorize', 'provider/default/userinfo'])
    .concat('provider/default/.well-known/openid-configuration')
    .map((name) => row(`GET identity/oidc/${name}`)),
  row('PUT identity/oidc/provider/default/token', {}),
  row('PUT identity/oidc/introspect', { token: 'x' }),
  row('PUT sys/mfa/validate', { mfa_request_id: 'x', mfa_payload: {} }),
  row('PUT sys/workflows/unauthed-execute/x', {}),
  row('PUT sys/capabilities-self', { path: 'x' }),
  row('PUT sys/tools/random', {}),
  row('GET nope/x'),
  row('PUT nope/x', { a: 'b' }),
  row('LIST nope/'),
  row('PATCH nope/x', {}),
  row('HEAD nope/x'),
  row('GET none/sys/mounts'),
  // Of other shapes.
  row('PUT sys/policies/acl/x', '{"a":'),
  row('PUT sys/policies/acl/x', '[1]'),
  row('PUT sys/policies/acl/x', ''),
  row('PUT sys/policies/acl/x', 'null'),
  row('PUT sys/policies/acl/', {}),
  row('DELETE sys/policies'),
  row('POST sys/internal/ui/mounts', {}),
  row('GET sys/policies/acl?list=true&after=a&limit=3'),
  row('LIST sys/policies/acl'),
  row('SCAN sys/policies/acl'),
  row('HEAD sys/policies/acl'),
  row('OPTIONS sys/policies/acl'),
  // Of other spellings.
  ...['policies/acl/DEFAULT', 'policy/%20A', 'policies/acl/%20', 'workflows/manage/A'].map((name) =>
    row(`GET sys/${name}`),
  ),
  row('LIST sys/policies/acl/A'),
  row('PUT sys/policies/acl/A', { expiration: 'x' }),
];

/** Asked with the root token, where there are mounts of these kinds. */
export const engines: readonly Row[] = [
  row('PUT k1/a/b', { open: 'x', shut: 'y', n: 5, f: 1.5, t: true, z: null, deep: { open: ['q', { open: 'z' }] } }),
  row('PUT k1/a/c', { ttl: '1h', time: '2026-01-01T00:00:00Z', e: '', l: [], o: {} }),
  ...['GET k1/a/b', 'HEAD k1/a/b', 'LIST k1/a', 'SCAN k1/a', 'DELETE k1/a/b', 'GET k1/a/b'].map((text) => row(text)),
  row('PUT k2/data/x', { data: { a: 'b' }, options: { cas: 0 } }),
  row('PUT k2/data/x', { data: { a: 'b' }, options: { cas: 0 } }),
  ...['GET k2/data/x', 'GET k2/metadata/x', 'LIST k2/metadata', 'DELETE k2/data/x', 'GET k2/data/x'].map((text) =>
    row(text),
  ),
  row('POST auth/token/create', { policies: ['a', 'b'], ttl: '1h', num_uses: 3, meta: { k: 'v' }, display_name: 'dn' }),
  row('POST auth/token/create', { type: 'batch', policies: ['default'], ttl: '1h' }),
  row('POST auth/token/create', { period: '1h', no_default_policy: true, policies: ['default'] }),
  row('POST auth/token/create/none', {}),
  row('POST auth/token/create-orphan', { ttl: '1h' }),
  row('LIST auth/token/accessors'),
  row('POST auth/token/revoke', { token: 's.none' }),
  row('POST auth/token/tidy'),
  row('POST sys/leases/revoke', { lease_id: 'none', sync: false }),
  row('POST auth/approle/login', { role_id: [{}] }),
  row('POST auth/approle/login', { secret_id: [{}] }),
  row('POST auth/approle/role/A', { token_ttl: 'x' }),
  row('POST auth/approle/role/A/period', { period: 'x' }),
  row('POST auth/approle/login', {}),
  row('POST auth/approle/login', { role_id: 'x', secret_id: 'y' }),
  row('LIST auth/approle/role'),
  row('POST ssh/config/ca', { generate_signing_key: true, key_type: 'ed25519' }),
  row('GET ssh/public_key'),
  row('POST ssh/creds/otp', { ip: '1.2.3.4' }),
  row('POST ssh/verify', { otp: 'x' }),
  row('POST pki/root/generate/internal', { common_name: 'x', key_type: 'ed25519' }),
  ...['ca', 'ca/pem', 'ca_chain', 'crl', 'crl/pem', 'crl/delta', 'cert/ca', 'cert/crl', 'cert/nope', 'cert/ca/raw']
    .concat(['issuer/default/json', 'issuer/default/pem', 'issuer/default/der', 'issuer/default/crl', 'ocsp/AAAA'])
    .concat(['acme/directory', 'acme/new-nonce', 'nope'])
    .map((name) => row(`GET pki/${name}`)),
  row('LIST pki/certs'),
  row('LIST pki/issuers'),
  row('POST transit/keys/k', {}),
  row('POST transit/encrypt/k', { batch_input: [{ plaintext: 'YQ==' }, { plaintext: 'x' }] }),
  row('POST transit/decrypt/k', { ciphertext: 'x' }),
  row('GET transit/keys/k'),
  row('POST auth/jwt/login', { jwt: 'x', role: 'r' }),
  row('GET auth/jwt/oidc/callback?code=1&state=2'),
  row('POST sys/namespaces/n', { custom_metadata: { a: 'b' } }),
  ...['GET sys/auth/none', 'GET sys/mounts/none/tune', 'GET sys/auth/none/tune', 'GET sys/policies/acl/none'].map(
    (text) => row(text),
  ),
  ...['LIST sys/namespaces', 'GET n/sys/mounts/kv', 'GET n/nope/a', 'GET n/sys/seal-status', 'GET n/sys/leader'].map(
    (text) => row(text),
  ),
  row('GET n/sys/generate-root/attempt'),
  row('POST n/auth/token/create', { policies: ['default'], ttl: '1h' }),
];
