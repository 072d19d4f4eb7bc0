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
  /** Between two counts; the first comes when the node has been up so long. */
  readonly period: Micros;
  /** Leases are counted by when they end, in steps of this length … */
  readonly leaseStep: Micros;
  /** … and so many steps ahead. */
  readonly leaseSteps: number;
}

/** Counts of one kind, under the name that upstream gives their collection. */
type Collection = readonly [gauge: string, count: (realm: Realm, labels: Labels) => Promise<Gauge[]>];

const perToken =
  (name: string, keys: (token: TokenEntry, realm: Realm) => readonly Labels[]) =>
  async (realm: Realm, labels: Labels): Promise<Gauge[]> => {
    const counts = new Counts();
    for (const token of await tokensOf(realm)) for (const key of keys(token, realm)) counts.add({ ...labels, ...key });
    return counts.gauges(name);
  };

const collections = ({ leaseStep, leaseSteps }: UsageSettings, now: Micros): readonly Collection[] => [
  [
    'token_by_namespace',
    async (realm, labels) => [gauge('vault.token.count', (await realm.storage.list(TOKENS)).length, labels)],
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
    async ({ services }, labels) => [gauge('vault.identity.entity.count', await services.identity.count(), labels)],
  ],
  [
    'identity_by_mountpoint',
    async ({ services, mounts }, labels) => {
      const aliases = await services.identity.aliasCounts();
      return [...aliases].map(([accessor, count]) => {
        const mount = mounts.byAccessor(accessor);
        const where = { auth_method: mount?.entry.type ?? '', mount_point: mount?.point ?? '' };
        return gauge('vault.identity.entity.alias.count', count, { ...labels, ...where });
      });
    },
  ],
  [
    'leases_by_expiration',
    ({ services }, { cluster }) => {
      const counts = new Counts();
      for (const at of services.leases.expirations()) {
        if (at < now || at > now + leaseStep * leaseSteps) continue;
        const shown = formatRfc3339(Math.floor(at / leaseStep) * leaseStep).replace('T', ' ');
        counts.add({ cluster: cluster!, expiring: shown.replace('Z', ' +0000 UTC') });
      }
      return Promise.resolve(counts.gauges('vault.expire.leases.by_expiration'));
    },
  ],
  [
    'kv_secrets_by_mountpoint',
    async (realm, labels) => {
      const gauges: Gauge[] = [];
      for (const { entry, point } of realm.mounts.all()) {
        if (kindOf(entry.type) !== 'kv') continue;
        const folder = entry.options?.['version'] === '2' ? `${point}metadata/` : point;
        gauges.push(gauge('vault.secret.kv.count', await countKeys(realm, folder), { ...labels, mount_point: point }));
      }
      return gauges;
    },
  ],
];

const TOKENS = 'sys/token/id/';

export async function countUsage(
  running: Running,
  cluster: Labels,
  settings: UsageSettings,
  metrics: Metrics,
): Promise<Gauge[]> {
  const gauges: Gauge[] = [];
  let entities = 0;
  for (const [name, count] of collections(settings, metrics.wall())) {
    const start = metrics.now();
    const found: Gauge[] = [];
    for (const realm of running.namespaces.realms()) {
      found.push(...(await count(realm, { ...cluster, namespace: namespaceLabel(realm.namespace) })));
    }
    if (name === 'identity_by_namespace') entities = found.reduce((sum, { value }) => sum + value, 0);
    gauges.push(...merged(found));
    const labels = { ...cluster, gauge: name };
    metrics.since('vault.metrics.collection', start, labels);
    metrics.sample('vault.metrics.collection.interval', settings.period / 1_000, labels);
  }
  return [...gauges, gauge('vault.identity.num_entities', entities)];
}

/** Namespaces may count towards the same gauge. */
function merged(found: readonly Gauge[]): Gauge[] {
  const byKey = new Map<string, Gauge>();
  for (const each of found) {
    const key = seriesKey(each.name, each.labels);
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? each : { ...each, value: known.value + each.value });
  }
  return [...byKey.values()];
}

class Counts {
  readonly #counts = new Map<string, { labels: Labels; count: number }>();

  add(labels: Labels): void {
    const key = Object.values(labels).join('\n');
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { labels, count: 1 });
    else known.count++;
  }

  gauges(name: string): Gauge[] {
    return [...this.#counts.values()].map(({ labels, count }) => gauge(name, count, labels));
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
