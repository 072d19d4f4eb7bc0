/** The chance of one fault: drawn from its nemesis' stream, which moves on as far as it did in the whole run. */
import { assert } from '../../core/assert.ts';
import { Stream } from '../random.ts';

export class FaultChance extends Stream {
  readonly #from: Stream;
  /** Of the whole run, taken at once; undefined in the whole run itself. */
  readonly #given: readonly number[] | undefined;
  #draws = 0;

  /** `draws`: how many it took in the whole run. What it wants beyond that comes from a stream of its own. */
  constructor(from: Stream, name: string, draws: number | undefined) {
    super(from.seed, name);
    this.#from = from;
    this.#given = draws === undefined ? undefined : Array.from({ length: draws }, () => from.fraction(1));
  }

  get draws(): number {
    return this.#draws;
  }

  override fraction(bound: number): number {
    assert(!Stream.isWide(bound), 'a fault draws small numbers');
    const given = this.#given;
    const drawn = this.#draws++;
    if (given === undefined) return this.#from.fraction(bound);
    return given[drawn] ?? super.fraction(bound);
  }
}
