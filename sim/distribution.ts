/** Durations as integer tables: evenly spaced quantiles in micros, interpolated without floating-point functions. */
import { assert } from '../core/assert.ts';
import type { Micros } from '../core/runtime.ts';
import type { Stream } from './random.ts';

const STEPS = 1024;

export class Distribution {
  readonly #quantiles: readonly Micros[];

  /** `quantiles` rise from the least to the greatest value at equal steps of probability; one value is a constant. */
  constructor(quantiles: readonly Micros[]) {
    assert(quantiles.length > 0, 'a distribution has a value');
    for (let i = 0; i < quantiles.length; i++) {
      assert(Number.isSafeInteger(quantiles[i]) && quantiles[i]! >= 0, 'a quantile is a whole number of micros');
      assert(i === 0 || quantiles[i - 1]! <= quantiles[i]!, 'quantiles rise');
    }
    this.#quantiles = quantiles;
  }

  get least(): Micros {
    return this.#quantiles[0]!;
  }

  /** A constant draws nothing from the stream. */
  sample(stream: Stream): Micros {
    const last = this.#quantiles.length - 1;
    if (last === 0) return this.#quantiles[0]!;
    const draw = stream.below(last * STEPS);
    const low = Math.floor(draw / STEPS);
    const from = this.#quantiles[low]!;
    return from + Math.floor(((this.#quantiles[low + 1]! - from) * (draw % STEPS)) / STEPS);
  }

  /** The same shape, `numerator / denominator` times as long. */
  scaled(numerator: number, denominator = 1): Distribution {
    return new Distribution(this.#quantiles.map((value) => Math.floor((value * numerator) / denominator)));
  }
}

export const constant = (value: Micros): Distribution => new Distribution([value]);
export const uniform = (low: Micros, high: Micros): Distribution => new Distribution([low, high]);
export const quantiles = (...values: readonly Micros[]): Distribution => new Distribution(values);
