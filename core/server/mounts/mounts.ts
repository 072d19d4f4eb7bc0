/**
 * The mounts of a node: loaded at post-unseal, changed through sys/mounts, sys/auth and sys/remount, reloaded row by
 * row on a standby when a row changed elsewhere.
 */
import { quote } from '../../codec/go-quote.ts';
import { encodeHex } from '../../codec/hex.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { Fault, StorageFailed, failure, refuse } from '../../fault.ts';
import type { Backend, BackendContext, Namespace, Request, Response } from '../../framework/logical.ts';
import { BUILTIN_VERSION, builtinVersion } from '../../framework/plugin-version.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';
import { withNamedLog } from '../../named-log.ts';
import type { Runtime } from '../../runtime.ts';
import type { Storage } from '../../storage/storage.ts';
import { StorageView } from '../../storage/view.ts';
import type { Route } from '../router.ts';
import { Router, mountInfo } from '../router.ts';
import type { MountLookup } from '../services.ts';
import type { Catalog } from './catalog.ts';
import type { NewEntry } from './defaults.ts';
import { kindOf, makeEntry, requiredMounts } from './defaults.ts';
import type { MountEntry, MountTable } from './entry.ts';
import { mountPoint, viewPrefix } from './entry.ts';
import { SINGLETONS, isProtected } from './protected.ts';
import type { SystemFacts } from './system-view.ts';
import { MountSystemView } from './system-view.ts';
import {
  clearPrefix,
  clearTold,
  copyAll,
  dropEntry,
  keysOf,
  loadEntries,
  loadEntry,
  rowOf,
  rowsOf,
  saveEntry,
} from './table.ts';

export interface MountsContext {
  readonly runtime: Runtime;
  readonly namespace: Namespace;
  /** The namespace's storage. */
  readonly barrier: Storage;
  readonly active: boolean;
  readonly catalog: Catalog;
  readonly resolvesNames: boolean;
  /** A child namespace, or a mount of one, that a mount at `point` would hide: its whole path. */
  readonly taken: (point: string) => string | undefined;
  /** The four that belong to the server itself, by type: system, cubbyhole, identity, token. */
  readonly builtin: (type: string, context: BackendContext) => Backend | undefined;
  readonly system: SystemFacts;
  /** A backend logs under this name from now on. */
  readonly logs: (logger: string) => void;
}

/** Mounts that are read as they have always been there, as those of a new namespace, or of one that another node made. */
export type LoadedMounts = 'known' | 'made' | 'heard of';

export class Mounts implements MountLookup {
  readonly router: Router;
  readonly #context: MountsContext;

  constructor(context: MountsContext) {
    this.router = new Router(context.resolvesNames);
    this.#context = context;
  }

  /** Reads a table, writes what is missing, makes the backends. Their `initialize` comes later. */
  async load(table: 'mounts' | 'auth', as: LoadedMounts = 'known'): Promise<void> {
    const { barrier, active, namespace, runtime } = this.#context;
    const entries = await loadEntries(barrier, table);
    if (entries.length === 0 && namespace.id === rootNamespace.id) {
      const which = table === 'auth' ? 'auth ' : '';
      const message = `no ${which}mounts in transactional ${which}mount table; adding default ${which}mount table`;
      runtime.log.write('info', 'core', message);
    }
    for (const required of requiredMounts(namespace)) {
      if (required.table !== table || entries.some((entry) => entry.path === required.path)) continue;
      if (!active) throw new Error(`mount ${required.path} is missing from the mount table`);
      const entry = makeEntry(required, this.ids(), namespace);
      await saveEntry(barrier, entry);
      entries.push(entry);
    }
    await this.#ready(entries);
    for (const entry of entries) {
      this.#load(entry);
      if (as === 'known') this.#tellLoaded(entry);
      if (as === 'heard of') this.#tellHeardOf(entry);
    }
  }

  /** `made`: they were not there before, which is told. */
  async initialize(made = false): Promise<void> {
    for (const route of this.router.all()) {
      await route.backend.initialize?.();
      if (made) this.#tellMounted(route.entry);
    }
  }

  /** All rows of a namespace have to be looked at again; `tainted`: they have been changed. */
  async tellInvalidated(tainted = false): Promise<void> {
    const { runtime, barrier, namespace } = this.#context;
    const keys = tainted ? keysOf([...this.router.all()].map(({ entry }) => entry)) : await rowsOf(barrier);
    runtime.log.write('debug', 'core', 'invalidating namespace mounts', { ns: namespace.uuid, keys });
    if (tainted) for (const { entry } of this.router.all()) this.#tellChange('modified', entry);
  }

  stop(): void {
    for (const route of this.router.all()) route.backend.stop?.();
  }

  /** The namespace is closed, and what was in it not to be reached. */
  tellClosed(): void {
    const routes = [...this.router.all()].sort(
      (a, b) => Number(b.entry.table === 'auth') - Number(a.entry.table === 'auth'),
    );
    for (const { entry, point } of routes) this.#tellGone(entry.table, point);
  }

  /** The rows of one table, sorted by path. */
  list(table: MountTable): MountEntry[] {
    const rows: MountEntry[] = [];
    for (const { entry } of this.router.all()) if (entry.table === table) rows.push(entry);
    return rows.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  find(table: MountTable, path: string): Route | undefined {
    return this.router.at(table === 'auth' ? `auth/${path}` : path);
  }

  /** Mounts a new backend. Every refusal is upstream's. */
  async enable(wanted: NewEntry): Promise<MountEntry> {
    if (wanted.table === 'mounts' && isProtected(wanted.path)) throw refuse(`cannot mount ${quote(wanted.path)}`);
    this.assertMountable(wanted);
    const entry = makeEntry(wanted, this.ids(), this.#context.namespace);
    const below = this.#context.taken(mountPoint(entry));
    if (below !== undefined) throw refuse(`existing mount at ${below}`);
    const taken = this.router.conflict(mountPoint(entry));
    if (taken !== undefined) throw refuse(`path is already in use at ${taken.replace(/^auth\//, '')}`);
    if (wanted.version !== undefined) builtinVersion(entry.type, wanted.version);
    await this.#ready([entry]);
    const { backend, storage, system } = this.#make(entry);
    try {
      await saveEntry(this.#context.barrier, entry);
    } catch (error) {
      if (!(error instanceof StorageFailed) || entry.table === 'auth') throw error;
      this.#context.runtime.log.write('error', 'core', 'failed to update mount table', { error });
      throw refuse('failed to update mount table');
    }
    this.router.add({ entry, backend, storage, system });
    await backend.initialize?.();
    this.#tellMounted(entry);
    return entry;
  }

  #tellMounted({ table, path, type }: MountEntry): void {
    const what = table === 'auth' ? 'enabled credential backend' : 'successful mount';
    this.#log(what, { path, type, version: '' });
  }

  #log(what: string, fields: Readonly<Record<string, unknown>>): void {
    const { runtime, namespace } = this.#context;
    runtime.log.write('info', 'core', what, { namespace: namespace.path, ...fields });
  }

  assertMountable(wanted: NewEntry): void {
    if (wanted.table === 'auth') {
      if (kindOf(wanted.type) === 'token') throw refuse('token credential backend cannot be instantiated');
    } else if (SINGLETONS.has(wanted.type)) {
      throw refuse(`mount type of "${wanted.type}" is not mountable`);
    }
  }

  /**
   * Taints the row, revokes its leases (`revoke`), clears its data and drops it: each its own write, so that a crash
   * leaves a tainted mount that can be unmounted again.
   */
  async disable(table: MountTable, path: string, revoke: (prefix: string) => Promise<void>): Promise<void> {
    const route = this.find(table, path);
    if (!route) return;
    const { barrier } = this.#context;
    await this.change({ ...route.entry, tainted: true });
    await revoke(route.point);
    route.backend.stop?.();
    await this.#clear(table, route);
    await dropEntry(barrier, route.entry);
    this.router.remove(route.point);
    this.#tellGone(table, route.point);
  }

  #tellGone(table: MountTable, path: string): void {
    this.#log(table === 'auth' ? 'disabled credential backend' : 'successfully unmounted', { path });
  }

  /** Of a mount that keeps nothing of its own, and is needed to the end. */
  tellDisabled({ entry: { table }, point }: Route): void {
    const { log, view, logger } = this.#deletion(table, point);
    log.write('debug', logger, 'clearing paginated view', { ...view, total_keys: 0 });
    log.write('debug', logger, 'paginated view cleared', view);
    this.#tellGone(table, point);
  }

  async #clear(table: MountTable, { point, prefix }: Route): Promise<void> {
    const { log, view, logger } = this.#deletion(table, point);
    await clearTold(log, logger, view, this.#context.barrier, prefix);
  }

  #deletion(table: MountTable, path: string) {
    const { runtime, namespace } = this.#context;
    const logger = table === 'auth' ? 'core.auth.deletion' : 'core.secrets.deletion';
    return { log: runtime.log, view: { namespace: namespace.path, path }, logger };
  }

  /** Stores a changed row (same place) and shows it to router and backend. */
  async change(entry: MountEntry): Promise<void> {
    await saveEntry(this.#context.barrier, entry);
    this.#refresh(entry);
  }

  /** Stores a changed row and makes its backend anew: options changed. */
  async remake(entry: MountEntry): Promise<void> {
    await saveEntry(this.#context.barrier, entry);
    this.router.at(mountPoint(entry))?.backend.stop?.();
    const route = this.#attach(entry);
    await route.backend.initialize?.();
  }

  /** The same row, a new backend. `plugin`: what the log calls it. */
  async reload(entry: MountEntry, plugin: string): Promise<void> {
    this.router.at(mountPoint(entry))?.backend.stop?.();
    await this.#attach(entry).backend.initialize?.();
    const fields = { plugin, path: entry.path, version: '' };
    this.#context.runtime.log.write('info', 'core', 'successfully reloaded plugin', fields);
  }

  /** Moves a mount to another point of the same kind; its leases are revoked first. */
  async move(from: Route, to: string, revoke: (prefix: string) => Promise<void>): Promise<void> {
    await this.change({ ...from.entry, tainted: true });
    await revoke(from.point);
    const entry = { ...from.entry, path: to, tainted: false };
    await saveEntry(this.#context.barrier, entry);
    this.router.remove(from.point);
    this.#attach(entry);
  }

  /** Takes over a mount of another namespace: its data first, then the row. */
  async adopt(from: Route, path: string): Promise<void> {
    const { namespace, barrier } = this.#context;
    const entry = { ...from.entry, path, namespaceId: namespace.id, tainted: false };
    await copyAll(from.storage, new StorageView(barrier, viewPrefix(entry)));
    await saveEntry(barrier, entry);
    await this.#attach(entry).backend.initialize?.();
  }

  /** A mount that another namespace has taken over. */
  async giveUp(route: Route): Promise<void> {
    const { barrier } = this.#context;
    route.backend.stop?.();
    this.router.remove(route.point);
    await dropEntry(barrier, route.entry);
    await clearPrefix(barrier, route.prefix);
  }

  /** On a standby: a row changed, appeared or went. Undefined when the key is not a mount table's. */
  invalidate(key: string): Promise<void> | undefined {
    const uuid = rowOf(key);
    return uuid === undefined ? undefined : this.#reload(key, uuid);
  }

  #tellChange(what: 'created' | 'modified' | 'deleted', { table, uuid }: Pick<MountEntry, 'table' | 'uuid'>): void {
    this.#context.runtime.log.write('debug', 'core', `cache invalidation: mount was ${what}`, { type: table, uuid });
  }

  #tellHeardOf(entry: MountEntry): void {
    this.#tellChange('created', entry);
    if (entry.table === 'mounts') {
      this.#context.runtime.log.write('info', 'core', 'calling mount internal', { path: entry.path });
    }
    this.#tellMounted(entry);
  }

  async #reload(key: string, uuid: string): Promise<void> {
    let old: Route | undefined;
    for (const route of this.router.all()) if (route.entry.uuid === uuid) old = route;
    const entry = await loadEntry(this.#context.barrier, key);
    if (entry) await this.#ready([entry]);
    if (old) this.#tellChange(entry ? 'modified' : 'deleted', old.entry);
    if (old && entry && mountPoint(entry) === old.point && sameOptions(entry, old.entry)) {
      this.#refresh(entry);
      return;
    }
    if (old) {
      old.backend.stop?.();
      this.router.remove(old.point);
    }
    if (!entry) return;
    await this.#attach(entry).backend.initialize?.();
    if (!old) this.#tellHeardOf(entry);
  }

  match(path: string): Route | undefined {
    return this.router.match(path);
  }

  all(): Iterable<Route> {
    return this.router.all();
  }

  byAccessor(accessor: string): Route | undefined {
    return this.router.byAccessor(accessor);
  }

  route(request: Request): Promise<Response | undefined> {
    return this.router.route(request);
  }

  ids() {
    const bytes = (length: number) => this.#context.runtime.random.bytes(length);
    return { uuid: () => makeUuid(bytes), accessorSuffix: () => encodeHex(bytes(4)) };
  }

  #refresh(entry: MountEntry): void {
    const route = this.router.at(mountPoint(entry));
    if (route?.system instanceof MountSystemView) route.system.entry = entry;
    this.router.replace(entry);
  }

  /** Other mounts of these kinds, moved or made anew, need not ask again. */
  async #ready(entries: readonly MountEntry[]): Promise<void> {
    const { catalog } = this.#context;
    for (const { table, type } of entries) await catalog.ready?.(table, kindOf(type));
  }

  /** Without it nobody can know what its path would have meant: the server does not start. */
  #load(entry: MountEntry): void {
    try {
      this.#attach(entry);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const [what, table] = entry.table === 'auth' ? ['credential', 'auth'] : ['mount', 'mount'];
      this.#context.runtime.log.write('error', 'core', `failed to create ${what} entry`, { path: entry.path, error });
      throw failure(`failed to setup ${table} table`);
    }
  }

  #tellLoaded({ type, path }: MountEntry): void {
    const { runtime, namespace } = this.#context;
    const where = `ID: ${namespace.id}. Path: ${namespace.path}`;
    const fields = { type, version: BUILTIN_VERSION, path, namespace: where };
    runtime.log.write('info', 'core', 'successfully mounted', fields);
  }

  #attach(entry: MountEntry): Route {
    return this.router.add({ entry, ...this.#make(entry) });
  }

  #make(entry: MountEntry) {
    const { runtime, barrier, catalog, builtin, logs } = this.#context;
    const storage = new StorageView(barrier, viewPrefix(entry));
    const system = new MountSystemView(this.#context.system, entry);
    const context: BackendContext = {
      runtime,
      mount: mountInfo(entry),
      storage,
      options: entry.options ?? {},
      system,
      backendUuid: entry.backendAwareUuid,
    };
    const own = builtin(entry.type, context);
    const logger = `${entry.table === 'auth' ? 'auth' : 'secrets'}.${entry.type}.${entry.accessor}`;
    if (own) {
      logs(logger);
      return { backend: own, storage, system };
    }
    const plugin = pluginOf(entry);
    const factory = (entry.table === 'auth' ? catalog.auth : catalog.secret).get(kindOf(plugin));
    if (!factory) throw refuse(`plugin not found in the catalog: ${plugin}`);
    logs(logger);
    const backend = factory({ ...context, runtime: withNamedLog(runtime, logger) });
    if (!backend) throw refuse(`nil backend of type "${entry.type}" returned from factory`);
    return { backend, storage, system };
  }
}

function sameOptions(a: MountEntry, b: MountEntry): boolean {
  const left = Object.entries(a.options ?? {});
  const right = b.options ?? {};
  return left.length === Object.keys(right).length && left.every(([key, value]) => right[key] === value);
}

/** The plugin of a type, which of one is named by an older name. */
const pluginOf = ({ table, type }: MountEntry): string => (table === 'auth' && type === 'aws-ec2' ? 'aws' : type);
