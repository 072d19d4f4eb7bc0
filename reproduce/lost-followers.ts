/** Followers that others could not reach while their process went on. */
import { SECOND, type Micros } from '../core/runtime.ts';
import type { ClusterLog } from './cluster-log.ts';
import { isExplained, SKEW } from './explained.ts';
import type { InferredFault } from './faults.ts';
import { LEASE } from './lost-leaders.ts';
import type { Moment } from './moments.ts';
import { lastContact, lastSignBefore, LOOSE, type Range } from './when.ts';

/** Who waits for a vote, or for an entry to be taken, gives up after so long. */
const CALL: Micros = 10 * SECOND;

/** The leader missed them. */
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
    // One that stood still finds out when it goes on; one that is cut off when its patience ends.
    const timeout = own?.moments.find(({ kind, at }) => kind === 'heartbeat timeout' && at > contact);
    const alone =
      timeout !== undefined &&
      timeout.at < (reached?.at ?? Infinity) &&
      contact + LOOSE >= lastSignBefore(log, timeout, multiplier).from;
    const until = missedUntil(log, missed, reached?.at, LEASE * multiplier);
    found.push({
      kind: alone ? 'isolate' : 'pause',
      node,
      active: false,
      at: { from: contact, to: contact + LEASE * multiplier },
      ...(until === undefined ? {} : { until }),
      sure: alone ? 'likely' : 'possible',
      why: alone
        ? 'the leader did not reach it, and it did not hear of the leader'
        : 'the leader did not reach it, and it says nothing of it',
    });
  }
  return found;
}

/** Warnings of one that is missed; what follows them is told at debug alone. */
const WARNINGS = 3;

/** Connections outlive one that stands still: it is there again when nobody misses it any more, if that is told. */
function missedUntil(
  log: ClusterLog,
  { node, peer, at }: Moment,
  reached: Micros | undefined,
  lease: Micros,
): Range | undefined {
  const signs = log.moments.filter(
    (moment) =>
      moment.kind === 'peer missed' &&
      moment.node === node &&
      moment.peer === peer &&
      moment.at >= at &&
      moment.at <= (reached ?? Infinity),
  );
  const last = signs.at(-1)!.at;
  if (reached !== undefined) return { from: last, to: reached };
  return signs.length > WARNINGS ? { from: last, to: last + lease } : undefined;
}

/** Nobody leads and misses them, but whoever asks them for a vote has no answer, and they say nothing either. */
export function silentFollowers(log: ClusterLog, explained: readonly InferredFault[]): InferredFault[] {
  const found: InferredFault[] = [];
  for (const { kind, node: asked, peer: node, text, at } of log.moments) {
    if (kind !== 'peer silent' || node === undefined || !/timeout|deadline exceeded/.test(text)) continue;
    const called = at - CALL;
    if (isExplained([...explained, ...found], node, called, at) || isExplained(explained, asked, called, at)) continue;
    const own = log.nodes.find(({ facts }) => facts.id === node);
    const last = own?.entries.findLast((entry) => entry.at <= called)?.at ?? log.moments[0]!.at;
    const again = own?.entries.find((entry) => entry.at > called)?.at;
    if (own === undefined || (again !== undefined && again < at)) continue;
    const contacts = log.moments.flatMap((moment) =>
      moment.peer === node && moment.at <= at ? (lastContact(log, moment) ?? []) : [],
    );
    const from = Math.min(called, Math.max(last, ...contacts.map((contact) => contact - LOOSE)));
    const until = again === undefined ? {} : { until: { from: again, to: again } };
    const why = 'who asked it for a vote had no answer, and it says nothing';
    found.push({ kind: 'pause', node, active: false, at: { from, to: called }, ...until, sure: 'possible', why });
  }
  return found;
}
