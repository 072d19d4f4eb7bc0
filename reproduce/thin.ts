/** What a node says again and again for as long as a peer is away is kept ever more rarely, and counted. */
import { MILLISECOND, type Micros, MINUTE } from '../core/runtime.ts';
import type { Moment, MomentKind } from './moments.ts';

const REPEATED: ReadonlySet<MomentKind> = new Set([
  'peer missed',
  'peer silent',
  'peer refused',
  'peer broke',
  'peer slow',
]);
const LEAST: Micros = 100 * MILLISECOND;
/** Kept again after such a part of the time since the first of them. */
const PART = 20;

interface Run {
  readonly from: Micros;
  kept: Moment;
  latest: Micros;
}

/** Of one node's moments, in their order. */
export function thinned(moments: readonly Moment[]): Moment[] {
  const runs = new Map<string, Run>();
  const found: Moment[] = [];
  for (const moment of moments) {
    const key = `${moment.kind} ${moment.peer}`;
    const run = REPEATED.has(moment.kind) ? runs.get(key) : undefined;
    if (run === undefined || moment.at - run.latest > MINUTE) {
      runs.set(key, { from: moment.at, kept: moment, latest: moment.at });
      found.push(moment);
      continue;
    }
    run.latest = moment.at;
    if (moment.at - run.kept.at < Math.max(LEAST, (moment.at - run.from) / PART)) run.kept.times += 1;
    else found.push((run.kept = moment));
  }
  return found;
}
