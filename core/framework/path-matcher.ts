/**
 * A backend's list of special paths, prepared for lookups: exact names, prefixes ('login/*'), and patterns in which
 * '+' stands for one segment ('roles/+/login', with or without a final '*').
 */
export interface PathMatcher {
  has(path: string): boolean;
}

export function pathMatcher(patterns: readonly string[]): PathMatcher {
  const exact = new Set<string>();
  const prefixes: string[] = [];
  const wild: { segments: readonly string[]; prefix: boolean }[] = [];
  for (const pattern of patterns) {
    const prefix = pattern.endsWith('*');
    const text = prefix ? pattern.slice(0, -1) : pattern;
    if (text.split('/').includes('+')) wild.push({ segments: text.split('/'), prefix });
    else if (prefix) prefixes.push(text);
    else exact.add(text);
  }
  return {
    has: (path) =>
      exact.has(path) ||
      prefixes.some((prefix) => path.startsWith(prefix)) ||
      (wild.length > 0 && matchesWild(path.split('/'), wild)),
  };
}

function matchesWild(segments: readonly string[], wild: readonly { segments: readonly string[]; prefix: boolean }[]) {
  return wild.some((pattern) => {
    const last = pattern.segments.length - 1;
    if (pattern.prefix ? segments.length <= last : segments.length !== pattern.segments.length) return false;
    return pattern.segments.every((expected, i) => {
      if (expected === '+') return true;
      const actual = segments[i]!;
      return pattern.prefix && i === last ? actual.startsWith(expected) : actual === expected;
    });
  });
}
