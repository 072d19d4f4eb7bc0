/**
 * Active nodes that answered too slowly while Raft went on: upstream logs nothing of slow syncs, and heartbeats do not
 * wait for them. All that can be seen is that who had forwarded a request was left before the answer came.
 */
import { SECOND, type Micros } from '../core/runtime.ts';
import type { ClusterLog } from './cluster-log.ts';
import type { InferredFault } from './faults.ts';
import type { Moment } from './moments.ts';

/** One client that goes away proves nothing. */
const LEAST = 3;
/** What is further apart has not to do with one another. */
const PAUSE: Micros = 30 * SECOND;

export function slowLeaders(log: ClusterLog, explained: readonly InferredFault[]): InferredFault[] {
  return spells(log.moments.filter(({ kind }) => kind === 'peer slow')).flatMap((spell): InferredFault[] => {
    const [first, last] = [spell[0]!.at, spell.at(-1)!.at];
    const count = spell.reduce((sum, { times }) => sum + times, 0);
    // What the first one gave up began earlier, about as much as such requests are apart.
    const apart = Math.floor((last - first) / Math.max(1, count - 1));
    const before = log.moments.findLast(({ kind, at }) => kind === 'active' && at < first)?.at ?? first;
    const active = log.moments.findLast(({ kind, at }) => kind === 'active' && at < first)?.node;
    const isKnown = explained.some(
      ({ at, until }) => at.from - SECOND <= last && (until?.to ?? at.to) + SECOND >= first,
    );
    if (count < LEAST || active === undefined || isKnown) return [];
    return [
      {
        kind: 'slow',
        node: active,
        active: true,
        at: { from: Math.max(first - 2 * apart, before), to: first },
        until: { from: last, to: last },
        sure: 'possible',
        why: `${count} requests forwarded to it were given up while Raft went on: its disk or CPU may have been slow, which is not logged`,
      },
    ];
  });
}

function spells(moments: readonly Moment[]): Moment[][] {
  const found: Moment[][] = [];
  for (const moment of moments) {
    const open = found.at(-1);
    if (open !== undefined && moment.at - open.at(-1)!.at < PAUSE) open.push(moment);
    else found.push([moment]);
  }
  return found;
}
