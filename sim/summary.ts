/** What a run did, in numbers: printed after each run, and held against what its story demands. */
import type { Micros } from '../core/runtime.ts';
import type { Operation } from './history.ts';
import type { Simulation } from './simulation.ts';

export interface Summary {
  readonly ended: Micros;
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
  readonly faults: number;
  readonly faultsThatBit: number;
  readonly elections: number;
  readonly bytesLost: number;
  readonly messages: number;
  readonly bytesSent: number;
  /** Operations that no fault met while they were under way, and those of them that are unknown. */
  readonly quietOperations: number;
  readonly quietUnknown: number;
}

export function summarize(simulation: Simulation): Summary {
  const operations = simulation.histories.flatMap((history) => history.operations);
  const counts = { ok: 0, failed: 0, unknown: 0 };
  for (const { outcome } of operations) counts[outcome]++;
  const windows = simulation.faults.windows((after) => recovery(operations, after));
  // What is still under way when the story ends is unknown without anybody's fault.
  const quiet = operations.filter(
    ({ invoked, returned = Infinity, outcome, note }) =>
      (outcome !== 'unknown' || note !== undefined) &&
      !windows.some(({ from, to }) => returned >= from && invoked <= to),
  );
  let bytesLost = 0;
  for (const cluster of simulation.clusters)
    for (const disk of cluster.disks.values()) bytesLost += disk.statistics.bytesLost;
  const { messages, bytes } = simulation.network.network.traffic;
  return {
    ended: simulation.world.now,
    acknowledged: counts.ok,
    failed: counts.failed,
    unknown: counts.unknown,
    faults: simulation.faults.records.length,
    faultsThatBit: simulation.faults.bitten,
    elections: simulation.elections,
    bytesLost,
    messages,
    bytesSent: bytes,
    quietOperations: quiet.length,
    quietUnknown: quiet.filter(({ outcome }) => outcome === 'unknown').length,
  };
}

/** When the first write that began after `after` was acknowledged. */
function recovery(operations: readonly Operation[], after: Micros): Micros {
  let earliest = Infinity;
  for (const { kind, outcome, invoked, returned } of operations) {
    if (kind === 'put' && outcome === 'ok' && invoked >= after && returned! < earliest) earliest = returned!;
  }
  return earliest;
}
