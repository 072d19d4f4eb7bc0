/** What a set of policies allows: compiled once per set, asked on every request. */
import type { JsonObject } from '../../codec/json.ts';
import { JsonNumber } from '../../codec/json.ts';
import type { Namespace, Request } from '../../framework/logical.ts';
import type { Acl, AclDecision, AclRule, GrantingPolicy } from '../services.ts';
import { DENY, SUDO, capabilityNames, neededCapability } from './capability.ts';
import { controlling } from './control-group.ts';
import { Matcher } from './matcher.ts';
import type { Permissions } from './merge.ts';
import { mergeRule, permissionsOf } from './merge.ts';
import { parametersPass } from './parameters.ts';
import type { PolicyRules } from './rules.ts';

const refused: AclDecision = { allowed: false, sudo: false, root: false, granting: [] };

/** The ACL of the root policy, which stands alone: all of its namespace and what is below. */
export function rootAclOf({ id, path }: Namespace): Acl {
  const granting: GrantingPolicy[] = [{ name: 'root', namespaceId: id, type: 'acl', ...inPath(path) }];
  const allowed: AclDecision = { allowed: true, sudo: true, root: true, granting };
  return {
    check: ({ namespace }) => (path === '' || namespace.path.startsWith(path) ? allowed : refused),
    capabilities: (asked) => (asked.startsWith(path) ? ['root'] : ['deny']),
    rules: () => [],
  };
}

const inPath = (path: string) => (path === '' ? {} : { namespacePath: path });

type Limit = { readonly denied: true } | { readonly denied: false; readonly inject?: number };

/** All there is, for engines that page. */
const UNLIMITED = -1;

/** What pagination_limit makes of a list's `limit` field, which may be required; no other parameter of a list is. */
function pageLimit(rule: Permissions, data: JsonObject): Limit {
  const sent = data['limit'];
  const cap = rule.paginationLimit;
  if (cap === 0) return sent === 'max' ? { denied: false, inject: UNLIMITED } : { denied: false };
  if (sent === undefined && rule.required.some((name) => name.toLowerCase() === 'limit')) return { denied: true };
  if (sent === undefined || sent === 'max' || sent === '') return { denied: false, inject: cap };
  const text = sent instanceof JsonNumber ? sent.literal : typeof sent === 'number' ? String(sent) : sent;
  if (typeof text !== 'string' || !/^[+-]?\d+$/.test(text)) return { denied: true };
  const limit = Number(text);
  if (limit === 0) return { denied: false, inject: cap };
  return limit < 0 || limit > cap ? { denied: true } : { denied: false };
}

export class CompiledAcl implements Acl {
  readonly #rules = new Matcher();

  /** `policies` in the order of the token's list; expired rules and rules whose template failed are not in them. */
  constructor(policies: readonly PolicyRules[]) {
    for (const policy of policies) this.#add(policy);
  }

  #add(policy: PolicyRules): void {
    const { id, path: prefix } = policy.namespace;
    const by: GrantingPolicy = { name: policy.name, namespaceId: id, type: 'acl', ...inPath(prefix) };
    for (const relative of policy.paths) {
      const rule = prefix === '' ? relative : { ...relative, path: prefix + relative.path };
      const present = rule.wildcards
        ? this.#rules.segmented(rule.path)
        : rule.prefix
          ? this.#rules.prefix(rule.path)
          : this.#rules.exact(rule.path);
      if (present !== undefined) {
        mergeRule(present, rule, by);
        continue;
      }
      const permissions = permissionsOf(rule, by);
      if (rule.wildcards) this.#rules.addSegmented(rule.path, permissions);
      else if (rule.prefix) this.#rules.addPrefix(rule.path, permissions);
      else this.#rules.addExact(rule.path, permissions);
    }
  }

  /** For lists, a rule for the folder's name without its slash counts too, exact before patterns. */
  #find(path: string, listing: boolean): Permissions | undefined {
    const bare = path.startsWith('/') ? path.replace(/^\/+/, '') : path;
    const exact = this.#rules.exact(bare);
    if (exact !== undefined) return exact;
    const unslashed = listing && bare.endsWith('/') ? bare.slice(0, -1) : undefined;
    if (unslashed !== undefined) {
      const folder = this.#rules.exact(unslashed);
      if (folder !== undefined) return folder;
    }
    const best = this.#rules.best(bare);
    if (best !== undefined || unslashed === undefined) return best;
    return this.#rules.best(unslashed);
  }

  check(request: Request): AclDecision {
    const { operation, data, wrap, namespace } = request;
    if (operation === 'help') return { allowed: true, sudo: true, root: false, granting: [] };
    const listing = operation === 'list' || operation === 'scan';
    const rule = this.#find(namespace.path === '' ? request.path : namespace.path + request.path, listing);
    if (rule === undefined) return refused;
    const sudo = (rule.capabilities & SUDO) !== 0;
    const denied: AclDecision = { allowed: false, sudo, root: false, granting: [] };
    const needed = neededCapability(operation);
    if (needed === undefined || (rule.capabilities & needed) === 0 || (rule.capabilities & DENY) !== 0) return denied;
    const granting = rule.granting.get(needed) ?? [];
    const ttl = wrap?.ttl ?? 0;
    if (rule.maxWrappingTtl > 0 && (wrap === undefined || ttl > rule.maxWrappingTtl)) return { ...denied, granting };
    if (rule.minWrappingTtl > 0 && (wrap === undefined || ttl < rule.minWrappingTtl)) return { ...denied, granting };
    // Merging can make the two contradict each other, though no single rule may.
    if (rule.maxWrappingTtl > 0 && rule.maxWrappingTtl < rule.minWrappingTtl) return { ...denied, granting };
    const withFields =
      operation === 'read' || operation === 'create' || operation === 'update' || operation === 'patch';
    if (withFields && !parametersPass(rule, data)) return { ...denied, granting };
    const group = controlling(rule.controlGroup, operation);
    const controlled = group === undefined ? {} : { controlGroup: group };
    if (!listing) return { allowed: true, sudo, root: false, granting, ...controlled };
    const limit = pageLimit(rule, data);
    if (limit.denied) return { ...denied, granting };
    return {
      allowed: true,
      sudo,
      root: false,
      granting,
      ...controlled,
      ...(limit.inject !== undefined && { limit: limit.inject }),
      ...(rule.keysFilterPath !== '' && { keysFilterPath: rule.keysFilterPath }),
    };
  }

  *rules(): Iterable<AclRule> {
    for (const [kind, path, permissions] of this.#rules.rules()) {
      yield { ...permissions, kind, path, capabilities: capabilityNames(permissions.capabilities) };
    }
  }

  capabilities(path: string): string[] {
    return capabilityNames(this.#find(path, true)?.capabilities ?? 0);
  }
}
