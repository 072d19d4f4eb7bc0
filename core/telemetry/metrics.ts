/**
 * What a node counts and measures, under upstream's names ('vault.core.handle_request'). Kept per process, not per
 * term of office; nothing here runs by itself, so that measuring costs an idle node nothing.
 */
import type { Clock, Micros } from '../runtime.ts';
import type { Measured } from './push-forms.ts';
import { Intervals, Sample } from './sample.ts';

export type Labels = Readonly<Record<string, string>>;

/** Told of everything as it is measured. */
export type Listener = (measured: Measured) => void;

export interface Series<T> {
  readonly name: string;
  readonly labels: Labels;
  readonly value: T;
  /** Wall micros of the last change. */
  readonly at: Micros;
}

export interface Counter {
  total: number;
  readonly intervals: Intervals;
}

interface Held<T> {
  readonly name: string;
  readonly labels: Labels;
  value: T;
  at: Micros;
}

const none: Labels = {};

export class Metrics {
  /** Wall micros. */
  readonly started: Micros;
  /** Whether every message between nodes is measured: a simulated cluster at rest sends thousands a second. */
  readonly messages: boolean;
  /** The cluster's name, once it is known: a label of many. */
  cluster = '';
  listener: Listener | undefined;
  readonly #clock: Clock;
  readonly #counters = new Map<string, Held<Counter>>();
  readonly #gauges = new Map<string, Held<number>>();
  readonly #samples = new Map<string, Held<Sample>>();

  constructor(clock: Clock, { messages = true } = {}) {
    this.#clock = clock;
    this.messages = messages;
    this.started = clock.wall();
  }

  /** For `since`. */
  now(): Micros {
    return this.#clock.monotonic();
  }

  wall(): Micros {
    return this.#clock.wall();
  }

  count(name: string, by = 1, labels: Labels = none): void {
    const counter = held(this.#counters, name, labels, () => ({ total: 0, intervals: new Intervals() }));
    counter.at = this.#clock.wall();
    counter.value.total += by;
    counter.value.intervals.add(by, counter.at);
    this.listener?.({ kind: 'c', name, value: by, labels });
  }

  gauge(name: string, value: number, labels: Labels = none): void {
    const gauge = held(this.#gauges, name, labels, () => 0);
    gauge.value = Math.fround(value);
    gauge.at = this.#clock.wall();
    this.listener?.({ kind: 'g', name, value, labels });
  }

  /** Upstream keeps single precision. */
  sample(name: string, value: number, labels: Labels = none): void {
    const sample = held(this.#samples, name, labels, () => new Sample());
    sample.at = this.#clock.wall();
    sample.value.add(Math.fround(value), sample.at);
    this.listener?.({ kind: 'ms', name, value, labels });
  }

  /** The milliseconds since `start`, which came from `now`. */
  since(name: string, start: Micros, labels: Labels = none): void {
    this.sample(name, (this.#clock.monotonic() - start) / 1_000, labels);
  }

  /** Measures a piece of work, whatever becomes of it. */
  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = this.now();
    try {
      return await work();
    } finally {
      this.since(name, start);
    }
  }

  counters(): Iterable<Series<Counter>> {
    return this.#counters.values();
  }

  gauges(): Iterable<Series<number>> {
    return this.#gauges.values();
  }

  samples(): Iterable<Series<Sample>> {
    return this.#samples.values();
  }
}

function held<T>(series: Map<string, Held<T>>, name: string, labels: Labels, make: () => T): Held<T> {
  const key = labels === none ? name : seriesKey(name, labels);
  let found = series.get(key);
  if (found === undefined) series.set(key, (found = { name, labels, value: make(), at: 0 }));
  return found;
}

/** The same for the same labels, in whatever order they were given. */
export function seriesKey(name: string, labels: Labels): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  let key = name;
  for (const label of names) key += `;${label}=${labels[label]!}`;
  return key;
}
