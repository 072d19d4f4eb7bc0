/** What of a running node is measured, under upstream's names (facts §9). */
import type { Namespace, Request } from '../framework/logical.ts';
import type { Micros } from '../runtime.ts';
import { HOUR, MINUTE } from '../runtime.ts';
import type { Storage } from '../storage/storage.ts';
import { measure } from '../telemetry/measure.ts';
import type { Labels, Metrics } from '../telemetry/metrics.ts';
import { namespaceLabel } from './namespaces/label.ts';
import type { Router } from './router.ts';
import type { RoutedMount, Services } from './services.ts';

/** A storage, under 'vault.barrier' or 'vault.raft-storage'; `floors` are what measures the same reads once more. */
export function measureStorage(
  storage: Storage,
  metrics: Metrics,
  prefix: string,
  floors: readonly string[] = [],
): void {
  const below = (read: string): string[] => floors.map((floor) => `${floor}.${read}`);
  const whole = [`${prefix}.list`, ...below('list')];
  const paged = [`${prefix}.list-page`, ...below('list')];
  measure(storage, metrics, {
    get: [`${prefix}.get`, ...below('get')],
    put: `${prefix}.put`,
    delete: `${prefix}.delete`,
    list: ([, page]: readonly unknown[]) => (page === undefined ? whole : paged),
  });
}

/** Upstream measures the same reads three times, on each floor below. */
export const measureRaftStorage = (storage: Storage, metrics: Metrics): void =>
  measureStorage(storage, metrics, 'vault.raft-storage', ['vault.raft', 'vault.raft_storage.fsm']);

/** Pages of lists are not measured there. */
export const measurePostgres = (storage: Storage, metrics: Metrics): void =>
  measure(storage, metrics, {
    get: 'vault.postgres.get',
    put: 'vault.postgres.put',
    delete: 'vault.postgres.delete',
    list: ([, page]: readonly unknown[]) => (page === undefined ? 'vault.postgres.list' : undefined),
  });

export function measureRouter(router: Router, metrics: Metrics, namespace: Namespace): void {
  measure(router, metrics, {
    route: ([request]: readonly Request[]) => {
      if (request!.operation === 'alias-lookahead' || request!.operation === 'resolve-role') return undefined;
      const mount = router.match(request!.path);
      return mount && `vault.route.${request!.operation}.${(namespace.path + mount.point).replaceAll('/', '-')}`;
    },
  });
}

export function measureServices(
  services: Services,
  metrics: Metrics,
  namespace: Namespace,
  pointOf: (accessor: string) => string,
): void {
  measure(services.leases, metrics, {
    register: 'vault.expire.register',
    registerAuth: 'vault.expire.register-auth',
    renew: 'vault.expire.renew',
    renewToken: 'vault.expire.renew-token',
    lookup: 'vault.expire.fetch-lease-times',
    tokenTimes: 'vault.expire.fetch-lease-times-by-token',
    // Below, upstream fetches the lease as anybody would.
    tokenExpiry: ['vault.expire.fetch-lease-times-by-token', 'vault.expire.fetch-lease-times'],
    revoke: 'vault.expire.revoke',
    revokeLazily: 'vault.expire.lazy-revoke',
    revokePrefix: 'vault.expire.revoke-prefix',
    revokeForce: 'vault.expire.revoke-force',
    revokeByToken: 'vault.expire.revoke-by-token',
  });
  measure(services.policies, metrics, {
    acl: 'vault.core.fetch_acl_and_token',
    get: 'vault.policy.get_policy',
    list: 'vault.policy.list_policies',
    put: 'vault.policy.set_policy',
    delete: 'vault.policy.delete_policy',
  });
  measure(services.tokens, metrics, {
    lookup: 'vault.token.lookup',
    revoke: 'vault.token.revoke',
    revokeTree: 'vault.token.revoke-tree',
  });
  measure(services.identity, metrics, {
    forAlias: 'vault.identity.create_or_fetch_entity',
    refreshGroups: 'vault.identity.refresh_external_groups',
  });
  countCreations(services, metrics, namespaceLabel(namespace), pointOf);
}

/** Tokens, leases and entities made, by method, mount and lifetime. */
function countCreations(
  services: Services,
  metrics: Metrics,
  namespace: string,
  pointOf: (accessor: string) => string,
): void {
  const made = (name: string, labels: Labels): void =>
    metrics.count(name, 1, { namespace, ...labels, cluster: metrics.cluster });
  const { tokens, leases, identity } = services;
  const login = tokens.createForLogin.bind(tokens);
  tokens.createForLogin = async (request, auth, mount, inline) => {
    const warnings = await login(request, auth, mount, inline);
    made('vault.token.creation', creation(auth.ttl, auth.tokenType, mount.entry.type, mount.point));
    return warnings;
  };
  const lease = leases.register.bind(leases);
  leases.register = async (request, response, loginRole) => {
    await lease(request, response, loginRole);
    const { mount } = request;
    if (response.secret === undefined || mount === undefined) return;
    const creation_ttl = bucketOf(response.secret.ttl);
    made('vault.secret.lease.creation', { secret_engine: mount.type, mount_point: mount.point, creation_ttl });
  };
  const find = identity.forAlias.bind(identity);
  identity.forAlias = async (alias) => {
    const found = await find(alias);
    if (found?.created === true) {
      const mount_point = pointOf(alias.mountAccessor);
      made('vault.identity.entity.creation', { auth_method: alias.mountType, mount_point });
    }
    return found;
  };
  const root = tokens.createRoot.bind(tokens);
  tokens.createRoot = async (id) => {
    const token = await root(id);
    metrics.count('vault.token.create_root');
    // A chosen id makes it as auth/token/create does.
    if (id !== undefined) made('vault.token.creation', creation(token.ttl, token.type, 'token', 'auth/token/'));
    return token;
  };
  const register = tokens.registerCreated.bind(tokens);
  tokens.registerCreated = async (request, auth) => {
    await register(request, auth);
    if (request.path.startsWith('auth/token/renew')) return;
    made('vault.token.creation', creation(auth.ttl, auth.tokenType, 'token', 'auth/token/'));
  };
}

const creation = (ttl: Micros, type: string, method: string, point: RoutedMount['point']): Labels => ({
  auth_method: method,
  mount_point: point,
  creation_ttl: bucketOf(ttl),
  token_type: type,
});

const DAY = 24 * HOUR;
const buckets: readonly (readonly [Micros, string])[] = [
  [MINUTE, '1m'],
  [10 * MINUTE, '10m'],
  [20 * MINUTE, '20m'],
  [HOUR, '1h'],
  [2 * HOUR, '2h'],
  [DAY, '1d'],
  [2 * DAY, '2d'],
  [7 * DAY, '7d'],
  [30 * DAY, '30d'],
];

export const bucketOf = (ttl: Micros): string => buckets.find(([most]) => ttl <= most)?.[1] ?? '+Inf';
