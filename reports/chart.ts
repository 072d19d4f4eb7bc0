import { plot } from 'asciichart';
import type { OperationRecord, RunRecord } from '../core/trace.ts';
import { latency, phases, spread } from './quantile.ts';
import { seconds, span } from './words.ts';

/** Writes tell most about a failover, because standbys go on serving reads; where there are none, everything counts. */
function charted(run: RunRecord): readonly OperationRecord[] {
  const writes = run.operations.filter(({ kind }) => kind === 'put');
  return writes.length > 0 ? writes : run.operations;
}

/** The 99th percentile of each slice from `from` to the end, in micros; a slice without an answer shows the waiting time so far. */
export function latencySeries(
  operations: readonly OperationRecord[],
  from: number,
  to: number,
  slices: number,
): number[] {
  const width = Math.max(1, Math.ceil((to - from) / slices));
  const answered: number[][] = Array.from({ length: slices }, () => []);
  for (const operation of operations) {
    const took = latency(operation);
    if (took === undefined || operation.outcome !== 'ok') continue;
    answered[Math.min(slices - 1, Math.floor((operation.returned! - from) / width))]!.push(took);
  }
  let quiet = 0;
  return answered.map((values) => {
    if (values.length === 0) return (quiet += width);
    quiet = 0;
    return spread(values).p99!;
  });
}

/** A tick of the log scale. */
const format = (exponent: number): string => span(Math.round(10 ** exponent)).padStart(9);

/** Latency of writes over time for a terminal: log scale, because a failover is a thousand times a write. */
export function latencyChart(run: RunRecord, width = 72, height = 10): string {
  const operations = charted(run);
  const from = operations[0]?.invoked;
  if (from === undefined) return '(no client operations)';
  const series = latencySeries(operations, from, run.duration, width).map((micros) => Math.log10(Math.max(1, micros)));
  const chart = plot(series, { height, min: 2, max: Math.max(5, ...series), format });
  const [left, right] = [seconds(from), seconds(run.duration)];
  const axis = ' '.repeat(10) + left + right.padStart(width - left.length + 1);
  return `${chart}\n${axis}   p99 of ${operations[0]!.kind}`;
}

/** p50, p95, p99 and max before, during and after the fault. */
export function latencyTable(run: RunRecord): string {
  const head = ['phase', 'from', 'ok', 'failed', 'unknown', 'p50', 'p95', 'p99', 'max'];
  const rows = phases(run).map(({ name, from, latency: spread, failed, unknown }) => [
    name,
    seconds(from),
    String(spread.count),
    String(failed),
    String(unknown),
    span(spread.p50),
    span(spread.p95),
    span(spread.p99),
    span(spread.max),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padStart(widths[column]!)).join('  ');
  return [head, ...rows].map(line).join('\n');
}
