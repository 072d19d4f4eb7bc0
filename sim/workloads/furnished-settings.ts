/** Settings of what a cluster does not have by itself: of engines and auth methods, of a namespace, of audit and MFA. */
import type { JsonObject } from '../../core/codec/json.ts';
import type { Cluster } from '../cluster.ts';
import type { Setting } from './settings.ts';

const NAMESPACE = 'furnished';
/** Verifies nothing here: any key that is one will do. */
const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----`;
const HOUR = 3_600;
const numbered = (value: number): JsonObject => ({ metadata: { n: String(value) } });

const FURNISHED: readonly Setting[] = [
  {
    what: 'a policy of a namespace',
    path: `${NAMESPACE}/sys/policies/acl/settings`,
    body: (value) => ({ policy: `path "n/${value}" { capabilities = ["read"] }` }),
    shown: /n\/(\d+)/,
  },
  {
    what: 'the tuning of a mount of a namespace',
    path: `${NAMESPACE}/sys/mounts/kv/tune`,
    body: (value) => ({ description: `n${value}` }),
    shown: /"description":"n(\d+)"/,
  },
  {
    what: 'an entity of a namespace',
    path: `${NAMESPACE}/identity/entity/name/settings`,
    body: numbered,
    shown: /"n":"(\d+)"/,
  },
  {
    what: 'a mount',
    path: 'sys/mounts/more/m',
    shownAt: 'sys/mounts',
    last: (value) => String(value).padStart(6, '0'),
    body: () => ({ type: 'kv' }),
    shown: /.*"more\/m0*(\d+)\/"/s,
  },
  {
    what: 'a key of transit',
    path: 'transit/keys/settings/config',
    shownAt: 'transit/keys/settings',
    more: HOUR,
    body: (value) => ({ auto_rotate_period: value }),
    shown: /"auto_rotate_period":(\d+)/,
  },
  {
    what: 'the configuration of JWT',
    path: 'auth/jwt/config',
    body: (value) => ({ jwt_validation_pubkeys: [PUBLIC_KEY], bound_issuer: `http://n${value}` }),
    shown: /"bound_issuer":"http:\/\/n(\d+)"/,
  },
  {
    what: 'the configuration of quotas',
    path: 'sys/quotas/config',
    body: (value) => ({ rate_limit_exempt_paths: [`n${value}`] }),
    shown: /"rate_limit_exempt_paths":\["n(\d+)"\]/,
  },
  {
    what: 'a header that is audited',
    path: 'sys/config/auditing/request-headers/',
    shownAt: 'sys/config/auditing/request-headers',
    last: (value) => `n${String(value).padStart(6, '0')}`,
    body: () => ({ hmac: true }),
    shown: /.*"n0*(\d+)"/s,
  },
  {
    what: 'a method of MFA',
    path: 'identity/mfa/method/totp',
    shownAt: 'identity/mfa/method/totp?list=true',
    body: (value) => ({ method_name: 'settings', issuer: `n${value}` }),
    shown: /"issuer":"n(\d+)"/,
  },
  {
    what: 'a provider of identity',
    path: 'identity/oidc/provider/settings',
    body: (value) => ({ issuer: `http://n${value}` }),
    shown: /"issuer":"http:\/\/n(\d+)/,
  },
  {
    what: 'a scope of identity',
    path: 'identity/oidc/scope/settings',
    body: (value) => ({ description: `n${value}` }),
    shown: /"description":"n(\d+)"/,
  },
];

/** Makes what they are settings of. Give them to `settings`. */
export async function furnishSettings(cluster: Cluster): Promise<readonly Setting[]> {
  await cluster.request('POST', `sys/namespaces/${NAMESPACE}`);
  await cluster.request('POST', `${NAMESPACE}/sys/mounts/kv`, { type: 'kv' });
  await cluster.mount('transit', 'transit');
  await cluster.request('POST', 'transit/keys/settings');
  await cluster.request('POST', 'sys/auth/jwt', { type: 'jwt' });
  return FURNISHED;
}
