import type { FaultRecord, TraceEvent } from '../core/trace.ts';

/** '12.345 s' from micros. */
export const seconds = (micros: number): string => `${(micros / 1e6).toFixed(3)} s`;

/** A latency in the unit that reads best. */
export function span(micros: number | undefined): string {
  if (micros === undefined) return '–';
  if (micros < 1_000) return `${micros} µs`;
  if (micros < 1_000_000) return `${(micros / 1_000).toFixed(micros < 10_000 ? 2 : 1)} ms`;
  return `${(micros / 1_000_000).toFixed(2)} s`;
}

/** A sentence for the events an operator cares about; undefined for the others. */
export function sentence(event: TraceEvent): string | undefined {
  switch (event.kind) {
    case 'raft.state':
      return event.state === 'leader'
        ? `wins the election of term ${event.term}`
        : `becomes ${event.state} (term ${event.term})`;
    case 'raft.timeout':
      return event.what === 'lease' ? 'loses contact with its quorum' : `${event.what} timeout in term ${event.term}`;
    case 'raft.vote':
      if (event.granted) return undefined;
      return `refuses ${event.pre ? 'the pre-vote' : 'its vote'} to ${event.candidate}${event.reason ? `: ${event.reason}` : ''}`;
    case 'raft.snapshot':
      return `snapshot ${event.what} at index ${event.index}`;
    case 'raft.configuration':
      return `configuration at index ${event.index}: ${event.servers.map((server) => (server.voter ? server.id : `(${server.id})`)).join(', ')}`;
    case 'node.state':
      return `is ${event.state}`;
    case 'node.reads':
      return event.enabled ? 'serves standby reads' : 'stops standby reads';
    case 'barrier.rotate':
      return `rotates the barrier key to term ${event.term}`;
    default:
      return undefined;
  }
}

/** By its number, if it has one. */
export const faultName = ({ what, number }: FaultRecord): string =>
  number === undefined ? what : `#${number} ${what}`;

export function faultSentence(fault: FaultRecord): string {
  return `FAULT ${faultName(fault)}${fault.nodes.length ? ` [${fault.nodes.join(', ')}]` : ''}`;
}
