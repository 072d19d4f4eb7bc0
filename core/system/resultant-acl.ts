/** A compiled ACL as user interfaces want it. */
import type { JsonObject } from '../codec/json.ts';
import type { Acl } from '../server/services.ts';

export function resultantAcl(acl: Acl): JsonObject {
  if (acl.capabilities('').includes('root')) return { root: true };
  const exact: JsonObject = {};
  const globs: JsonObject = {};
  for (const { kind, path, capabilities } of acl.rules()) {
    if (kind === 'exact') exact[path] = { capabilities };
    if (kind === 'glob') globs[path] = { capabilities };
  }
  return { exact_paths: exact, glob_paths: globs, root: false };
}
