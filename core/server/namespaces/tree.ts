/** The namespaces of a running node as a tree, and the ways to find one: by id, by key, by mount. */
import type { Namespace } from '../../framework/logical.ts';
import { BarrierSealed } from '../../storage/barrier/barrier.ts';
import type { SealManager } from '../seal/manager.ts';
import type { ServiceContext } from '../services.ts';
import { locate } from './enter.ts';
import type { NamespaceEntry } from './entry.ts';
import type { NamespaceNode } from './node.ts';
import { nameOf, within } from './node.ts';
import type { Realm } from './realm.ts';
import { namespacePrefix } from './realm.ts';

export class NamespaceTree {
  readonly root: NamespaceNode;
  readonly #byId = new Map<string, NamespaceNode>();

  /** Root is also found by the empty id. */
  constructor(root: NamespaceEntry) {
    this.root = { entry: root, parent: undefined, children: new Map(), seals: undefined, realm: undefined };
    this.#byId.set('', this.root);
    this.#byId.set(root.id, this.root);
  }

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

  /** The namespace's own, and on demand those of all below it: of the open ones, parents first. */
  *from({ id }: Namespace, alsoBelow: boolean): Iterable<Realm> {
    const top = this.#byId.get(id);
    if (top === undefined) return;
    for (const node of alsoBelow ? within(top) : [top]) if (node.realm !== undefined) yield node.realm;
  }

  *contexts(): Iterable<ServiceContext> {
    for (const { context } of this.realms()) yield context;
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

  /** What a mount at `point` of a namespace would lie in or hide: a mount of a child's, or the child; its whole path. */
  inTheWay(namespace: Namespace, point: string): string | undefined {
    const top = this.#byId.get(namespace.id);
    if (top === undefined) return undefined;
    const { node, path } = locate(undefined, point, top)!;
    if (node === top) return undefined;
    const above = node.realm?.mounts.router.match(path);
    if (above !== undefined) return node.entry.path + above.point;
    const points = [...within(node)].flatMap(({ entry, realm }) =>
      [...(realm?.mounts.all() ?? [])].map((mount) => entry.path + mount.point),
    );
    const below = points.filter((taken) => taken.startsWith(node.entry.path + path));
    return below.sort()[0] ?? node.entry.path;
  }

  protected place(parent: NamespaceNode, entry: NamespaceEntry, seals: SealManager | undefined): NamespaceNode {
    const node: NamespaceNode = { entry, parent, children: new Map(), seals, realm: undefined };
    parent.children.set(nameOf(entry), node);
    this.#byId.set(entry.id, node);
    return node;
  }

  /** Takes it out, with all below it. */
  protected unplace(node: NamespaceNode): void {
    for (const one of within(node)) this.#byId.delete(one.entry.id);
    node.parent?.children.delete(nameOf(node.entry));
  }
}
