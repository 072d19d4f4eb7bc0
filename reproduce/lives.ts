/** The lives of a node's process: how each began, and how it ended. */
import type { Micros } from '../core/runtime.ts';
import type { ClusterLog, NodeLog } from './cluster-log.ts';
import type { Moment } from './moments.ts';

const MISSED: ReadonlySet<Moment['kind']> = new Set(['heartbeat timeout', 'peer refused', 'peer broke', 'peer missed']);

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

/** A log may begin in the middle of a life, or after one of which only others speak. */
export function livesOf({ facts, entries, moments }: NodeLog, log: ClusterLog): Life[] {
  const spoken = log.moments.find(({ kind, peer, at }) => peer === facts.id && MISSED.has(kind) && at < entries[0]!.at);
  const first =
    spoken === undefined
      ? Math.min(entries[0]!.at, moments[0]?.at ?? Infinity)
      : Math.min(...log.nodes.map((node) => node.entries[0]!.at));
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
      last: entries.findLast(inside)?.at ?? from,
      next,
      moments: own,
      shutdown: only('shutdown'),
      panic: only('panic'),
      sealed: only('sealed'),
    };
  });
}
