/** Leaders that their followers lost while their process went on: they stood still, or were cut off. */
import { MILLISECOND, type Micros } from '../core/runtime.ts';
import type { ClusterLog, NodeLog } from './cluster-log.ts';
import { isExplained } from './explained.ts';
import type { InferredFault } from './faults.ts';
import type { Moment } from './moments.ts';
import { lastContact, lastSignBefore, LOOSE, type Range } from './when.ts';

/** A leader gives up when it has not reached a quorum for so long, at multiplier 1. */
export const LEASE: Micros = 500 * MILLISECOND;
/** One that gives up so many leases after it was heard for the last time did not run meanwhile. */
const RUNS = 3;

export function lostLeaders(log: ClusterLog, explained: readonly InferredFault[], multiplier: number): InferredFault[] {
  const found: InferredFault[] = [];
  for (const timeout of log.moments) {
    const { peer: leader } = timeout;
    if (timeout.kind !== 'heartbeat timeout' || leader === undefined) continue;
    const sign = lastSignBefore(log, timeout, multiplier);
    if (isExplained([...explained, ...found], leader, sign.from, timeout.at)) continue;
    const own = log.nodes.find(({ facts }) => facts.id === leader);
    const heir = log.moments.find(
      ({ kind, node, at }) => kind === 'election won' && node !== leader && at >= timeout.at,
    );
    if (quorumIsGone(log, [...explained, ...found], leader, timeout.at)) continue;
    const fault =
      own === undefined ? unknown(log, leader, sign, heir) : lostLeader(log, own, sign, heir, LEASE * multiplier);
    if (fault !== undefined) found.push(fault);
  }
  return found;
}

/** Whoever leads gives up when the others are dead, and is not to blame. */
export function quorumIsGone(log: ClusterLog, faults: readonly InferredFault[], leader: string, at: Micros): boolean {
  const nodes = log.nodes.length + log.missing.length;
  const gone = new Set(
    faults
      .filter(
        (fault) =>
          fault.node !== leader && fault.at.from <= at && (fault.until?.to ?? Infinity) >= at && LASTS.has(fault.kind),
      )
      .map(({ node }) => node),
  );
  return (nodes - gone.size) * 2 <= nodes;
}

const LASTS: ReadonlySet<InferredFault['kind']> = new Set(['kill', 'terminate', 'pause', 'isolate', 'seal']);

/** Its log is missing: whether its process ended is told by those who were refused. */
function unknown(log: ClusterLog, node: string, sign: Range, heir: Moment | undefined): InferredFault | undefined {
  if (heir === undefined) return undefined;
  const refused = log.moments.find(
    ({ kind, peer, at }) => kind === 'peer refused' && peer === node && at >= sign.from && at <= heir.at,
  );
  const common = { kind: 'kill', node, active: true } as const;
  if (refused === undefined)
    return { ...common, at: sign, sure: 'possible', why: 'others lost it, and its own log is not here' };
  const to = Math.min(sign.to, refused.at);
  const why = 'others lost it and were refused by it; its own log is not here';
  const of = (kind: Moment['kind']) => (moment: Moment) => moment.kind === kind && moment.peer === node;
  const reached = log.moments.find((moment) => of('peer reached')(moment) && moment.at > heir.at);
  const before = log.moments.findLast((moment) => of('peer refused')(moment) && moment.at < (reached?.at ?? 0));
  const until = reached === undefined ? {} : { until: { from: before?.at ?? heir.at, to: reached.at } };
  return { ...common, at: { from: sign.from, to }, ...until, sure: 'likely', why };
}

function lostLeader(
  log: ClusterLog,
  own: NodeLog,
  sign: Range,
  heir: Moment | undefined,
  lease: Micros,
): InferredFault | undefined {
  const gaveUp = own.moments.find(({ kind, at }) => GIVES_UP.has(kind) && at > sign.from);
  if (gaveUp !== undefined && gaveUp.at <= sign.to + RUNS * lease)
    return cutOff(log, own, sign, gaveUp.at, heir, lease);
  const until = gaveUp === undefined ? heir?.at : gaveUp.at - 2 * lease;
  if (until === undefined || own.moments.some(({ kind, at }) => OF_A_LEADER.has(kind) && at > sign.to && at < until))
    return undefined;
  const common = { kind: 'pause', node: own.facts.id, active: true } as const;
  const last = own.entries.findLast(({ at }) => at <= sign.to)?.at ?? sign.from;
  const again = own.entries.find(({ at }) => at > sign.to)?.at;
  const at = { from: Math.max(sign.from, last), to: sign.to };
  if (gaveUp !== undefined) {
    const back = Math.min(again ?? gaveUp.at, gaveUp.at);
    const why = 'others lost it; it said nothing until it found that it had no quorum';
    return { ...common, at, until: { from: back, to: back }, sure: 'likely', why };
  }
  if (again !== undefined && again < until) return undefined;
  return {
    ...common,
    at,
    ...reachedAgain(log, own, heir),
    sure: 'possible',
    why: 'others lost it, and it says nothing',
  };
}

function cutOff(
  log: ClusterLog,
  own: NodeLog,
  sign: Range,
  gaveUp: Micros,
  heir: Moment | undefined,
  lease: Micros,
): InferredFault {
  const contact = missedSince(log, own.moments, gaveUp, 2 * lease);
  const from = Math.max(sign.from, (contact ?? gaveUp - 2 * lease) - LOOSE);
  const to = Math.max(from, Math.min(sign.to, contact === undefined ? gaveUp - lease : contact + lease));
  const why =
    heir === undefined ? 'it lost its quorum, and others lost it' : 'it lost its quorum while others elected another';
  return {
    kind: 'isolate',
    node: own.facts.id,
    active: true,
    at: { from, to },
    ...reachedAgain(log, own, heir),
    sure: heir === undefined ? 'likely' : 'certain',
    why,
  };
}

/** When its heir reached it, or was asked for a vote by it. */
function reachedAgain(log: ClusterLog, own: NodeLog, heir: Moment | undefined): { readonly until?: Range } {
  if (heir === undefined) return {};
  const { id } = own.facts;
  const reached = log.moments.find(
    ({ kind, node, peer, at }) => CONTACT.has(kind) && node === heir.node && peer === id && at > heir.at,
  );
  if (reached === undefined) return {};
  const alone = own.moments.findLast(({ kind, at }) => kind === 'election timeout' && at < reached.at);
  return { until: { from: Math.max(heir.at, alone?.at ?? 0), to: reached.at } };
}

const GIVES_UP: ReadonlySet<Moment['kind']> = new Set(['no quorum', 'leadership lost']);
/** What nobody but a leader that goes on would say. */
const OF_A_LEADER: ReadonlySet<Moment['kind']> = new Set([
  'peer missed',
  'peer silent',
  'peer refused',
  'peer reached',
]);
const CONTACT: ReadonlySet<Moment['kind']> = new Set(['peer reached', 'pre-vote rejected']);

/** When a leader had last reached those it missed when it gave up. */
function missedSince(log: ClusterLog, moments: readonly Moment[], gaveUp: Micros, within: Micros): Micros | undefined {
  const signs = moments
    .filter(({ at }) => at <= gaveUp && at > gaveUp - within)
    .flatMap((moment) => lastContact(log, moment) ?? []);
  return signs.length === 0 ? undefined : Math.max(...signs);
}
