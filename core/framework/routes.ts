/** Finds the first declared path that matches, looking only at those that can begin with the path's first segment. */
import type { Path } from './engine.ts';

export interface Found {
  readonly path: Path;
  readonly captured: readonly string[];
}

export class RouteTable {
  readonly #bySegment = new Map<string, readonly Path[]>();
  readonly #anywhere: readonly Path[];

  constructor(paths: readonly Path[]) {
    this.#anywhere = paths.filter(({ pattern }) => pattern.segment === undefined);
    for (const { pattern } of paths) {
      const { segment } = pattern;
      if (segment === undefined || this.#bySegment.has(segment)) continue;
      // Declaration order decides, so wild patterns keep their place among the literal ones.
      this.#bySegment.set(
        segment,
        paths.filter((path) => path.pattern.segment === undefined || path.pattern.segment === segment),
      );
    }
  }

  find(path: string): Found | undefined {
    const slash = path.indexOf('/');
    const candidates = this.#bySegment.get(slash < 0 ? path : path.slice(0, slash)) ?? this.#anywhere;
    for (const candidate of candidates) {
      const captured = candidate.pattern.match(path);
      if (captured !== undefined) return { path: candidate, captured };
    }
    return undefined;
  }
}
