/** What the documentation says of who may make which token: policies, and what takes `sudo`. */

/** Who asks: a token. */
export interface Giver {
  readonly policies: readonly string[];
  readonly sudo: boolean;
  /** Whether it ends some day. */
  readonly expires: boolean;
}

/** Of auth/token: one that has lists does not ask what the giver has. */
export interface GivingRole {
  readonly name: string;
  readonly allowed: readonly string[];
  /** `x*`. */
  readonly allowedGlobs: readonly string[];
  readonly disallowed: readonly string[];
  readonly disallowedGlobs: readonly string[];
}

export interface Wanted {
  readonly policies: readonly string[];
  readonly noDefault: boolean;
  /** Without a parent, by a field of the request. */
  readonly noParent: boolean;
  readonly periodic: boolean;
  readonly ownId: boolean;
  /** Whether it is to end some day, also where nothing says so. */
  readonly expires: boolean;
  readonly role: GivingRole | undefined;
}

/** The policies of the token; undefined: it is refused. */
export function given(giver: Giver, wanted: Wanted): readonly string[] | undefined {
  const { noDefault, noParent, periodic, ownId, expires, role } = wanted;
  // A role says itself whether there is a parent.
  if (!giver.sudo && (periodic || ownId || (noParent && role === undefined))) return undefined;
  const policies = role === undefined ? ofGiver(giver, wanted) : ofRole(giver, wanted, role);
  if (policies === undefined) return undefined;
  const kept = policies.includes('root') ? ['root'] : policies.filter((name) => !noDefault || name !== 'default');
  if (kept.includes('root')) {
    if (!giver.policies.includes('root')) return undefined;
    if (giver.expires && !expires && !periodic) return undefined;
  }
  return [...new Set(kept)].sort();
}

function ofGiver({ policies, sudo }: Giver, wanted: Wanted): readonly string[] | undefined {
  if (wanted.policies.length === 0) return policies;
  if (sudo) return [...wanted.policies, 'default'];
  if (!wanted.policies.every((name) => policies.includes(name))) return undefined;
  return policies.includes('default') ? [...wanted.policies, 'default'] : wanted.policies;
}

function ofRole(giver: Giver, wanted: Wanted, role: GivingRole): readonly string[] | undefined {
  const isBarred = (name: string): boolean => role.disallowed.includes(name) || fits(role.disallowedGlobs, name);
  const usual = wanted.noDefault || isBarred('default') ? [] : ['default'];
  const own = role.allowed.length > 0 || role.allowedGlobs.length > 0 ? role.allowed : undefined;
  const asked = wanted.policies.length > 0 ? wanted.policies : (own ?? giver.policies);
  const policies = asked.includes('root') ? ['root'] : [...asked, ...usual];
  const isAllowed = (name: string): boolean =>
    own === undefined || own.includes(name) || usual.includes(name) || fits(role.allowedGlobs, name);
  return policies.every((name) => isAllowed(name) && !isBarred(name)) ? policies : undefined;
}

const fits = (globs: readonly string[], name: string): boolean =>
  globs.some((glob) => name.startsWith(glob.slice(0, -1)));
