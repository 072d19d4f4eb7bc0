/** Which policies a new token gets, from what is asked for, its parent and the role. */
import { quote } from '../../codec/go-quote.ts';
import { refuse } from '../../fault.ts';
import { hiddenPolicies } from '../policy/builtin.ts';
import { matchesGlob } from '../../codec/glob.ts';
import { sanitizePolicies } from './policy-names.ts';
import type { TokenRole } from './roles.ts';

export interface Asked {
  readonly policies: readonly string[];
  readonly noDefaultPolicy: boolean;
}

const quoted = (list: readonly string[]): string => `[${list.map(quote).join(' ')}]`;
const inGlobs = (globs: readonly string[], name: string): boolean => globs.some((glob) => matchesGlob(glob, name));

/** Refuses what neither sudo nor the role allows. `foreign`: the parent is of another namespace. */
export function childPolicies(
  asked: Asked,
  parent: readonly string[],
  role: TokenRole | undefined,
  sudo: boolean,
  foreign: boolean,
): string[] {
  let addDefault = false;
  let wanted = asked.policies;
  if (role !== undefined && restricts(role)) wanted = rolePolicies(asked, parent, role);
  else if (foreign) addDefault = !asked.noDefaultPolicy;
  else if (wanted.length === 0) wanted = parent;
  else if (sudo) addDefault = !asked.noDefaultPolicy;
  else {
    const owned = sanitizePolicies(parent, false);
    if (!sanitizePolicies(wanted, false).every((name) => owned.includes(name))) {
      throw refuse('child policies must be subset of parent');
    }
    addDefault = !asked.noDefaultPolicy && parent.includes('default');
  }
  let policies = sanitizePolicies(wanted, addDefault);
  if (asked.noDefaultPolicy) policies = policies.filter((name) => name !== 'default');
  for (const name of policies) {
    if (hiddenPolicies.includes(name)) throw refuse(`cannot assign policy ${quote(name)}`);
  }
  if (policies.includes('root') && !parent.includes('root')) {
    throw refuse('root tokens may not be created without parent token being root');
  }
  return policies;
}

const restricts = (role: TokenRole): boolean =>
  role.allowedPolicies.length > 0 ||
  role.disallowedPolicies.length > 0 ||
  role.allowedPoliciesGlob.length > 0 ||
  role.disallowedPoliciesGlob.length > 0;

/** A role with lists of its own overrides the parent. */
function rolePolicies(asked: Asked, parent: readonly string[], role: TokenRole): readonly string[] {
  const addDefault =
    !asked.noDefaultPolicy &&
    !role.tokenNoDefaultPolicy &&
    !role.disallowedPolicies.includes('default') &&
    !inGlobs(role.disallowedPoliciesGlob, 'default');
  let policies = asked.policies.length > 0 ? sanitizePolicies(asked.policies, addDefault) : [];
  if (role.allowedPolicies.length > 0 || role.allowedPoliciesGlob.length > 0) {
    const allowed = sanitizePolicies(role.allowedPolicies, addDefault);
    if (policies.length === 0) policies = allowed;
    else if (!policies.every((name) => allowed.includes(name) || inGlobs(role.allowedPoliciesGlob, name))) {
      throw refuse(
        `token policies (${quoted(policies)}) must be subset of the role's allowed policies (${quoted(allowed)}) or glob policies (${quoted(role.allowedPoliciesGlob)})`,
      );
    }
  } else if (policies.length === 0) policies = sanitizePolicies(parent, addDefault);
  for (const name of policies) {
    if (role.disallowedPolicies.includes(name) || inGlobs(role.disallowedPoliciesGlob, name)) {
      throw refuse(`token policy ${quote(name)} is disallowed by this role`);
    }
  }
  return policies;
}
