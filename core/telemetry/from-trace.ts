/** Counters that follow from what a node tells of itself anyway. */
import type { TraceEvent } from '../trace.ts';
import type { Metrics } from './metrics.ts';

export function countTrace(metrics: Metrics, event: TraceEvent): void {
  switch (event.kind) {
    case 'raft.state':
      if (event.state === 'shutdown') return;
      metrics.count(`vault.raft.state.${event.state === 'pre-candidate' ? 'candidate' : event.state}`);
      return;
    case 'raft.timeout':
      if (event.what === 'heartbeat') metrics.count('vault.raft.transition.heartbeat_timeout');
      if (event.what === 'lease') metrics.count('vault.raft.transition.leader_lease_timeout');
      return;
    case 'barrier.encrypt':
      if (event.term > 0) metrics.count('vault.barrier.estimated_encryptions', 1, { term: String(event.term) });
      return;
    default:
      return;
  }
}
