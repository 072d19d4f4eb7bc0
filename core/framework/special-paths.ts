/** Which of a mount's paths need sudo or no token, as the router and the OpenAPI document know them. */
import type { Path } from './engine.ts';
import type { SpecialPaths } from './logical.ts';

/** What paths say of themselves and what the engine adds. */
export function specialPaths(paths: readonly Path[], more: Partial<SpecialPaths> = {}): SpecialPaths {
  const collect = (key: 'sudo' | 'unauthenticated', extra: readonly string[] = []): string[] => {
    const out = [...extra];
    for (const { options, pattern } of paths) {
      const given = options[key];
      if (given !== undefined) out.push(given === true ? pattern.special : given);
    }
    return out;
  };
  return {
    root: collect('sudo', more.root),
    unauthenticated: collect('unauthenticated', more.unauthenticated),
    binary: more.binary ?? [],
  };
}

/** Whether one of the patterns ('config/*', 'role/+/id') covers a path of the OpenAPI document ('config/{name}'). */
export function isSpecial(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) => {
    const open = pattern.endsWith('*');
    const parts = (open ? pattern.slice(0, -1) : pattern).split('/');
    const given = path.split('/');
    if (open ? given.length < parts.length : given.length !== parts.length) return false;
    return parts.every((part, at) => {
      if (part === '+') return true;
      return open && at === parts.length - 1 ? given[at]!.startsWith(part) : given[at] === part;
    });
  });
}
