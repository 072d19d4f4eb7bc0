import type { Log } from '../runtime.ts';

/** Whom requests are handed on to is forgotten; `somebody`: there was one. */
export function tellNoForwarding(log: Log, somebody = false): void {
  log.write('debug', 'core', 'clearing forwarding clients');
  if (somebody) log.write('debug', 'core', 'forwarding: stopping heartbeating');
  log.write('debug', 'core', 'done clearing forwarding clients');
}
