/** A compiled ACL as user interfaces want it. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { wholeSeconds } from '../runtime.ts';
import type { Acl, AclRule } from '../server/services.ts';

/** Not by the alphabet, as elsewhere: the order in which upstream's user interface gets them. */
const ORDER = ['deny', 'create', 'delete', 'list', 'read', 'sudo', 'update', 'patch', 'scan'];

const inOrder = (capabilities: readonly string[]): string[] => ORDER.filter((name) => capabilities.includes(name));

const byName = (parameters: ReadonlyMap<string, readonly JsonValue[]>): JsonObject =>
  Object.fromEntries([...parameters].map(([name, values]) => [name, [...values]]));

/** What a rule does not ask for is left out. */
const shown = ({ allowed, capabilities, denied, maxWrappingTtl, minWrappingTtl, required }: AclRule): JsonObject => ({
  ...(allowed.size > 0 && { allowed_parameters: byName(allowed) }),
  capabilities: inOrder(capabilities),
  ...(denied.size > 0 && { denied_parameters: byName(denied) }),
  ...(maxWrappingTtl > 0 && { max_wrapping_ttl: wholeSeconds(maxWrappingTtl) }),
  ...(minWrappingTtl > 0 && { min_wrapping_ttl: wholeSeconds(minWrappingTtl) }),
  ...(required.length > 0 && { required_parameters: [...required] }),
});

/** `namespace` is the path of the one that asks. */
export function resultantAcl(acl: Acl, namespace: string): JsonObject {
  if (acl.capabilities(namespace).includes('root')) return { root: true };
  const exact: JsonObject = {};
  const globs: JsonObject = {};
  for (const rule of acl.rules()) {
    if (rule.kind === 'exact') exact[rule.path] = shown(rule);
    if (rule.kind === 'glob') globs[rule.path] = shown(rule);
  }
  return { exact_paths: exact, glob_paths: globs, root: false };
}
