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
import { clearPrefix } from '../mounts/table.ts';
import type { ServiceContext } from '../services.ts';
import type { NamespaceEntry } from './entry.ts';
import { decodeNamespace, encodeNamespace, namespaceFolder } from './entry.ts';
import { emptyRealm } from './emptying.ts';
import type { NamespaceNode } from './node.ts';
import { nameOf, within } from './node.ts';
import type { Realm, Shared } from './realm.ts';
import { makeRealm, namespacePrefix } from './realm.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';

const ID_LENGTH = 6;
const UNLOCK_KEY_LENGTH = 24;

export class Namespaces {
  readonly root: NamespaceNode;
  readonly #shared: Shared;
  readonly #byId = new Map<string, NamespaceNode>();
  /** One change of the tree after the other. */
  readonly #changing = new Mutex();

  /** Root alone, with its realm made but not loaded. */
  constructor(shared: Omit<Shared, 'namespaces'>, barrier: Barrier) {
    this.#shared = { ...shared, namespaces: this };
    const entry = { ...rootNamespace, tainted: false, manuallySealed: false, unlockKey: '', customMetadata: {} };
    this.root = { entry, parent: undefined, children: new Map(), realm: undefined };
    this.#byId.set('', this.root);
    this.#byId.set(entry.id, this.root);
    this.root.realm = makeRealm(this.#shared, rootNamespace, barrier);
  }

  // ---- looking

  node(id: string): NamespaceNode | undefined {
    return this.#byId.get(id);
  }

  /** Undefined when there is none, or while it is sealed. */
  realm(id: string): Realm | undefined {
    return this.#byId.get(id)?.realm;
  }

  /** Throws BarrierSealed while the namespace is sealed. */
  context(id: string): ServiceContext | undefined {
    const node = this.#byId.get(id);
    if (node === undefined) return undefined;
    if (node.realm === undefined) throw new BarrierSealed('failed to read entry: Vault is sealed');
    return node.realm.context;
  }

  /** Of the open ones, parents first. */
  *realms(): Iterable<Realm> {
    for (const node of within(this.root)) if (node.realm !== undefined) yield node.realm;
  }

  ofMount(accessor: string): Namespace | undefined {
    for (const { mounts, namespace } of this.realms()) if (mounts.byAccessor(accessor) !== undefined) return namespace;
    return undefined;
  }

  /** By the prefix of a key of the barrier; with the key's rest. */
  ofKey(key: string): { readonly realm: Realm | undefined; readonly key: string } {
    if (!key.startsWith('namespaces/')) return { realm: this.root.realm, key };
    for (const node of within(this.root)) {
      const prefix = namespacePrefix(node.entry);
      if (prefix !== '' && key.startsWith(prefix)) return { realm: node.realm, key: key.slice(prefix.length) };
    }
    return { realm: undefined, key };
  }

  /** What a mount at `point` of a namespace would hide: a child, or the first mount in it; its whole path. */
  inTheWay(namespace: Namespace, point: string): string | undefined {
    for (const child of this.#byId.get(namespace.id)?.children.values() ?? []) {
      const name = `${nameOf(child.entry)}/`;
      if (point.startsWith(name) && point !== name) return child.entry.path;
      if (!name.startsWith(point)) continue;
      const points = [...within(child)].flatMap(({ entry, realm }) =>
        [...(realm?.mounts.all() ?? [])].map((mount) => entry.path + mount.point),
      );
      return points.sort()[0] ?? child.entry.path;
    }
    return undefined;
  }

  // ---- life

  /** Mounts and policies of root and, level by level, of all others. */
  async load(): Promise<void> {
    await this.#load(this.root);
  }

  async #load(node: NamespaceNode): Promise<void> {
    const { realm } = node;
    if (realm === undefined) return;
    await realm.load();
    for (const uuid of await realm.storage.list(namespaceFolder)) {
      const child = await this.#read(node, realm, uuid);
      if (child === undefined) continue;
      this.#open(child);
      await this.#load(child);
    }
  }

  async #read(parent: NamespaceNode, realm: Realm, uuid: string): Promise<NamespaceNode | undefined> {
    const stored = await realm.storage.get(namespaceFolder + uuid);
    return stored && this.#place(parent, decodeNamespace(stored));
  }

  #place(parent: NamespaceNode, entry: NamespaceEntry): NamespaceNode {
    const node: NamespaceNode = { entry, parent, children: new Map(), realm: undefined };
    parent.children.set(nameOf(entry), node);
    this.#byId.set(entry.id, node);
    return node;
  }

  #open(node: NamespaceNode): void {
    const above = node.parent?.realm;
    if (above !== undefined) node.realm = makeRealm(this.#shared, node.entry, above.barrier);
  }

  /** Leases are watched, on the active node. */
  async restoreLeases(): Promise<void> {
    for (const realm of this.realms()) await realm.services.leases.restore();
  }

  async initialize(): Promise<void> {
    for (const realm of this.realms()) await realm.initialize();
    for (const node of within(this.root)) {
      // What a crash or a change of leaders interrupted goes on.
      if (node.entry.tainted && !this.#shared.standby) void this.#erase(node);
    }
  }

  stop(): void {
    for (const realm of this.realms()) realm.stop();
  }

  // ---- changing

  /** Makes the namespace, or replaces the metadata of one that is there. */
  create(
    parent: NamespaceNode,
    name: string,
    customMetadata: NamespaceEntry['customMetadata'],
  ): Promise<NamespaceEntry> {
    return this.#changing.run(async () => {
      const known = parent.children.get(name);
      if (known !== undefined) return this.#store(known, { ...known.entry, customMetadata });
      const realm = open(parent);
      const taken = realm.mounts.router.conflict(`${name}/`);
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
      await realm.storage.put(namespaceFolder + entry.uuid, encodeNamespace(entry));
      const node = this.#place(parent, entry);
      this.#open(node);
      await this.#load(node);
      await node.realm?.initialize();
      return entry;
    });
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

  /** Marks it and goes on erasing in the background. */
  async remove(node: NamespaceNode): Promise<void> {
    await this.change(node, { tainted: true });
    void this.#erase(node);
  }

  /** Leases end, mounts and all they stored go, the entry last: an interrupted deletion begins anew. */
  async #erase(node: NamespaceNode): Promise<void> {
    const { log } = this.#shared.runtime;
    const { parent, realm, entry } = node;
    if (parent === undefined) return;
    try {
      if (realm !== undefined) await emptyRealm(realm);
      const above = open(parent);
      await clearPrefix(above.barrier, namespacePrefix(entry));
      await this.#shared.quotas.namespaceGone(entry.path);
      await above.storage.delete(namespaceFolder + entry.uuid);
      this.#forget(node);
    } catch (error) {
      log.write('error', 'namespace', 'failed to clear namespace resources', { namespace: entry.path, error });
    }
  }

  #forget(node: NamespaceNode): void {
    for (const one of within(node)) {
      one.realm?.stop();
      one.realm = undefined;
      this.#byId.delete(one.entry.id);
    }
    node.parent?.children.delete(nameOf(node.entry));
  }

  // ---- following the active node

  /** An entry changed elsewhere: `key` is the row's in `parent`. */
  async invalidate(parent: Realm, key: string): Promise<void> {
    const above = this.#byId.get(parent.namespace.id);
    if (above === undefined) return;
    const uuid = key.slice(namespaceFolder.length);
    const known = [...above.children.values()].find(({ entry }) => entry.uuid === uuid);
    const stored = await parent.storage.get(key);
    if (stored === undefined) {
      if (known !== undefined) this.#forget(known);
    } else if (known !== undefined) known.entry = decodeNamespace(stored);
    else {
      const node = this.#place(above, decodeNamespace(stored));
      this.#open(node);
      await this.#load(node);
      await node.realm?.initialize();
    }
  }

  #base62(length: number): string {
    return randomBase62(length, (count) => this.#shared.runtime.random.bytes(count));
  }
}

/** The realm of a namespace that a request has come through. Throws BarrierSealed. */
function open({ realm }: NamespaceNode): Realm {
  if (realm === undefined) throw new BarrierSealed('namespace is sealed');
  return realm;
}
