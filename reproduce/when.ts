/** When something happened that nobody logged: between the last sign before and the first one after. */
import type { Micros } from '../core/runtime.ts';
import { MILLISECOND, SECOND } from '../core/runtime.ts';
import type { ClusterLog } from './cluster-log.ts';
import type { Life } from './lives.ts';
import { ACTIVE_NODE, type Moment } from './moments.ts';

export interface Range {
  readonly from: Micros;
  readonly to: Micros;
}

export const middle = ({ from, to }: Range): Micros => Math.floor((from + to) / 2);

/** A follower's patience with its leader, at multiplier 1; it may be thrice as much until it has run for a while. */
const HEARTBEAT = SECOND;
const AT_START = 3;
/** For how long after the start of its raft, in heartbeats: it is set back after one to two of the longer timeouts. */
const STARTING = 6;
/** Leaders send heartbeats after one to two tenths of it. */
const LATEST_SIGN = 0.2;

/** By as much the clocks of two nodes may differ, and a process that was killed goes on. */
export const LOOSE: Micros = 100 * MILLISECOND;

/**
 * When a leader that misses somebody had last reached it; undefined where it has not since it leads: it counts from
 * there.
 */
export function lastContact(log: ClusterLog, { kind, node, at, since }: Moment): Micros | undefined {
  if (kind !== 'peer missed' || since === undefined) return undefined;
  const won = log.moments.findLast(
    (moment) => moment.kind === 'election won' && moment.node === node && moment.at <= at,
  );
  return won !== undefined && at - since < won.at + LOOSE ? undefined : at - since;
}

/**
 * What a follower's timeout says about its leader's last sign: at least one timeout ago, and, as it looks after one to
 * two timeouts and had heard something in the one before, at most three.
 */
export function lastSignBefore(log: ClusterLog, timeout: Moment, multiplier: number): Range {
  const started = log.moments.findLast(
    ({ kind, node, at }) => kind === 'start' && node === timeout.node && at <= timeout.at,
  );
  const young = started !== undefined && timeout.at - started.at < STARTING * HEARTBEAT * multiplier;
  const patience = HEARTBEAT * multiplier;
  return {
    from: timeout.at - 3 * patience * (young ? AT_START : 1),
    to: timeout.at - patience + LATEST_SIGN * patience,
  };
}

/** When a life ended of which nobody took leave. */
export function diedWithin(
  log: ClusterLog,
  node: string,
  { last, next = Infinity }: Life,
  active: boolean,
  multiplier: number,
): { readonly range: Range; readonly refused: boolean } {
  let [from, to] = [last, next];
  let refused = false;
  for (const moment of log.moments) {
    if (moment.at < last || moment.at > next) continue;
    // The kernel of a process that is killed closes what it had open.
    if (moment.kind === 'peer broke' && moment.peer === ACTIVE_NODE && active) {
      from = Math.max(from, moment.at - LOOSE);
      to = Math.min(to, moment.at);
    }
    if (moment.peer !== node) continue;
    if (moment.kind === 'peer refused') {
      refused = true;
      to = Math.min(to, moment.at);
    }
    const contact = lastContact(log, moment);
    if (contact !== undefined) from = Math.max(from, contact - LOOSE);
    if (moment.kind === 'heartbeat timeout') {
      const sign = lastSignBefore(log, moment, multiplier);
      from = Math.max(from, sign.from - LOOSE);
      to = Math.min(to, sign.to + LOOSE);
    }
  }
  if (to === Infinity) to = from;
  return { range: from <= to ? { from, to } : { from: Math.min(from, next), to: Math.min(from, next) }, refused };
}
