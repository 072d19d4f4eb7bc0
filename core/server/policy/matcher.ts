/** Finds the rule for a path: exact, then the best of prefix globs and `+` patterns (priorities of facts §5.3). */
import type { Permissions } from './merge.ts';

interface Candidate {
  /** Where the first '+' or '*' stands. */
  readonly firstWildcard: number;
  readonly prefix: boolean;
  readonly pluses: number;
  /** The pattern without a trailing '*'. */
  readonly pattern: string;
  readonly permissions: Permissions;
}

/** One path segment deep in the tree of `+` patterns. */
interface Segment {
  readonly literal: Map<string, Segment>;
  plus: Segment | undefined;
  end: Candidate | undefined;
  /** Patterns that end here in `<start>*`. */
  readonly globs: { readonly start: string; readonly candidate: Candidate }[];
}

const emptySegment = (): Segment => ({ literal: new Map(), plus: undefined, end: undefined, globs: [] });

/** Whether `a` has lower priority than `b`. */
function weaker(a: Candidate, b: Candidate): boolean {
  if (a.firstWildcard !== b.firstWildcard) return a.firstWildcard < b.firstWildcard;
  if (a.prefix !== b.prefix) return a.prefix;
  if (a.pluses !== b.pluses) return a.pluses > b.pluses;
  if (a.pattern.length !== b.pattern.length) return a.pattern.length < b.pattern.length;
  return a.pattern < b.pattern;
}

/** Prefix rules by text, probed from the longest length that occurs to the shortest: few lengths, one map look-up each. */
export class Matcher {
  readonly #exact = new Map<string, Permissions>();
  readonly #prefixes = new Map<string, Permissions>();
  readonly #segmented = new Map<string, Permissions>();
  readonly #root = emptySegment();
  #lengths: number[] = [];

  exact(path: string): Permissions | undefined {
    return this.#exact.get(path);
  }

  addExact(path: string, permissions: Permissions): void {
    this.#exact.set(path, permissions);
  }

  prefix(path: string): Permissions | undefined {
    return this.#prefixes.get(path);
  }

  addPrefix(path: string, permissions: Permissions): void {
    this.#prefixes.set(path, permissions);
    if (!this.#lengths.includes(path.length)) {
      this.#lengths.push(path.length);
      this.#lengths.sort((a, b) => b - a);
    }
  }

  segmented(pattern: string): Permissions | undefined {
    return this.#segmented.get(pattern);
  }

  /** `pattern` has whole segments `+` and may end in '*'. */
  addSegmented(pattern: string, permissions: Permissions): void {
    this.#segmented.set(pattern, permissions);
    const glob = pattern.endsWith('*');
    const bare = glob ? pattern.slice(0, -1) : pattern;
    const parts = bare.split('/');
    const candidate: Candidate = {
      firstWildcard: pattern.indexOf('+'),
      prefix: glob,
      pluses: parts.filter((part) => part === '+').length,
      pattern: bare,
      permissions,
    };
    const start = glob ? parts.pop()! : '';
    let at = this.#root;
    for (const part of parts) {
      if (part === '+') at = at.plus ??= emptySegment();
      else {
        let next = at.literal.get(part);
        if (next === undefined) at.literal.set(part, (next = emptySegment()));
        at = next;
      }
    }
    if (glob) at.globs.push({ start, candidate });
    else at.end = candidate;
  }

  /** All rules: exact ones, then globs (without the '*'), then patterns with '+'. */
  *rules(): Iterable<readonly [kind: 'exact' | 'glob' | 'segments', path: string, permissions: Permissions]> {
    for (const [path, permissions] of this.#exact) yield ['exact', path, permissions];
    for (const [path, permissions] of this.#prefixes) yield ['glob', path, permissions];
    for (const [path, permissions] of this.#segmented) yield ['segments', path, permissions];
  }

  /** Of globs and `+` patterns that match `path`, the one with the highest priority. */
  best(path: string): Permissions | undefined {
    let found: Candidate | undefined;
    for (const length of this.#lengths) {
      if (length > path.length) continue;
      const pattern = path.slice(0, length);
      const permissions = this.#prefixes.get(pattern);
      if (permissions === undefined) continue;
      if (this.#segmented.size === 0) return permissions;
      found = { firstWildcard: length, prefix: true, pluses: 0, pattern, permissions };
      break;
    }
    if (this.#segmented.size === 0) return undefined;
    const parts = path.split('/');
    const consider = (candidate: Candidate): void => {
      if (found === undefined || weaker(found, candidate)) found = candidate;
    };
    const walk = (at: Segment, depth: number): void => {
      const part = parts[depth];
      if (part === undefined) {
        if (at.end !== undefined) consider(at.end);
        return;
      }
      for (const glob of at.globs) if (part.startsWith(glob.start)) consider(glob.candidate);
      const next = at.literal.get(part);
      if (next !== undefined) walk(next, depth + 1);
      if (at.plus !== undefined) walk(at.plus, depth + 1);
    };
    walk(this.#root, 0);
    return found?.permissions;
  }
}
