/** What sys/metrics answers with. */
import { print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Raw } from '../framework/logical.ts';
import type { Micros } from '../runtime.ts';
import { jsonForm } from './json-form.ts';
import type { Labels, Metrics } from './metrics.ts';
import { prometheusForm } from './prometheus-form.ts';
import { shownGauges, shownMetrics, type Showing } from './showing.ts';

/** A value as it is at the moment of reading. */
export interface Gauge {
  readonly name: string;
  readonly value: number;
  readonly labels: Labels;
}

export const gauge = (name: string, value: number, labels: Labels = {}): Gauge => ({ name, value, labels });

export interface Reading {
  readonly metrics: Metrics;
  /** Sampled now, beside those that were set. */
  readonly gauges: readonly Gauge[];
  /** What Prometheus is told of the process besides, by its own names. */
  readonly process: Readonly<Record<string, number>>;
  readonly now: Micros;
  /** Left out: everything, as it is called here. */
  readonly showing?: Showing;
  /** Micros; 0: the Prometheus form is off. */
  readonly retention: Micros;
}

const plain = (status: number, text: string, contentType = 'text/plain'): Raw => ({
  status,
  contentType,
  body: encodeUtf8(text),
});

/** '' and no `Accept` for Prometheus: JSON. */
export function readMetrics(reading: Reading, format: string, accept: string): Raw {
  const wantsPrometheus = format === 'prometheus' || (format === '' && prometheusAccept(accept));
  const { showing, now, retention } = reading;
  const metrics = showing === undefined ? reading.metrics : shownMetrics(reading.metrics, showing);
  const set = [...reading.metrics.gauges()].filter(({ at }) => retention === 0 || now - at <= retention);
  const all: Gauge[] = [...reading.gauges, ...set];
  const gauges = showing === undefined ? all : shownGauges(all, showing);
  if (wantsPrometheus) {
    if (retention === 0) return plain(400, 'prometheus is not enabled');
    const text = prometheusForm(metrics, gauges, reading.process, now, retention);
    return plain(200, text, 'text/plain; version=0.0.4; charset=utf-8');
  }
  if (format !== '') return plain(400, `metric response format "${format}" unknown`);
  return plain(200, print(jsonForm(metrics, gauges, now)), 'application/json');
}

const prometheusAccept = (accept: string): boolean =>
  accept.startsWith('application/openmetrics-text') || accept.startsWith('prometheus/telemetry');
