/** How much cores worked in each slice of time. Slices grow with the run, so that a long one takes no more memory. */
import { type Micros, MILLISECOND } from '../core/runtime.ts';

const MOST_SLICES = 1_200;

export class Load {
  #slice: Micros = 100 * MILLISECOND;
  readonly #busy: Micros[] = [];

  /** How long a slice is; all are equally long, the first begins with the run. */
  get slice(): Micros {
    return this.#slice;
  }

  /** Core-micros worked in each slice until the last in which any work was done. */
  get busy(): readonly Micros[] {
    return this.#busy;
  }

  /** One core works from one time to another. */
  add(from: Micros, to: Micros): void {
    while (to > MOST_SLICES * this.#slice) this.#widen();
    for (let at = from; at < to;) {
      const index = Math.floor(at / this.#slice);
      const end = Math.min(to, (index + 1) * this.#slice);
      while (this.#busy.length <= index) this.#busy.push(0);
      this.#busy[index]! += end - at;
      at = end;
    }
  }

  #widen(): void {
    this.#slice *= 2;
    const { length } = this.#busy;
    for (let index = 0; index < length; index += 2)
      this.#busy[index / 2] = this.#busy[index]! + (this.#busy[index + 1] ?? 0);
    this.#busy.length = Math.ceil(length / 2);
  }
}
