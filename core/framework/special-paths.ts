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
