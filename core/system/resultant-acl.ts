/** A compiled ACL as user interfaces want it. */
import type { JsonObject } from '../codec/json.ts';
import type { Acl } from '../server/services.ts';

/** `namespace` is the path of the one that asks. */
export function resultantAcl(acl: Acl, namespace: string): JsonObject {
  if (acl.capabilities(namespace).includes('root')) return { root: true };
  const exact: JsonObject = {};
  const globs: JsonObject = {};
  for (const { kind, path, capabilities } of acl.rules()) {
    if (kind === 'exact') exact[path] = { capabilities };
    if (kind === 'glob') globs[path] = { capabilities };
  }
  return { exact_paths: exact, glob_paths: globs, root: false };
}
