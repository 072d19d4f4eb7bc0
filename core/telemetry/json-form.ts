/** Metrics as JSON: the figures of the last full interval of ten seconds, or of the first while there is none. */
import { formatRfc3339 } from '../codec/rfc3339.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import type { Micros } from '../runtime.ts';
import type { Counter, Series } from './metrics.ts';
import { seriesKey } from './metrics.ts';
import type { Gauge } from './reading.ts';
import type { Shown } from './showing.ts';
import type { Figures, Intervals } from './sample.ts';
import { INTERVAL } from './sample.ts';

export function jsonForm(metrics: Shown, gauges: readonly Gauge[], now: Micros): ReadonlyMap<string, JsonValue> {
  const present = Math.floor(now / INTERVAL);
  const interval = Math.floor(metrics.started / INTERVAL) < present ? present - 1 : present;
  const stamp = formatRfc3339(interval * INTERVAL).replace('T', ' ');
  return new Map<string, JsonValue>([
    ['Timestamp', stamp.replace('Z', ' +0000 UTC')],
    ['Gauges', sorted(gauges).map(gaugeRow)],
    ['Points', []],
    ['Counters', rows(metrics.counters(), ({ intervals }: Counter) => intervals, interval, now)],
    ['Samples', rows(metrics.samples(), ({ intervals }) => intervals, interval, now)],
  ]);
}

const sorted = <T extends Pick<Series<unknown>, 'name' | 'labels'>>(series: Iterable<T>): T[] => {
  const keyed = [...series].map((each) => ({ each, key: seriesKey(each.name, each.labels) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ each }) => each);
};

const gaugeRow = ({ name, value, labels }: Gauge): ReadonlyMap<string, JsonValue> =>
  new Map<string, JsonValue>([
    ['Name', name],
    ['Value', Math.fround(value)],
    ['Labels', { ...labels }],
  ]);

function rows<T>(
  series: Iterable<Series<T>>,
  intervalsOf: (value: T) => Intervals,
  interval: number,
  now: Micros,
): ReadonlyMap<string, JsonValue>[] {
  const out: ReadonlyMap<string, JsonValue>[] = [];
  for (const { name, labels, value } of sorted(series)) {
    const figures = intervalsOf(value).of(interval, now);
    if (figures !== undefined) out.push(row(name, figures, { ...labels }));
  }
  return out;
}

function row(name: string, { count, sum, squares, min, max }: Figures, labels: JsonObject): Map<string, JsonValue> {
  const spread = count < 2 ? 0 : Math.max(0, (count * squares - sum * sum) / (count * (count - 1)));
  return new Map<string, JsonValue>([
    ['Name', name],
    ['Count', count],
    ['Rate', sum / (INTERVAL / 1_000_000)],
    ['Sum', sum],
    ['Min', min],
    ['Max', max],
    ['Mean', sum / count],
    ['Stddev', Math.sqrt(spread)],
    ['Labels', labels],
  ]);
}
