/** A compiled ACL as user interfaces want it. */
import type { JsonObject } from '../codec/json.ts';
import type { Acl } from '../server/services.ts';

/** Not by the alphabet, as elsewhere: the order in which upstream's user interface gets them. */
const ORDER = ['deny', 'create', 'delete', 'list', 'read', 'sudo', 'update', 'patch', 'scan'];

const inOrder = (capabilities: readonly string[]): string[] => ORDER.filter((name) => capabilities.includes(name));

/** `namespace` is the path of the one that asks. */
export function resultantAcl(acl: Acl, namespace: string): JsonObject {
  if (acl.capabilities(namespace).includes('root')) return { root: true };
  const exact: JsonObject = {};
  const globs: JsonObject = {};
  for (const { kind, path, capabilities } of acl.rules()) {
    if (kind === 'exact') exact[path] = { capabilities: inOrder(capabilities) };
    if (kind === 'glob') globs[path] = { capabilities: inOrder(capabilities) };
  }
  return { exact_paths: exact, glob_paths: globs, root: false };
}
