/**
 * The namespaces of a running node: a tree, loaded from storage level by level, each open one with a realm of its own.
 * Changed through sys/namespaces; read again on a standby when an entry changed elsewhere.
 */
import { randomBase62 } from '../../codec/base62.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { refuse } from '../../fault.ts';
import type { Namespace } from '../../framework/logical.ts';
import { Mutex } from '../../mutex.ts';
import { BarrierSealed } from '../../storage/barrier/barrier.ts';
import type { Barrier } from '../../storage/barrier/barrier.ts';
import type { LoadedMounts } from '../mounts/mounts.ts';
import { clearPrefix } from '../mounts/table.ts';
import { restoreTogether } from '../leases/restore.ts';
import { measure } from '../../telemetry/measure.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { SealManager } from '../seal/manager.ts';
import type { SealConfig } from '../seal/seal-config.ts';
import type { NamespaceEntry } from './entry.ts';
import { decodeNamespace, encodeNamespace, namespaceFolder } from './entry.ts';
import { emptyRealm } from './emptying.ts';
import type { NamespaceNode } from './node.ts';
import { within } from './node.ts';
import type { Realm, Shared } from './realm.ts';
import { makeRealm, namespacePrefix } from './realm.ts';
import { NamespaceTree } from './tree.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';

const ID_LENGTH = 6;
const UNLOCK_KEY_LENGTH = 24;

function measureNamespaces(namespaces: Namespaces, metrics: Metrics): void {
  measure(namespaces, metrics, {
    create: 'vault.namespace.modify_namespace',
    change: 'vault.namespace.modify_namespace',
    remove: 'vault.namespace.delete_namespace',
    node: 'vault.namespace.get_namespace_by_accessor',
    ofKey: 'vault.namespace.get_namespace',
    named: 'vault.namespace.get_namespace_by_path',
    realms: 'vault.namespace.list_namespaces',
  });
}

export class Namespaces extends NamespaceTree {
  readonly #shared: Shared;
  readonly #erasing = new Set<NamespaceNode>();
  /** One change of the tree after the other. */
  readonly #changing = new Mutex();

  /** Root alone, with its realm made but not loaded. */
  constructor(shared: Omit<Shared, 'namespaces'>, barrier: Barrier) {
    super({ ...rootNamespace, tainted: false, manuallySealed: false, unlockKey: '', customMetadata: {} });
    this.#shared = { ...shared, namespaces: this };
    this.root.realm = makeRealm(this.#shared, rootNamespace, barrier);
    const { metrics } = shared.runtime;
    if (metrics !== undefined) measureNamespaces(this, metrics);
  }

  // ---- life

  /** Which there are; then the mounts and policies of all, table by table, as upstream. */
  async load(): Promise<void> {
    const { log } = this.#shared.runtime;
    await this.#discover(this.root);
    const realms = [...this.realms()];
    log.write('info', 'core', 'reading transactional mount table');
    for (const { mounts } of realms) await mounts.load('mounts');
    // Those of the others were made with them.
    await this.root.realm?.services.policies.setup();
    log.write('info', 'core', 'reading transactional auth mount table');
    log.write('trace', 'token', 'no token generation counter found in storage');
    for (const { mounts } of realms) await mounts.load('auth');
  }

  /** What is sealed stays so, and what is below it unknown. */
  async #discover(node: NamespaceNode): Promise<void> {
    const { realm } = node;
    if (realm === undefined) return;
    for (const uuid of await realm.storage.list(namespaceFolder)) {
      const stored = await realm.storage.get(namespaceFolder + uuid);
      if (stored === undefined) continue;
      const entry = decodeNamespace(stored);
      this.#shared.runtime.log.write('info', 'namespace', 'discovered namespace', { path: entry.path, uuid });
      await this.#discover(await this.#add(node, realm, entry));
    }
  }

  async #add(parent: NamespaceNode, above: Realm, entry: NamespaceEntry): Promise<NamespaceNode> {
    const seals = await this.#shared.seals.find(entry, above.barrier);
    const node = this.place(parent, entry, seals);
    this.#open(node);
    return node;
  }

  /** One that has just become known or been opened, with what is below it. */
  async #load(node: NamespaceNode, made: LoadedMounts = 'known'): Promise<void> {
    await this.#discover(node);
    for (const { realm } of within(node)) {
      if (made === 'heard of' && realm !== undefined) await this.#tellHeardOf(realm);
      await realm?.services.policies.setup();
      await realm?.mounts.load('mounts', made);
      await realm?.mounts.load('auth', made);
    }
  }

  /** Makes its realm, unless it is sealed. */
  #open(node: NamespaceNode): void {
    const barrier = node.seals?.barrier ?? node.parent?.realm?.barrier;
    if (barrier === undefined || barrier.sealed) return;
    node.realm = makeRealm(this.#shared, node.entry, barrier);
    if (node.entry.tainted) node.realm.mounts.router.vanishing = node.entry.path;
  }

  /** Leases are watched, on the active node. */
  restoreLeases(): void {
    const { standby, runtime } = this.#shared;
    if (standby) runtime.log.write('info', 'core', 'skipping lease restoration - standby');
    else {
      const all = [...this.realms()].map(({ services }) => services.leases);
      restoreTogether(runtime.log, all, () => this.#shared.office.cancelled);
    }
  }

  /** Entities, groups and MFA, which are kept in memory. */
  async loadIdentity(): Promise<void> {
    for (const { services } of this.realms()) await services.identity.load();
    for (const { services } of this.realms()) await services.identity.mfa.ready();
  }

  async initialize(): Promise<void> {
    for (const realm of this.realms()) await realm.initialize();
  }

  stop(): void {
    for (const realm of this.realms()) realm.stop();
  }

  async #tellHeardOf({ mounts, services }: Realm): Promise<void> {
    services.policies.tellLock();
    await mounts.tellInvalidated();
  }

  // ---- changing

  /**
   * Makes the namespace, or replaces the metadata of one that is there. One with a seal of its own is sealed at once;
   * its shares are told.
   */
  create(parent: NamespaceNode, name: string, wanted: Wanted): Promise<Created> {
    return this.#changing.run(async () => {
      const { customMetadata, seal } = wanted;
      const known = parent.children.get(name);
      if (known !== undefined) {
        if (known.entry.tainted) throw refuse('namespace with that name exists and is currently tainted');
        if (seal !== undefined) throw refuse('cannot modify existing namespace seal config');
        return { entry: await this.#store(known, { ...known.entry, customMetadata }) };
      }
      const above = open(parent);
      const taken = above.mounts.router.conflict(`${name}/`);
      if (taken !== undefined) {
        throw refuse(`new namespace conflicts with existing mount: ${parent.entry.path}${taken}`);
      }
      const entry: NamespaceEntry = {
        id: this.#base62(ID_LENGTH),
        uuid: makeUuid((length) => this.#shared.runtime.random.bytes(length)),
        path: `${parent.entry.path}${name}/`,
        tainted: false,
        manuallySealed: false,
        unlockKey: '',
        customMetadata,
      };
      // Marked as if it were to go until all is there that it needs: what a crash interrupts can be told from what is
      // whole, and whoever follows hears of nothing that is half made.
      const key = namespaceFolder + entry.uuid;
      await above.storage.put(key, encodeNamespace({ ...entry, tainted: true }));
      const seals = seal && this.#shared.seals.make(entry, above.barrier);
      const node = this.place(parent, entry, seals);
      let shares: Created['shares'];
      try {
        shares = seal && (await seals?.initialiseNamespace(seal));
        this.#open(node);
        await this.#begin(node, 'made');
        await above.storage.put(key, encodeNamespace(entry));
      } catch (error) {
        node.entry = { ...entry, tainted: true };
        this.#eraseLater(node);
        throw error;
      }
      if (seals !== undefined) {
        this.#tellClosed(node);
        this.#close(node);
      }
      return { entry, ...(shares && { shares }) };
    });
  }

  /** A namespace that has just been opened. */
  async #begin(node: NamespaceNode, made: LoadedMounts = 'known'): Promise<void> {
    await this.#load(node, made);
    for (const one of within(node)) {
      if (one.realm === undefined) continue;
      if (!this.#shared.standby) await one.realm.services.leases.restore();
      await one.realm.initialize(made === 'made');
    }
  }

  // ---- seals

  /** What protects the namespace alone. */
  keysOf(namespace: Namespace): SealManager {
    const seals = this.node(namespace.id)?.seals;
    if (seals === undefined) throw refuse('namespace is not sealable');
    return seals;
  }

  /** One share; the namespace is open after the last. */
  async unseal(node: NamespaceNode, seals: SealManager, share: Uint8Array): Promise<void> {
    if (!(await seals.submitShare(share))) return;
    await this.#changing.run(async () => {
      if (node.entry.manuallySealed) await this.#store(node, { ...node.entry, manuallySealed: false });
      await this.#reopen(node);
    });
  }

  /** Another node knew the keys of these namespaces, and now this one does. */
  async opened(): Promise<void> {
    await this.#changing.run(async () => {
      for (const node of within(this.root)) {
        if (node.realm !== undefined || node.entry.manuallySealed) continue;
        await this.#shared.seals.openKept(node.entry);
        await this.#reopen(node);
      }
    });
  }

  async #reopen(node: NamespaceNode): Promise<void> {
    if (node.realm !== undefined) return;
    this.#open(node);
    await this.#begin(node);
  }

  /** On request, so that no node opens it again by itself. A namespace without a seal of its own stays open. */
  async seal(node: NamespaceNode): Promise<void> {
    if (node.seals === undefined || node.seals.barrier.sealed) return;
    await this.change(node, { manuallySealed: true });
    this.#tellClosed(node);
    this.#close(node);
  }

  #tellClosed(node: NamespaceNode): void {
    for (const { realm } of within(node)) {
      realm?.services.policies.tellLock();
      realm?.services.policies.tellLock();
      realm?.mounts.tellClosed();
    }
  }

  #close(node: NamespaceNode): void {
    for (const child of node.children.values()) this.#forget(child);
    node.realm?.stop();
    node.realm = undefined;
    if (node.seals !== undefined) this.#shared.seals.close(node.entry);
  }

  change(node: NamespaceNode, change: Partial<NamespaceEntry>): Promise<NamespaceEntry> {
    return this.#changing.run(() => this.#store(node, { ...node.entry, ...change }));
  }

  async #store(node: NamespaceNode, entry: NamespaceEntry): Promise<NamespaceEntry> {
    if (node.parent === undefined) return entry;
    await open(node.parent).storage.put(namespaceFolder + entry.uuid, encodeNamespace(entry));
    node.entry = entry;
    return entry;
  }

  /** Returns the key that unlocks it. */
  async lock(node: NamespaceNode): Promise<string> {
    const unlockKey = this.#base62(UNLOCK_KEY_LENGTH);
    await this.change(node, { unlockKey });
    return unlockKey;
  }

  /**
   * Marks it and goes on erasing in the background: leases end, mounts go with all they stored, the entry last. Of a
   * sealed one, whose leases cannot be ended, everything is erased as it lies on disk. What a crash interrupts stays
   * marked until somebody asks again, as upstream.
   */
  async remove(node: NamespaceNode): Promise<void> {
    await this.change(node, { tainted: true });
    this.#eraseLater(node);
  }

  #eraseLater(node: NamespaceNode): void {
    if (node.realm !== undefined) node.realm.mounts.router.vanishing = node.entry.path;
    if (this.#erasing.has(node)) return;
    this.#erasing.add(node);
    this.#tellErasing(node);
    void this.#erase(node).finally(() => {
      this.#erasing.delete(node);
      this.#tellErasing(node);
    });
  }

  #tellErasing({ parent }: NamespaceNode): void {
    const { metrics } = this.#shared.runtime;
    if (metrics === undefined) return;
    const { cluster } = metrics;
    const prefix = 'vault.namespace-deletion.job_manager';
    metrics.gauge(`${prefix}.total_jobs`, this.#erasing.size, { cluster });
    const id = parent?.entry.uuid ?? '';
    metrics.gauge(`${prefix}.queue_length`, this.#erasing.size, { cluster, queue_id: id });
  }

  /** A child, by its own name. */
  named(parent: NamespaceNode, name: string): NamespaceNode | undefined {
    return parent.children.get(name);
  }

  /** Whether there are others in a sealed one. */
  async hasChildren({ entry, seals }: NamespaceNode): Promise<boolean> {
    const names = await seals?.barrier.physical.list(namespacePrefix(entry) + namespaceFolder);
    return names !== undefined && names.length > 0;
  }

  async #erase(node: NamespaceNode): Promise<void> {
    const { log } = this.#shared.runtime;
    const { parent, realm, entry } = node;
    if (parent === undefined) return;
    try {
      if (realm !== undefined) await emptyRealm(realm);
      const above = open(parent);
      await this.#clear(above, entry);
      this.#shared.seals.drop(entry);
      await this.#shared.quotas.namespaceGone(entry.path);
      await above.storage.delete(namespaceFolder + entry.uuid);
      this.#forget(node);
    } catch (error) {
      log.write('error', 'namespace', 'failed to clear namespace resources', { namespace: entry.path, error });
    }
  }

  /** Keys are not encrypted, so that those of namespaces below are found even where this one is sealed. */
  async #clear(above: Realm, namespace: Pick<Namespace, 'id' | 'uuid' | 'path'>): Promise<void> {
    const prefix = namespacePrefix(namespace);
    for (const uuid of await above.barrier.list(prefix + namespaceFolder)) {
      await this.#clear(above, { ...namespace, uuid });
    }
    await clearPrefix(above.barrier, prefix);
  }

  #forget(node: NamespaceNode): void {
    for (const one of within(node)) {
      one.realm?.stop();
      one.realm = undefined;
      if (one.seals !== undefined) this.#shared.seals.close(one.entry);
    }
    this.unplace(node);
  }

  // ---- following the active node

  /** An entry changed elsewhere: `key` is the row's in `parent`. */
  async invalidate(parent: Realm, key: string): Promise<void> {
    const above = this.node(parent.namespace.id);
    if (above === undefined) return;
    const uuid = key.slice(namespaceFolder.length);
    let known = [...above.children.values()].find(({ entry }) => entry.uuid === uuid);
    const stored = await parent.storage.get(key);
    if (stored === undefined) {
      if (known !== undefined) this.#forget(known);
      this.#shared.seals.drop({ id: '', uuid, path: '' });
      return;
    }
    const entry = decodeNamespace(stored);
    if (known?.entry.tainted === true && !entry.tainted) {
      this.#forget(known);
      known = undefined;
    }
    if (known === undefined) {
      // It is being made.
      if (entry.tainted) return;
      await this.#changing.run(async () => {
        const node = await this.#add(above, parent, entry);
        await this.#load(node, 'heard of');
        for (const one of within(node)) await one.realm?.initialize();
      });
      return;
    }
    known.entry = entry;
    if (entry.tainted && known.realm !== undefined) known.realm.mounts.router.vanishing = entry.path;
    if (entry.manuallySealed) this.#close(known);
  }

  #base62(length: number): string {
    return randomBase62(length, (count) => this.#shared.runtime.random.bytes(count));
  }
}

export interface Wanted {
  readonly customMetadata: NamespaceEntry['customMetadata'];
  /** A seal of its own. */
  readonly seal?: SealConfig;
}

export interface Created {
  readonly entry: NamespaceEntry;
  /** Of a seal of its own. */
  readonly shares?: readonly Uint8Array[];
}

/** The realm of a namespace that a request has come through. Throws BarrierSealed. */
function open({ realm }: NamespaceNode): Realm {
  if (realm === undefined) throw new BarrierSealed('namespace is sealed');
  return realm;
}
