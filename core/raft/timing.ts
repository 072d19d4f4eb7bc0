/** hashicorp/raft's rules for waiting. All times in micros. */
import type { Micros } from '../runtime.ts';
import { MILLISECOND, SECOND } from '../runtime.ts';

export interface Timeouts {
  readonly heartbeat: Micros;
  readonly election: Micros;
  readonly lease: Micros;
}

/** Library defaults times OpenBao's multiplier; the lease is never enlarged at start, heartbeat and election are. */
export const timeoutsOf = (multiplier: number, startFactor = 1): Timeouts => ({
  heartbeat: multiplier * startFactor * SECOND,
  election: multiplier * startFactor * SECOND,
  lease: multiplier * 500 * MILLISECOND,
});

export const COMMIT_TIMEOUT: Micros = 50 * MILLISECOND;
/** The main loop's timer; every other lane gets a number of its own. */
export const TIMER_MAIN = 0;
/** A leader looks at its lease at least this far apart. */
export const MIN_LEASE_CHECK: Micros = 10 * MILLISECOND;
/** How often OpenBao looks whether a freshly started node has become candidate or leader. */
export const RELOAD_POLL: Micros = 50 * MILLISECOND;
export const MAX_APPEND_ENTRIES = 64;
/** Batches on their way to the replicated state before the main loop has to wait. */
export const FSM_QUEUE = 128;

const FAILURE_WAIT: Micros = 10 * MILLISECOND;
const MAX_FAILURE_SCALE = 12;

/** What a replication lane waits before it tries again: 10 ms, doubled from the third failure to the twelfth. */
export function backoff(failures: number): Micros {
  let wait = FAILURE_WAIT;
  for (let power = Math.min(failures, MAX_FAILURE_SCALE); power > 2; power--) wait *= 2;
  return wait;
}

/** The same for a heartbeat lane, at most `cap`. */
export const cappedBackoff = (failures: number, cap: Micros): Micros => Math.min(backoff(failures), cap);
