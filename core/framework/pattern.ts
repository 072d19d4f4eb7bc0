/**
 * Path patterns. A pattern is upstream's regular expression with shorthands for the captures, because the expression
 * itself is part of the API: help prints it, and the first declared pattern that matches wins.
 *
 *   :name      a generic name: letters, digits, '_', and inside also '-' and '.'
 *   :name@     the same with '@' allowed inside
 *   :path*     the rest of the path, possibly empty;  :path+  not empty
 *   :name{re}  anything matching `re`
 *
 * All else is regular expression: `login(/:role)?`, `users/?`, `(creds|sts)/:name`.
 */

/** The names captured by a pattern, as a type. */
export type Captures<P extends string> = P extends `${string}:${infer Rest}`
  ? Exclude<NameOf<Rest>, NoName> | Captures<Rest>
  : never;

/** What follows upon the colons of `[[:alnum:]]` and `(?:$`. */
type NoName = `${string}:${string}` | `]${string}` | `$${string}`;

type Until<S extends string, D extends string> = S extends `${infer Head}${D}${string}` ? Head : S;
type NameOf<S extends string> = Until<Until<Until<Until<Until<Until<Until<S, '/'>, '*'>, '+'>, '@'>, '{'>, ')'>, '?'>;

export interface Pattern {
  /** Anchored, in Go's syntax, as help and errors show it. */
  readonly source: string;
  readonly captures: readonly string[];
  /** The only first path segment that can match, or undefined when several can. */
  readonly segment: string | undefined;
  /** For the router's lists of special paths: captures as '+', a rest capture as a final '*'. */
  readonly special: string;
  /** The values of `captures` in order ('' where optional parts are missing), or undefined when it does not match. */
  readonly match: (path: string) => readonly string[] | undefined;
}

const GENERIC = String.raw`\w(([\w-.]+)?\w)?`;
const GENERIC_AT = String.raw`\w(([\w-.@]+)?\w)?`;

const shorthand = /(?<![?[]):([A-Za-z_][A-Za-z0-9_]*)(@|\*|\+|\{((?:[^{}]|\{[^{}]*\})*)\})?/g;

/** `listing` makes a trailing slash optional, because list and scan requests always come with one. */
export function compilePattern(pattern: string, listing = false): Pattern {
  const captures: string[] = [];
  const expanded = pattern.replace(shorthand, (_, name: string, suffix?: string, custom?: string) => {
    captures.push(name);
    const inner = custom ?? (suffix === '*' ? '.*' : suffix === '+' ? '.+' : suffix === '@' ? GENERIC_AT : GENERIC);
    return `(?P<${name}>${inner})`;
  });
  const slash = listing && !/[*+?]$|\/$|\$/.test(pattern) ? '/?' : '';
  const source = `^${expanded}${slash}$`;
  return {
    source,
    captures,
    segment: firstSegment(expanded + slash),
    special: specialOf(pattern),
    match: matcher(expanded + slash, captures),
  };
}

// Prefix-and-rest and prefix-only patterns are most of the traffic; they need no regular expression.
function matcher(expanded: string, captures: readonly string[]): Pattern['match'] {
  const rest = /^([\w/-]*)\(\?P<\w+>\.\*\)$/.exec(expanded);
  if (rest) {
    const prefix = rest[1]!;
    return (path) =>
      path.startsWith(prefix) && !path.includes('\n', prefix.length) ? [path.slice(prefix.length)] : undefined;
  }
  if (/^[\w/-]*$/.test(expanded)) {
    const none: readonly string[] = [];
    return (path) => (path === expanded ? none : undefined);
  }
  const expression = new RegExp(`^(?:${inOurSyntax(expanded)})$`);
  return (path) => {
    const found = expression.exec(path);
    if (found === null) return undefined;
    const groups = found.groups;
    return groups === undefined ? [] : captures.map((name) => groups[name] ?? '');
  };
}

/** Go's dot is anything but a line feed, and it knows classes by name. */
const inOurSyntax = (expression: string): string =>
  expression
    .replaceAll('(?P<', '(?<')
    .replaceAll('[[:alnum:]]', '[0-9A-Za-z]')
    .replace(/\\.|\[(?:\\.|[^\]])*\]|\./g, (part) => (part === '.' ? '[^\n]' : part));

function firstSegment(expanded: string): string | undefined {
  const literal = /^[\w-]*/.exec(expanded)![0];
  const after = expanded.slice(literal.length);
  if (after === '' || after === '/?' || after.startsWith('(/')) return literal;
  return after.startsWith('/') && !/^\/[?*]/.test(after) ? literal : undefined;
}

function specialOf(pattern: string): string {
  const star = /:[A-Za-z_]\w*[*]/.exec(pattern);
  if (star) return `${pattern.slice(0, star.index).replace(shorthand, '+')}*`;
  return pattern.replace(shorthand, '+').replace(/\/\?$/, '');
}
