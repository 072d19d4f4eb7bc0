/** What the documentation of policies says of a request, worked out rule by rule and without haste. */

/** One path of a policy. */
export interface Rule {
  readonly pattern: string;
  readonly capabilities: readonly string[];
  /** Fields that may not be sent, whatever their case. */
  readonly denied: readonly string[];
}

export interface Wish {
  readonly path: string;
  readonly capability: string;
  /** Whether the path asks for `sudo` besides. */
  readonly sudo: boolean;
  readonly fields: readonly string[];
}

/** A segment `+` is any one segment, a `*` at the end any rest. */
function matches(pattern: string, path: string): boolean {
  const open = pattern.endsWith('*');
  const wanted = (open ? pattern.slice(0, -1) : pattern).split('/');
  const given = path.split('/');
  const last = wanted.length - 1;
  if (open ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((segment, at) => {
    if (open && at === last) return given.slice(at).join('/').startsWith(segment);
    return segment === '+' || segment === given[at];
  });
}

const wildcard = (pattern: string): number => {
  const at = pattern.search(/[+*]/);
  return at < 0 ? Infinity : at;
};

/** Which of two patterns that match counts: positive: `a`. */
function compare(a: string, b: string): number {
  const glob = (pattern: string): number => (pattern.endsWith('*') ? 1 : 0);
  const pluses = (pattern: string): number => pattern.split('/').filter((segment) => segment === '+').length;
  if (wildcard(a) !== wildcard(b)) return wildcard(a) > wildcard(b) ? 1 : -1;
  return glob(b) - glob(a) || pluses(b) - pluses(a) || a.length - b.length || (a > b ? 1 : a < b ? -1 : 0);
}

/** Rules of the best pattern add up over all policies, but a `deny` among them settles it. */
export function isAllowed(rules: readonly Rule[], { path, capability, sudo, fields }: Wish): boolean {
  const fitting = rules.filter(({ pattern }) => matches(pattern, path));
  const best = fitting
    .map(({ pattern }) => pattern)
    .sort(compare)
    .at(-1);
  const counting = fitting.filter(({ pattern }) => pattern === best);
  const has = (what: string): boolean => counting.some(({ capabilities }) => capabilities.includes(what));
  if (has('deny') || !has(capability) || (sudo && !has('sudo'))) return false;
  const denied = counting.flatMap((rule) => rule.denied.map((field) => field.toLowerCase()));
  return !fields.some((field) => denied.includes(field.toLowerCase()));
}

/** As a policy says it. */
export function printRules(rules: readonly Rule[]): string {
  const quoted = (texts: readonly string[]): string => texts.map((text) => JSON.stringify(text)).join(', ');
  return rules
    .map(({ pattern, capabilities, denied }) => {
      const fields = denied.map((field) => `${JSON.stringify(field)} = []`).join(', ');
      const parameters = denied.length === 0 ? '' : ` denied_parameters = { ${fields} }`;
      return `path ${JSON.stringify(pattern)} { capabilities = [${quoted(capabilities)}]${parameters} }`;
    })
    .join('\n');
}
