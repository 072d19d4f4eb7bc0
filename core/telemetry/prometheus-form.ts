/** Metrics in the text form of Prometheus, version 0.0.4. */
import type { Micros } from '../runtime.ts';
import { goFloat } from './go-float.ts';
import type { Labels, Series } from './metrics.ts';
import type { Gauge } from './reading.ts';
import type { Shown } from './showing.ts';

interface Family {
  readonly type: 'counter' | 'gauge' | 'summary';
  readonly lines: { readonly key: string; readonly text: string }[];
}

const quantiles = [0.5, 0.9, 0.99] as const;

const metricName = (name: string): string => name.replace(/[ .=\-/]/g, '_').replace(/[^a-zA-Z0-9_:]/g, '_');

const labelText = (labels: Labels): string =>
  Object.keys(labels)
    .sort()
    .map((name) => `${name}="${labels[name]!.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`)
    .join(',');

const braced = (labels: string): string => (labels === '' ? '' : `{${labels}}`);

/** `retention` drops what has not changed for so long; `gauges` are those sampled now. */
export function prometheusForm(
  metrics: Shown,
  gauges: readonly Gauge[],
  process: Readonly<Record<string, number>>,
  now: Micros,
  retention: Micros,
): string {
  const families = new Map<string, Family>();
  const add = (name: string, type: Family['type'], key: string, text: string): void => {
    let family = families.get(name);
    if (family === undefined) families.set(name, (family = { type, lines: [] }));
    if (family.type === type) family.lines.push({ key, text });
  };
  for (const [name, value] of Object.entries(process)) {
    add(name, name.endsWith('_total') ? 'counter' : 'gauge', '', `${name} ${goFloat(value)}\n`);
  }
  const fresh = ({ at }: Series<unknown>): boolean => now - at <= retention;
  for (const { name, labels, value } of gauges) {
    const label = labelText(labels);
    add(metricName(name), 'gauge', label, `${metricName(name)}${braced(label)} ${goFloat(Math.fround(value))}\n`);
  }
  // Where a counter has the name of a summary, upstream shows the summary.
  for (const sample of metrics.samples()) {
    if (!fresh(sample)) continue;
    const name = metricName(sample.name);
    const label = labelText(sample.labels);
    const figures = sample.value.quantiles(quantiles, now);
    let text = '';
    for (const [i, q] of quantiles.entries()) {
      const all = `${label === '' ? '' : `${label},`}quantile="${q}"`;
      text += `${name}{${all}} ${goFloat(figures[i]!)}\n`;
    }
    text += `${name}_sum${braced(label)} ${goFloat(sample.value.sum)}\n`;
    text += `${name}_count${braced(label)} ${goFloat(sample.value.count)}\n`;
    add(name, 'summary', label, text);
  }
  for (const counter of metrics.counters()) {
    if (!fresh(counter)) continue;
    const name = metricName(counter.name);
    const label = labelText(counter.labels);
    add(name, 'counter', label, `${name}${braced(label)} ${goFloat(counter.value.total)}\n`);
  }
  let out = '';
  for (const name of [...families.keys()].sort()) {
    const { type, lines } = families.get(name)!;
    lines.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    out += `# HELP ${name} ${name}\n# TYPE ${name} ${type}\n${lines.map(({ text }) => text).join('')}`;
  }
  return out;
}
