import type { OperationRecord, RunRecord } from '../core/trace.ts';

/** Latencies of one span of a run, in micros; undefined where nothing was measured. */
export interface Spread {
  readonly count: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
  readonly max: number | undefined;
}

/** The nearest-rank quantile of an ascending list; `q` in (0, 1]. */
export function quantile(ascending: readonly number[], q: number): number | undefined {
  return ascending[Math.max(0, Math.ceil(ascending.length * q) - 1)];
}

export function spread(values: readonly number[]): Spread {
  const ascending = [...values].sort((a, b) => a - b);
  return {
    count: ascending.length,
    p50: quantile(ascending, 0.5),
    p95: quantile(ascending, 0.95),
    p99: quantile(ascending, 0.99),
    max: ascending.at(-1),
  };
}

export interface Phase {
  readonly name: 'before' | 'during' | 'after';
  readonly from: number;
  readonly to: number;
  readonly latency: Spread;
  readonly failed: number;
  readonly unknown: number;
}

/** What an operation cost its client; undefined when no answer came. */
export function latency(operation: OperationRecord): number | undefined {
  return operation.returned === undefined ? undefined : operation.returned - operation.invoked;
}

/**
 * The run in three: before the first fault, from there until clients are served again after the last one, and after.
 * An operation belongs to the phase it was invoked in.
 */
export function phases(run: RunRecord): Phase[] {
  const window = faultWindow(run);
  const bounds: readonly [Phase['name'], number, number][] = window
    ? [
        ['before', 0, window.from],
        ['during', window.from, window.to],
        ['after', window.to, run.duration + 1],
      ]
    : [['before', 0, run.duration + 1]];
  return bounds.map(([name, from, to]) => {
    const inside = run.operations.filter((operation) => operation.invoked >= from && operation.invoked < to);
    const answered = inside.filter((operation) => operation.outcome === 'ok');
    return {
      name,
      from,
      to,
      latency: spread(answered.map((operation) => latency(operation)!)),
      failed: inside.filter((operation) => operation.outcome === 'failed').length,
      unknown: inside.filter((operation) => operation.outcome === 'unknown').length,
    };
  });
}

/**
 * From the first fault until clients are served again: the first success that was invoked after the last operation in
 * trouble. When nobody was troubled, until the last fault ended.
 */
export function faultWindow(run: RunRecord): { readonly from: number; readonly to: number } | undefined {
  if (run.faults.length === 0) return undefined;
  const from = Math.min(...run.faults.map((fault) => fault.at));
  let last = -1;
  for (const { invoked, outcome } of run.operations)
    if (invoked >= from && outcome !== 'ok') last = Math.max(last, invoked);
  if (last < 0) return { from, to: Math.max(...run.faults.map((fault) => fault.until ?? fault.at)) };
  const recovered = run.operations.find((operation) => operation.invoked >= last && operation.outcome === 'ok');
  return { from, to: recovered?.returned ?? run.duration };
}
