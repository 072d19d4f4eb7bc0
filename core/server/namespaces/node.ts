/** A namespace's place in the tree of a running node. */
import type { NamespaceEntry } from './entry.ts';
import type { SealManager } from '../seal/manager.ts';
import type { Realm } from './realm.ts';

export interface NamespaceNode {
  entry: NamespaceEntry;
  /** Undefined for root. */
  readonly parent: NamespaceNode | undefined;
  /** By name, without '/'. Those of a sealed namespace are not known. */
  readonly children: Map<string, NamespaceNode>;
  /** Its own seal; undefined: it is open whenever the one above is. */
  seals: SealManager | undefined;
  /** Undefined while it is sealed. */
  realm: Realm | undefined;
}

/** The last segment of its path. */
export const nameOf = ({ path }: { readonly path: string }): string =>
  path.slice(path.lastIndexOf('/', path.length - 2) + 1, -1);

/** The namespace and all below it, parents first. */
export function* within(node: NamespaceNode): Iterable<NamespaceNode> {
  yield node;
  for (const child of node.children.values()) yield* within(child);
}
