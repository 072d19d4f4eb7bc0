/** How rules for one and the same path, from several policies, become one (facts §5.3). */
import type { JsonValue } from '../../codec/json.ts';
import type { GrantingPolicy } from '../services.ts';
import { DENY, SCAN } from './capability.ts';
import type { ControlGroup } from './control-group.ts';
import type { ParameterValues, PathRule } from './rules.ts';
import { noParameters } from './rules.ts';

/** A rule of a compiled ACL: merged over policies, with who granted which capability (for the audit log). */
export interface Permissions {
  capabilities: number;
  allowed: ParameterValues;
  denied: ParameterValues;
  required: readonly string[];
  minWrappingTtl: number;
  maxWrappingTtl: number;
  paginationLimit: number;
  keysFilterPath: string;
  controlGroup: ControlGroup | undefined;
  readonly granting: Map<number, GrantingPolicy[]>;
}

function grant(permissions: Permissions, capabilities: number, by: GrantingPolicy): void {
  for (let bit = DENY; bit <= SCAN; bit <<= 1) {
    if ((capabilities & bit) === 0) continue;
    const list = permissions.granting.get(bit);
    if (list === undefined) permissions.granting.set(bit, [by]);
    else list.push(by);
  }
}

export function permissionsOf(rule: PathRule, by: GrantingPolicy): Permissions {
  const permissions: Permissions = {
    capabilities: rule.capabilities,
    allowed: rule.allowed,
    denied: rule.denied,
    required: rule.required,
    minWrappingTtl: rule.minWrappingTtl,
    maxWrappingTtl: rule.maxWrappingTtl,
    paginationLimit: rule.paginationLimit,
    keysFilterPath: rule.keysFilterPath,
    controlGroup: rule.controlGroup,
    granting: new Map(),
  };
  grant(permissions, rule.capabilities, by);
  return permissions;
}

const smallerPositive = (a: number, b: number): number => (a === 0 ? b : b === 0 ? a : Math.min(a, b));

/** All factors have to be met. */
function mergeGroups(a: ControlGroup | undefined, b: ControlGroup | undefined): ControlGroup | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { ttl: smallerPositive(a.ttl, b.ttl), factors: [...a.factors, ...b.factors] };
}

function mergeParameters(a: ParameterValues, b: ParameterValues): ParameterValues {
  if (b.size === 0) return a;
  if (a.size === 0) return b;
  const merged = new Map<string, readonly JsonValue[]>(a);
  for (const [name, values] of b) {
    const present = merged.get(name);
    if (present === undefined) merged.set(name, values);
    // An empty list means any value, so it swallows the other.
    else merged.set(name, values.length === 0 || present.length === 0 ? [] : [...values, ...present]);
  }
  return merged;
}

/** Adds `rule` to what earlier policies said of the same path; a deny from any of them is all that stays. */
export function mergeRule(into: Permissions, rule: PathRule, by: GrantingPolicy): void {
  if ((into.capabilities & DENY) !== 0) return;
  if ((rule.capabilities & DENY) !== 0) {
    into.capabilities = DENY;
    into.allowed = noParameters;
    into.denied = noParameters;
    into.granting.clear();
    grant(into, DENY, by);
    return;
  }
  into.capabilities |= rule.capabilities;
  grant(into, rule.capabilities, by);
  into.minWrappingTtl = smallerPositive(into.minWrappingTtl, rule.minWrappingTtl);
  into.maxWrappingTtl = smallerPositive(into.maxWrappingTtl, rule.maxWrappingTtl);
  into.allowed = mergeParameters(into.allowed, rule.allowed);
  into.denied = mergeParameters(into.denied, rule.denied);
  const added = rule.required.filter((name) => !into.required.includes(name));
  if (added.length > 0) into.required = [...into.required, ...added];
  into.paginationLimit = smallerPositive(into.paginationLimit, rule.paginationLimit);
  if (into.keysFilterPath === '') into.keysFilterPath = rule.keysFilterPath;
  into.controlGroup = mergeGroups(into.controlGroup, rule.controlGroup);
}
