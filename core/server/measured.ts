/** What of a running node is measured, under upstream's names (facts §9). */
import type { Auth, Namespace, Request } from '../framework/logical.ts';
import type { Micros } from '../runtime.ts';
import { HOUR, MINUTE } from '../runtime.ts';
import type { Storage } from '../storage/storage.ts';
import { measure } from '../telemetry/measure.ts';
import type { Labels, Metrics } from '../telemetry/metrics.ts';
import type { Router } from './router.ts';
import type { RoutedMount, Services } from './services.ts';

/** A storage, under 'vault.barrier' or 'vault.raft-storage'. */
export function measureStorage(storage: Storage, metrics: Metrics, prefix: string): void {
  measure(storage, metrics, {
    get: `${prefix}.get`,
    put: `${prefix}.put`,
    delete: `${prefix}.delete`,
    list: ([, page]: readonly unknown[]) => (page === undefined ? `${prefix}.list` : `${prefix}.list-page`),
  });
}

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
  cluster: () => string,
  namespace: Namespace,
): void {
  measure(services.leases, metrics, {
    register: 'vault.expire.register',
    registerAuth: 'vault.expire.register-auth',
    renew: 'vault.expire.renew',
    renewToken: 'vault.expire.renew-token',
    lookup: 'vault.expire.fetch-lease-times',
    tokenTimes: 'vault.expire.fetch-lease-times-by-token',
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
    createForLogin: 'vault.token.create',
  });
  measure(services.identity, metrics, {
    forAlias: 'vault.identity.create_or_fetch_entity',
    refreshGroups: 'vault.identity.refresh_external_groups',
  });
  countCreations(services, metrics, { cluster, namespace: namespaceLabel(namespace) });
}

/** How metrics name a namespace. */
export const namespaceLabel = ({ path }: Namespace): string => (path === '' ? 'root' : path.slice(0, -1));

/** Tokens made, by method, mount and lifetime. */
function countCreations(services: Services, metrics: Metrics, where: Where): void {
  const { tokens } = services;
  const login = tokens.createForLogin.bind(tokens);
  tokens.createForLogin = async (request, auth, mount, inline) => {
    const warnings = await login(request, auth, mount, inline);
    metrics.count('vault.token.creation', 1, creation(auth, mount.entry.type, mount.point, where));
    return warnings;
  };
  const root = tokens.createRoot.bind(tokens);
  tokens.createRoot = async (id) => {
    const token = await root(id);
    metrics.count('vault.token.create_root');
    return token;
  };
  const register = tokens.registerCreated.bind(tokens);
  tokens.registerCreated = async (request, auth) => {
    await register(request, auth);
    if (request.path.startsWith('auth/token/renew')) return;
    metrics.count('vault.token.creation', 1, creation(auth, 'token', 'auth/token/', where));
  };
}

interface Where {
  readonly cluster: () => string;
  /** Its label. */
  readonly namespace: string;
}

const creation = (auth: Auth, method: string, point: RoutedMount['point'], where: Where): Labels => ({
  cluster: where.cluster(),
  namespace: where.namespace,
  auth_method: method,
  mount_point: point,
  creation_ttl: bucketOf(auth.ttl),
  token_type: auth.tokenType,
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

const bucketOf = (ttl: Micros): string => buckets.find(([most]) => ttl <= most)?.[1] ?? '+Inf';
