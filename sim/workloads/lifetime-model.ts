/** How long a token or a lease may live, from what was asked for and what the mount allows: the documented rules, anew. */
import type { Micros } from '../../core/runtime.ts';

/** Of a mount; never 0. */
export interface MountTtls {
  readonly usual: Micros;
  readonly most: Micros;
}

/** 0: not asked for. */
export interface Terms {
  readonly ttl: Micros;
  /** Without the explicit one. */
  readonly most: Micros;
  readonly explicitMost: Micros;
  readonly period: Micros;
}

export const NO_TERMS: Terms = { ttl: 0, most: 0, explicitMost: 0, period: 0 };

/** What is given `age` after the beginning; what is not above 0 is refused. `increment` 0: as much as before. */
export function grant(terms: Terms, mount: MountTtls, age: Micros, increment: Micros = 0): Micros {
  const most = Math.min(mount.most, ...[terms.most, terms.explicitMost].filter((limit) => limit > 0));
  // A period has no end, unless somebody set one explicitly.
  if (terms.period > 0) {
    const left = terms.explicitMost > 0 ? terms.explicitMost - age : Infinity;
    return Math.min(terms.period, most, left);
  }
  return Math.min(increment || terms.ttl || mount.usual, most - age);
}

/** Of two limits that both may be missing. */
export const lesser = (one: number, other: number): number =>
  one === 0 ? other : other === 0 ? one : Math.min(one, other);
