/** A series of measured values: totals, the quantiles of the last ten seconds, and figures of each interval. */
import type { Micros } from '../runtime.ts';
import { SECOND } from '../runtime.ts';

/** How long an interval of the JSON form is. */
export const INTERVAL: Micros = 10 * SECOND;

/** Figures of one interval. */
export interface Figures {
  count: number;
  sum: number;
  squares: number;
  min: number;
  max: number;
}

const slot: Micros = 2 * SECOND;
const slots = 5;
/** More values in one slot replace earlier ones in turn: enough for a stable 99th percentile. */
const kept = 400;

interface Slot {
  at: number;
  seen: number;
  values: number[];
}

/** Figures by interval: the present one and the one before. */
export class Intervals {
  #at = -1;
  #now: Figures | undefined;
  #before: Figures | undefined;

  add(value: number, time: Micros): void {
    this.#roll(time);
    const figures = this.#now;
    if (figures === undefined) {
      this.#now = { count: 1, sum: value, squares: value * value, min: value, max: value };
      return;
    }
    figures.count++;
    figures.sum += value;
    figures.squares += value * value;
    if (value < figures.min) figures.min = value;
    if (value > figures.max) figures.max = value;
  }

  /** Of the interval with this number (micros since the epoch by INTERVAL). */
  of(interval: number, time: Micros): Figures | undefined {
    this.#roll(time);
    return interval === this.#at ? this.#now : interval === this.#at - 1 ? this.#before : undefined;
  }

  #roll(time: Micros): void {
    const at = Math.floor(time / INTERVAL);
    if (at === this.#at) return;
    this.#before = at === this.#at + 1 ? this.#now : undefined;
    this.#now = undefined;
    this.#at = at;
  }
}

export class Sample {
  readonly intervals = new Intervals();
  count = 0;
  sum = 0;
  readonly #slots: Slot[] = [];

  add(value: number, time: Micros): void {
    this.count++;
    this.sum += value;
    this.intervals.add(value, time);
    const at = Math.floor(time / slot);
    const index = at % slots;
    let present = this.#slots[index];
    if (present?.at !== at) this.#slots[index] = present = { at, seen: 0, values: [] };
    present.values[present.seen % kept] = value;
    present.seen++;
  }

  /** NaN when nothing was measured in the last ten seconds. */
  quantiles(wanted: readonly number[], time: Micros): number[] {
    const oldest = Math.floor(time / slot) - slots + 1;
    const values = this.#slots.flatMap((each) => (each !== undefined && each.at >= oldest ? each.values : []));
    values.sort((a, b) => a - b);
    return wanted.map((q) => (values.length === 0 ? Number.NaN : values[Math.ceil(q * values.length) - 1]!));
  }
}
