/** Under which names metrics are shown, and which of them: `metrics_prefix`, `prefix_filter`, `enable_hostname_label`. */
import type { Labels, Metrics } from './metrics.ts';

export interface Showing {
  /** Instead of 'vault'; '' leaves it. */
  readonly prefix: string;
  /** '+prefix' lets through, '-prefix' holds back; the longest that fits counts. */
  readonly filters: readonly string[];
  /** Whether what no filter names is let through. */
  readonly otherwise: boolean;
  /** A label of everything; undefined: no label. */
  readonly host: string | undefined;
}

type Named = { readonly name: string; readonly labels: Labels };
export type Shown = Pick<Metrics, 'started' | 'counters' | 'samples'>;

/** Filters look at the name as it is shown. */
export function shown<T extends Named>(series: Iterable<T>, { prefix, filters, otherwise, host }: Showing): T[] {
  const out: T[] = [];
  for (const each of series) {
    const name = prefix === '' ? each.name : each.name.replace(/^vault(?=\.|$)/, prefix);
    if (!isLetThrough(name, filters, otherwise)) continue;
    out.push({ ...each, name, labels: host === undefined ? each.labels : { ...each.labels, host } });
  }
  return out;
}

export const shownMetrics = (metrics: Metrics, showing: Showing): Shown => ({
  started: metrics.started,
  counters: () => shown(metrics.counters(), showing),
  samples: () => shown(metrics.samples(), showing),
});

function isLetThrough(name: string, filters: readonly string[], otherwise: boolean): boolean {
  let [longest, through] = [-1, otherwise];
  for (const filter of filters) {
    if (filter.length - 1 <= longest || !name.startsWith(filter.slice(1))) continue;
    [longest, through] = [filter.length - 1, filter.startsWith('+')];
  }
  return through;
}
