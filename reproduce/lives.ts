/** The lives of a node's process: how each began, and how it ended. */
import type { Micros } from '../core/runtime.ts';
import type { NodeLog } from './cluster-log.ts';
import type { Moment } from './moments.ts';

export interface Life {
  readonly from: Micros;
  /** Its last sign. */
  readonly last: Micros;
  /** The start of the next one. */
  readonly next: Micros | undefined;
  readonly moments: readonly Moment[];
  readonly shutdown: Moment | undefined;
  readonly panic: Moment | undefined;
  readonly sealed: Moment | undefined;
}

/** A log may begin in the middle of a life. */
export function livesOf({ entries, moments }: NodeLog): Life[] {
  const first = entries[0]!.at;
  const starts = [...new Set([first, ...moments.filter(({ kind }) => kind === 'start').map(({ at }) => at)])].sort(
    (a, b) => a - b,
  );
  return starts.map((from, index) => {
    const next = starts[index + 1];
    const inside = ({ at }: { readonly at: Micros }): boolean => at >= from && (next === undefined || at < next);
    const own = moments.filter(inside);
    const only = (kind: Moment['kind']): Moment | undefined => own.findLast((moment) => moment.kind === kind);
    return {
      from,
      last: Math.max(from, ...entries.filter(inside).map(({ at }) => at)),
      next,
      moments: own,
      shutdown: only('shutdown'),
      panic: only('panic'),
      sealed: only('sealed'),
    };
  });
}
