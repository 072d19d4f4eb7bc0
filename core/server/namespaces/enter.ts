/** Which namespace a request is in, and whether it may enter (facts §5.2). */
import { coded, refuse } from '../../fault.ts';
import type { Request } from '../../framework/logical.ts';
import type { Active } from '../active.ts';
import type { NamespaceNode } from './node.ts';
import { isRootOnly } from './root-only.ts';

export interface Entered {
  readonly active: Active;
  /** Its path relative to the namespace. */
  readonly request: Request;
}

const header = 'x-vault-namespace';

/** Throws what `admit` throws. */
export function enter(request: Request, root: Active): Entered {
  const { node, path } = admit(request.headers.get(header)?.[0], request.path, root.namespaces.root);
  if (node.parent === undefined) return { active: root, request };
  return { active: node.realm!, request: { ...request, path, namespace: node.entry } };
}

/** 404 for a namespace that is not there, 503 for one that is locked or sealed, 400 for what only root has. */
export function admit(named: string | undefined, whole: string, root: NamespaceNode): Located {
  const located = locate(named, whole, root);
  if (located === undefined) throw coded(404, 'namespace not found');
  const { node, path } = located;
  if (node.parent === undefined) return located;
  const locking = lockedBy(node);
  if (locking !== undefined && path !== 'sys/namespaces/api-lock/unlock') {
    throw refuse(
      `API access to this namespace has been locked by an administrator - "${locking}" must be unlocked to gain access.`,
      503,
    );
  }
  if (node.realm === undefined) throw coded(503, 'namespace is sealed');
  if (isRootOnly(path)) throw coded(400, 'operation only available in root namespace');
  return located;
}

export interface Located {
  readonly node: NamespaceNode;
  /** What of the path comes after the namespace. */
  readonly path: string;
}

/** The header names a namespace, and the path may begin with others below it. Undefined: there is none so named. */
export function locate(named: string | undefined, path: string, root: NamespaceNode): Located | undefined {
  const top = named === undefined || named === '' ? root : find(named, root);
  if (top === undefined) return undefined;
  let node = top;
  let start = 0;
  while (node.children.size > 0) {
    const slash = path.indexOf('/', start);
    const next: NamespaceNode | undefined = slash < 0 ? undefined : node.children.get(path.slice(start, slash));
    if (next === undefined) break;
    node = next;
    start = slash + 1;
  }
  return { node, path: start === 0 ? path : path.slice(start) };
}

/** By its whole path, in which `.` and `..` count; root is '', '/' or 'root'. */
export function find(path: string, root: NamespaceNode): NamespaceNode | undefined {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  if (names.length === 1 && names[0] === 'root') return root;
  let node: NamespaceNode | undefined = root;
  for (const name of names) node = node?.children.get(name);
  return node;
}

/** The path of the locked namespace that this one is, or is in. */
function lockedBy(node: NamespaceNode): string | undefined {
  let locking: string | undefined;
  for (let at: NamespaceNode | undefined = node; at !== undefined; at = at.parent) {
    if (at.entry.unlockKey !== '') locking = at.entry.path;
  }
  return locking;
}
