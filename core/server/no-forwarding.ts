import type { Log } from '../runtime.ts';

/** Whom requests are handed on to is forgotten. */
export function tellNoForwarding(log: Log): void {
  log.write('debug', 'core', 'clearing forwarding clients');
  log.write('debug', 'core', 'done clearing forwarding clients');
}
