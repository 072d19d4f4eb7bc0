/** For how long nobody was active: out of what became of the nodes, and what was done to them. */
import type { Micros } from '../../core/runtime.ts';

export interface Change {
  readonly at: Micros;
  readonly node: string;
  /** `struck`: dead, standing still or cut off; `whole`: not any more, in the same life. */
  readonly what: 'active' | 'inactive' | 'struck' | 'whole';
}

export interface Vacancy {
  readonly from: Micros;
  /** Undefined: until the end. */
  readonly until: Micros | undefined;
  /** Who was active before. */
  readonly left: string;
  readonly heir: string | undefined;
}

/** The changes in order of time. What was before somebody became active for the first time does not count. */
export function vacancies(changes: readonly Change[]): Vacancy[] {
  const found: Vacancy[] = [];
  let holder: string | undefined;
  let open: { readonly from: Micros; readonly left: string } | undefined;
  const close = (until: Micros | undefined, heir: string | undefined): void => {
    if (open !== undefined && open.from !== until) found.push({ ...open, until, heir });
    open = undefined;
    holder = heir;
  };
  for (const [index, { at, node, what }] of changes.entries()) {
    if (what === 'active') {
      close(at, node);
      holder = node;
    } else if (what === 'whole') {
      if (open?.left === node && goesOn(changes.slice(index + 1), node)) close(at, node);
    } else if (holder === node) {
      open = { from: at, left: node };
      holder = undefined;
    }
  }
  if (open !== undefined) close(undefined, undefined);
  return found;
}

/** Whether nobody took its place, and it has not let go either. */
function goesOn(later: readonly Change[], node: string): boolean {
  const next = later.find((change) => change.what === 'active' || change.node === node);
  return next === undefined || (next.node === node && next.what === 'struck');
}

export const lasted = ({ from, until }: Vacancy, end: Micros): Micros => (until ?? end) - from;
