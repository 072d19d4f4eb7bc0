/** Nodes that others lost while they lived: they stood still, or were cut off. */
import { MILLISECOND, type Micros } from '../core/runtime.ts';
import type { ClusterLog } from './cluster-log.ts';
import type { InferredFault } from './faults.ts';
import type { Moment } from './moments.ts';
import { lastContact, lastSignBefore, LOOSE, type Range } from './when.ts';

/** A leader gives up when it has not reached a quorum for so long, at multiplier 1. */
const LEASE: Micros = 500 * MILLISECOND;
/** What explains a timeout may have been a little later, by another node's clock. */
const SKEW: Micros = 1_000 * MILLISECOND;

/** Leaders whose followers heard nothing of them any more, though their process went on. */
export function lostLeaders(log: ClusterLog, explained: readonly InferredFault[], multiplier: number): InferredFault[] {
  const found: InferredFault[] = [];
  for (const [index, timeout] of log.moments.entries()) {
    const { peer: leader } = timeout;
    if (timeout.kind !== 'heartbeat timeout' || leader === undefined) continue;
    const sign = lastSignBefore(log, timeout, multiplier);
    if (isExplained([...explained, ...found], leader, sign.from, timeout.at)) continue;
    const later = log.moments.slice(index);
    const heir = later.find(({ kind, node }) => kind === 'election won' && node !== leader);
    if (heir === undefined) continue;
    const fault = lostLeader(log, leader, sign, heir, multiplier);
    if (fault !== undefined) found.push(fault);
  }
  return found;
}

function lostLeader(
  log: ClusterLog,
  leader: string,
  sign: Range,
  heir: Moment,
  multiplier: number,
): InferredFault | undefined {
  const own = log.nodes.find(({ facts }) => facts.id === leader);
  const gaveUp = own?.moments.find(
    ({ kind, at }) => (kind === 'no quorum' || kind === 'leadership lost') && at > sign.from,
  );
  // Its heir reaches it, or is asked for a vote by it.
  const reached = log.moments.find(
    ({ kind, node, peer, at }) => CONTACT.has(kind) && node === heir.node && peer === leader && at > heir.at,
  );
  const alone = own?.moments.findLast(({ kind, at }) => kind === 'election timeout' && at < (reached?.at ?? Infinity));
  const over = reached === undefined ? {} : { until: { from: Math.max(heir.at, alone?.at ?? 0), to: reached.at } };
  const common = { node: leader, active: true } as const;
  if (own === undefined)
    return { ...common, kind: 'kill', at: sign, sure: 'possible', why: 'others lost it, and its own log is not here' };
  const last = own.entries.findLast(({ at }) => at <= sign.to)?.at ?? sign.from;
  const again = own.entries.find(({ at }) => at > sign.to)?.at;
  if (gaveUp !== undefined && gaveUp.at > heir.at) {
    const from = Math.max(sign.from, last);
    const why = 'others lost it and elected another; it said nothing until it found that it had no quorum';
    const until = Math.min(again ?? gaveUp.at, gaveUp.at);
    return {
      ...common,
      kind: 'pause',
      at: { from, to: sign.to },
      until: { from: until, to: until },
      sure: 'likely',
      why,
    };
  }
  if (gaveUp !== undefined) {
    const contact = missedSince(log, own.moments, gaveUp.at, LEASE * multiplier * 2);
    const from = Math.max(sign.from, (contact ?? gaveUp.at - LEASE * multiplier * 2) - LOOSE);
    const to = Math.max(
      from,
      Math.min(sign.to, contact === undefined ? gaveUp.at - LEASE * multiplier : contact + LEASE * multiplier),
    );
    return {
      ...common,
      kind: 'isolate',
      at: { from, to },
      ...over,
      sure: 'certain',
      why: 'it lost its quorum while others elected another',
    };
  }
  if (again !== undefined && again < heir.at) return undefined;
  return { ...common, kind: 'pause', at: sign, ...over, sure: 'possible', why: 'others lost it, and it says nothing' };
}

const CONTACT: ReadonlySet<Moment['kind']> = new Set(['peer reached', 'pre-vote rejected']);

/** When a leader had last reached those it missed when it gave up. */
function missedSince(log: ClusterLog, moments: readonly Moment[], gaveUp: Micros, within: Micros): Micros | undefined {
  const signs = moments
    .filter(({ at }) => at <= gaveUp && at > gaveUp - within)
    .flatMap((moment) => lastContact(log, moment) ?? []);
  return signs.length === 0 ? undefined : Math.max(...signs);
}

/** Followers that the leader could not reach, though their process went on. */
export function lostFollowers(
  log: ClusterLog,
  explained: readonly InferredFault[],
  multiplier: number,
): InferredFault[] {
  const found: InferredFault[] = [];
  for (const missed of log.moments) {
    const { peer: node } = missed;
    const contact = lastContact(log, missed);
    if (contact === undefined || node === undefined || node === missed.node) continue;
    if (isExplained([...explained, ...found], node, contact - SKEW, missed.at)) continue;
    // One that misses others is lost itself, as far as they can tell.
    if (isExplained(explained, missed.node, contact - SKEW, missed.at)) continue;
    if (
      log.moments.some(
        ({ kind, node: who, at }) =>
          kind === 'no quorum' && who === missed.node && at >= missed.at && at - missed.at < LEASE * multiplier * 2,
      )
    )
      continue;
    const reached = log.moments.find(
      ({ kind, node: who, peer, at }) =>
        kind === 'peer reached' && who === missed.node && peer === node && at > missed.at,
    );
    const own = log.nodes.find(({ facts }) => facts.id === node);
    const alone =
      own?.moments.some(
        ({ kind, at }) => kind === 'heartbeat timeout' && at > contact && at < (reached?.at ?? Infinity),
      ) ?? false;
    const until = reached === undefined ? {} : { until: { from: missed.at, to: reached.at } };
    found.push({
      kind: alone ? 'isolate' : 'pause',
      node,
      active: false,
      at: { from: contact, to: contact + LEASE * multiplier },
      ...until,
      sure: alone ? 'likely' : 'possible',
      why: alone
        ? 'the leader did not reach it, and it did not hear of the leader'
        : 'the leader did not reach it, and it says nothing of it',
    });
  }
  return found;
}

/** Whether something that is known already keeps a node from being heard at some time between. */
function isExplained(faults: readonly InferredFault[], node: string, from: Micros, to: Micros): boolean {
  return faults.some(
    (fault) => fault.node === node && fault.at.from <= to + SKEW && (fault.until?.to ?? fault.at.to) + SKEW >= from,
  );
}
