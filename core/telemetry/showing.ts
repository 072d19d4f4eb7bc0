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
  /** Stands behind the prefix in the names of gauges; undefined: nothing does. */
  readonly gaugeHost?: string | undefined;
}

type Named = { readonly name: string; readonly labels: Labels };
export type Shown = Pick<Metrics, 'started' | 'counters' | 'samples'>;

/** Gauges that are called after the host they were measured on. */
export function shownGauges<T extends Named>(series: Iterable<T>, showing: Showing): T[] {
  const { gaugeHost } = showing;
  if (gaugeHost === undefined) return shown(series, showing);
  const named = [...series].map((each) => ({ ...each, name: each.name.replace(/^vault(?=\.)/, `vault.${gaugeHost}`) }));
  return shown(named, showing);
}

/** Filters look at the name as it is shown. */
export function shown<T extends Named>(series: Iterable<T>, { prefix, filters, otherwise, host }: Showing): T[] {
  const out: T[] = [];
  const top = prefix === '' ? 'vault' : prefix;
  for (const each of series) {
    const name = each.name.replace(/^vault(?=\.|$)/, top);
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
