import { plot } from 'asciichart';
import type { RunRecord } from '../core/trace.ts';
import { latency, phases, quantile } from './quantile.ts';
import { seconds, span } from './words.ts';

/** Worst latency per slice of time, in micros; a slice in which nothing was answered repeats the waiting time so far. */
export function latencySeries(run: RunRecord, slices: number): number[] {
  const width = Math.max(1, Math.ceil(run.duration / slices));
  const answered: number[][] = Array.from({ length: slices }, () => []);
  for (const operation of run.operations) {
    const took = latency(operation);
    if (took === undefined) continue;
    answered[Math.min(slices - 1, Math.floor(operation.returned! / width))]!.push(took);
  }
  let quiet = 0;
  return answered.map((values) => {
    if (values.length === 0) return (quiet += width);
    quiet = 0;
    return quantile(
      [...values].sort((a, b) => a - b),
      0.99,
    )!;
  });
}

/** Latency over time for a terminal: log scale, because a failover is a thousand times a read. */
export function latencyChart(run: RunRecord, width = 72, height = 10): string {
  const series = latencySeries(run, width).map((micros) => Math.log10(Math.max(1, micros)));
  if (run.operations.length === 0) return '(no client operations)';
  const chart = plot(series, {
    height,
    min: 2,
    max: Math.max(5, ...series),
    format: (exponent: number) => span(Math.round(10 ** exponent)).padStart(9),
  });
  const right = seconds(run.duration);
  return `${chart}\n${' '.repeat(10)}0 s${right.padStart(width - 2)}   p99 latency over time`;
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
