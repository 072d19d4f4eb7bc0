/** The rate-limit quotas of a node: stored under `sys/quotas/`, applied before anything is known of the caller. */
import { asBoolean, asStrings } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { parseObject, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure, refuse } from '../../fault.ts';
import type { Clock } from '../../runtime.ts';
import type { Storage } from '../../storage/storage.ts';
import { ExemptPaths } from './exempt.ts';
import type { Verdict } from './limiter.ts';
import { Limiter } from './limiter.ts';
import type { Quota } from './quota.ts';
import { decodeQuota, encodeQuota } from './quota.ts';

const folder = 'sys/quotas/rate-limit/';
const configKey = 'sys/quotas/config';

export interface QuotaConfig {
  readonly auditLogging: boolean;
  readonly responseHeaders: boolean;
  readonly exemptPaths: readonly string[];
}

const defaults: QuotaConfig = {
  auditLogging: false,
  responseHeaders: false,
  exemptPaths: [
    'sys/generate-recovery-token/attempt',
    'sys/generate-recovery-token/update',
    'sys/generate-root/attempt',
    'sys/generate-root/update',
    'sys/health',
    'sys/seal-status',
    'sys/unseal',
  ],
};

/** A request as quotas see it. */
export interface Counted {
  /** Of the namespace: 'ns1/'; '' for root. */
  readonly namespace: string;
  /** Relative to the namespace. */
  readonly path: string;
  /** Of the mount that serves it: 'secret/'; '' where there is none. */
  readonly mount: string;
  /** Asked only where a quota names a role of the mount. */
  readonly role: () => Promise<string>;
}

/** A mount, wherever it is. */
export type MountPlace = Pick<Quota, 'namespacePath' | 'mountPath'>;

const isAt = (quota: Quota, place: MountPlace): boolean =>
  quota.namespacePath === place.namespacePath && quota.mountPath === place.mountPath;

interface Held {
  readonly quota: Quota;
  readonly limiter: Limiter;
}

export class Quotas {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();
  #config = defaults;
  #exempt = new ExemptPaths(defaults.exemptPaths);

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  get config(): QuotaConfig {
    return this.#config;
  }

  /** Whether there is anything to count. */
  get any(): boolean {
    return this.#held.size > 0;
  }

  async load(): Promise<void> {
    const config = await this.#storage.get(configKey);
    if (config !== undefined) this.#use(decodeConfig(config));
    for (const name of await this.#storage.list(folder)) await this.#load(name);
  }

  /** A key changed elsewhere. Undefined when it is none of ours. */
  invalidate(key: string): Promise<void> | undefined {
    if (key === configKey) return this.#reload();
    return key.startsWith(folder) ? this.#load(key.slice(folder.length)) : undefined;
  }

  async #reload(): Promise<void> {
    const stored = await this.#storage.get(configKey);
    this.#use(stored === undefined ? defaults : decodeConfig(stored));
  }

  async configure(config: QuotaConfig): Promise<void> {
    const row = new Map<string, JsonValue>([
      ['enable_rate_limit_audit_logging', config.auditLogging],
      ['enable_rate_limit_response_headers', config.responseHeaders],
      ['rate_limit_exempt_paths', config.exemptPaths],
    ]);
    await this.#storage.put(configKey, encodeUtf8(`${print(row)}\n`));
    this.#use(config);
  }

  get(name: string): Quota | undefined {
    return this.#held.get(name)?.quota;
  }

  list(): Quota[] {
    return [...this.#held.values()].map(({ quota }) => quota).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Refuses a second quota for the same. Counting begins anew. A quota that is there already keeps its role, as it does
   * with the real server, though it is the role asked for that must not be taken.
   */
  async put(asked: Quota, role = asked.role): Promise<void> {
    const same = this.list().find((other) => other.name !== asked.name && sameSubject(other, asked));
    if (same !== undefined) throw refuse(`quota rule with similar properties exists under the name "${same.name}"`);
    const quota = { ...asked, role };
    if (!Number.isFinite(quota.rate)) {
      const shown = Number.isNaN(quota.rate) ? 'NaN' : '+Inf';
      throw failure(`failed to encode storage entry: json: unsupported value: ${shown}`);
    }
    await this.#storage.put(folder + quota.name, encodeQuota(quota));
    this.#hold(quota);
  }

  async delete(name: string): Promise<void> {
    await this.#storage.delete(folder + name);
    this.#held.delete(name);
  }

  /** The quotas of a mount move with it … */
  async moved(from: MountPlace, to: MountPlace): Promise<void> {
    for (const quota of this.list()) {
      if (!isAt(quota, from)) continue;
      await this.put({ ...quota, namespacePath: to.namespacePath, mountPath: to.mountPath });
    }
  }

  /** … and go with it. */
  async unmounted(place: MountPlace): Promise<void> {
    for (const quota of this.list()) if (isAt(quota, place)) await this.delete(quota.name);
  }

  /** The quotas of a namespace go with it. */
  async namespaceGone(path: string): Promise<void> {
    for (const quota of this.list()) if (quota.namespacePath === path) await this.delete(quota.name);
  }

  /** Counts one request; undefined where no quota applies. Names the quota that refused. */
  async take(counted: Counted, address: string): Promise<(Verdict & { readonly name: string }) | undefined> {
    if (this.#held.size === 0 || this.#exempt.has(counted.namespace + counted.path)) return undefined;
    const found = await this.#find(counted);
    return found && { ...found.limiter.take(address), name: found.quota.name };
  }

  /** Role before path, path before the longest prefix, then the mount, the namespace, those above it, everything. */
  async #find({ namespace, path, mount, role }: Counted): Promise<Held | undefined> {
    const suffix = path.slice(mount.length).replace(/\/$/, '');
    let exact: Held | undefined;
    let prefix: Held | undefined;
    let whole: Held | undefined;
    let around: Held | undefined;
    const roles: Held[] = [];
    for (const held of this.#held.values()) {
      const { quota } = held;
      if (quota.mountPath === '') {
        if (covers(quota, namespace) && longer(quota, around)) around = held;
      } else if (quota.namespacePath !== namespace || quota.mountPath !== mount) continue;
      else if (quota.role !== '') roles.push(held);
      else if (quota.suffix === '') whole = held;
      else if (quota.suffix === suffix) exact = held;
      else if (quota.suffix.endsWith('*') && suffix.startsWith(quota.suffix.slice(0, -1))) {
        if (prefix === undefined || prefix.quota.suffix.length < quota.suffix.length) prefix = held;
      }
    }
    if (roles.length > 0) {
      const name = await role();
      const found = roles.find(({ quota }) => quota.role === name);
      if (found !== undefined) return found;
    }
    return exact ?? prefix ?? whole ?? around;
  }

  async #load(name: string): Promise<void> {
    const stored = await this.#storage.get(folder + name);
    if (stored === undefined) this.#held.delete(name);
    else this.#hold(decodeQuota(stored));
  }

  #hold(quota: Quota): void {
    const limiter = new Limiter(this.#clock, quota.rate, quota.interval, quota.blockInterval);
    this.#held.set(quota.name, { quota, limiter });
  }

  #use(config: QuotaConfig): void {
    this.#config = config;
    this.#exempt = new ExemptPaths(config.exemptPaths);
  }
}

/** A namespace's quota is for that namespace, and for those below when they inherit it. */
const covers = ({ namespacePath, inheritable }: Quota, namespace: string): boolean =>
  namespacePath === namespace || ((inheritable || namespacePath === '') && namespace.startsWith(namespacePath));

const longer = ({ namespacePath }: Quota, than: Held | undefined): boolean =>
  than === undefined || namespacePath.length > than.quota.namespacePath.length;

const sameSubject = (a: Quota, b: Quota): boolean =>
  a.namespacePath === b.namespacePath && a.mountPath === b.mountPath && a.suffix === b.suffix && a.role === b.role;

function decodeConfig(bytes: Uint8Array): QuotaConfig {
  const row = parseObject(bytes);
  return {
    auditLogging: asBoolean(row['enable_rate_limit_audit_logging']) ?? false,
    responseHeaders: asBoolean(row['enable_rate_limit_response_headers']) ?? false,
    exemptPaths: asStrings(row['rate_limit_exempt_paths']) ?? [],
  };
}
