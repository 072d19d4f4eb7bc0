/** The mount that serves a path, be it in this namespace or in one below; the path may go on behind its point. */
import { locate } from '../server/namespaces/enter.ts';
import type { Realm } from '../server/namespaces/realm.ts';
import type { Route } from '../server/router.ts';
import type { SystemNode } from './context.ts';
import { here } from './namespaces.ts';

export interface MountPlace {
  readonly realm: Realm;
  readonly route: Route;
  /** The whole path of the namespace that it is in. */
  readonly namespacePath: string;
  /** Whether the path is its point, and nothing more. */
  readonly exact: boolean;
}

export function mountServing(node: SystemNode, path: string): MountPlace | undefined {
  const found = locate(undefined, path, here(node.active()))!;
  const { realm, entry } = found.node;
  const route = realm?.mounts.router.match(found.path);
  if (realm === undefined || route === undefined) return undefined;
  return { realm, route, namespacePath: entry.path, exact: route.point === found.path };
}
