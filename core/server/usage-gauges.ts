/** How much of everything there is: counted when somebody reads the metrics, but not more often than a period says. */
import { formatRfc3339 } from '../codec/rfc3339.ts';
import type { Micros } from '../runtime.ts';
import { type Labels, type Metrics, seriesKey } from '../telemetry/metrics.ts';
import { type Gauge, gauge } from '../telemetry/reading.ts';
import { internalRequest } from './leases/internal-request.ts';
import { bucketOf } from './measured.ts';
import { kindOf } from './mounts/defaults.ts';
import { namespaceLabel } from './namespaces/label.ts';
import type { Realm } from './namespaces/realm.ts';
import type { Running } from './post-unseal.ts';
import type { TokenEntry } from './services.ts';
import { decodeToken } from './tokens/entry.ts';

export interface UsageSettings {
  /** Between two counts; the first comes when the node has been up so long. 0: nobody counts. */
  readonly period: Micros;
  /** Leases are counted by when they end, in steps of this length … */
  readonly leaseStep: Micros;
  /** … and so many steps ahead. */
  readonly leaseSteps: number;
}

/** Adds up one kind of thing in a realm. */
type Count = (realm: Realm, labels: Labels, counts: Counts) => Promise<void> | void;

const perToken =
  (name: string, keys: (token: TokenEntry, realm: Realm) => readonly Labels[]): Count =>
  async (realm, labels, counts) => {
    for (const token of await tokensOf(realm))
      for (const key of keys(token, realm)) counts.add(name, { ...labels, ...key });
  };

const TOKENS = 'sys/token/id/';
const ENTITIES = 'vault.identity.entity.count';

const collections = (
  { leaseStep, leaseSteps }: UsageSettings,
  now: Micros,
): readonly (readonly [collection: string, count: Count])[] => [
  [
    'token_by_namespace',
    async ({ storage }, labels, counts) => counts.add('vault.token.count', labels, (await storage.list(TOKENS)).length),
  ],
  [
    'token_by_policy',
    perToken('vault.token.count.by_policy', ({ policies }) => policies.map((policy) => ({ policy }))),
  ],
  [
    'token_by_auth',
    perToken('vault.token.count.by_auth', ({ path }, { mounts }) => [
      { auth_method: kindOf(mounts.match(path)?.entry.type ?? 'token') },
    ]),
  ],
  ['token_by_ttl', perToken('vault.token.count.by_ttl', ({ ttl }) => [{ creation_ttl: bucketOf(ttl) }])],
  [
    'identity_by_namespace',
    async ({ services }, labels, counts) => counts.add(ENTITIES, labels, await services.identity.count()),
  ],
  [
    'identity_by_mountpoint',
    async ({ services, mounts }, labels, counts) => {
      for (const [accessor, count] of await services.identity.aliasCounts()) {
        const mount = mounts.byAccessor(accessor);
        const where = { auth_method: mount?.entry.type ?? '', mount_point: mount?.point ?? '' };
        counts.add('vault.identity.entity.alias.count', { ...labels, ...where }, count);
      }
    },
  ],
  [
    'leases_by_expiration',
    ({ services }, { cluster }, counts) => {
      for (const at of services.leases.expirations()) {
        if (at < now || at > now + leaseStep * leaseSteps) continue;
        const shown = formatRfc3339(Math.floor(at / leaseStep) * leaseStep).replace('T', ' ');
        const expiring = shown.replace('Z', ' +0000 UTC');
        counts.add('vault.expire.leases.by_expiration', { cluster: cluster!, expiring });
      }
    },
  ],
  [
    'kv_secrets_by_mountpoint',
    async (realm, labels, counts) => {
      for (const { entry, point } of realm.mounts.all()) {
        if (kindOf(entry.type) !== 'kv') continue;
        const folder = entry.options?.['version'] === '2' ? `${point}metadata/` : point;
        counts.add('vault.secret.kv.count', { ...labels, mount_point: point }, await countKeys(realm, folder));
      }
    },
  ],
];

export async function countUsage(
  running: Running,
  cluster: Labels,
  settings: UsageSettings,
  metrics: Metrics,
): Promise<Gauge[]> {
  const counts = new Counts();
  for (const [collection, count] of collections(settings, metrics.wall())) {
    const start = metrics.now();
    for (const realm of running.namespaces.realms()) {
      await count(realm, { ...cluster, namespace: namespaceLabel(realm.namespace) }, counts);
    }
    const labels = { ...cluster, gauge: collection };
    metrics.since('vault.metrics.collection', start, labels);
    metrics.sample('vault.metrics.collection.interval', settings.period / 1_000, labels);
  }
  const gauges = counts.gauges();
  const entities = gauges.filter(({ name }) => name === ENTITIES).reduce((sum, { value }) => sum + value, 0);
  return [...gauges, gauge('vault.identity.num_entities', entities)];
}

/** By series: namespaces may count towards the same one. */
class Counts {
  readonly #gauges = new Map<string, Gauge & { value: number }>();

  add(name: string, labels: Labels, count = 1): void {
    const key = seriesKey(name, labels);
    const known = this.#gauges.get(key);
    if (known === undefined) this.#gauges.set(key, { name, labels, value: count });
    else known.value += count;
  }

  gauges(): Gauge[] {
    return [...this.#gauges.values()];
  }
}

async function tokensOf({ storage }: Realm): Promise<TokenEntry[]> {
  const tokens: TokenEntry[] = [];
  for (const name of await storage.list(TOKENS)) {
    const stored = await storage.get(TOKENS + name);
    if (stored !== undefined) tokens.push(decodeToken(stored));
  }
  return tokens;
}

/** As a client would, folder by folder. */
async function countKeys(realm: Realm, folder: string): Promise<number> {
  const response = await realm.mounts.router.route(internalRequest(realm.context, 'list', folder, {}));
  const keys = (response?.data as { readonly keys?: readonly string[] } | undefined)?.keys ?? [];
  let count = 0;
  for (const key of keys) count += key.endsWith('/') ? await countKeys(realm, folder + key) : 1;
  return count;
}
