/**
 * The faults that a run could do without: what a nemesis draws, and what a story has on its timetable. Each has a
 * number, and a run can be played with some of them left out. Those that are left come when they came in the whole run
 * and draw what they drew there, whatever state the cluster is in by now: how far each of them moved its stream on is
 * known from the whole run, which has to be played first.
 */
import type { Micros } from '../../core/runtime.ts';
import type { Faults } from '../faults.ts';
import type { Stream } from '../random.ts';
import type { World } from '../world.ts';
import { FaultChance } from './fault-chance.ts';

/** A fault that came. */
export interface DrawnFault {
  /** From 1, in the order in which they came in the whole run. */
  readonly number: number;
  /** Its place among all that was planned, whether it came to a fault or not. */
  readonly place: number;
  readonly what: string;
  readonly at: Micros;
  /** How many draws it took of its nemesis' stream. */
  draws: number;
}

/** What is to be left out, and what came in the whole run. */
export interface Without {
  readonly numbers: ReadonlySet<number>;
  readonly whole: readonly DrawnFault[];
}

/** Something that is to come, and may be a fault. */
export interface Planned {
  readonly place: number;
  readonly what: string;
}

export class DrawnFaults {
  /** Those that came, in their order. */
  readonly came: DrawnFault[] = [];
  readonly #world: World;
  readonly #faults: Faults;
  readonly #leftOut: ReadonlySet<number>;
  /** By place. */
  readonly #whole: ReadonlyMap<number, DrawnFault> | undefined;
  #places = 0;
  #numbers: number;

  constructor(world: World, faults: Faults, without: Without | undefined) {
    this.#world = world;
    this.#faults = faults;
    this.#leftOut = without?.numbers ?? new Set();
    this.#whole = without && new Map(without.whole.map((fault) => [fault.place, fault]));
    this.#numbers = without?.whole.length ?? 0;
  }

  plan(what: string): Planned {
    return { place: this.#places++, what };
  }

  /** The time of a nemesis' fault has come. Undefined when it is left out, as is what the whole run never came to. */
  draw<T>(planned: Planned, from: Stream, make: (chance: Stream) => T): T | undefined {
    const known = this.#whole?.get(planned.place);
    const chance = new FaultChance(from, `fault ${planned.place}`, known?.draws);
    if (this.#whole !== undefined && (known === undefined || this.#leftOut.has(known.number))) return undefined;
    const fault = this.#come(planned);
    const made = this.#faults.numbered(
      () => fault.number,
      () => make(chance),
    );
    fault.draws = chance.draws;
    return made;
  }

  /** The time of what stands on a story's timetable has come: it counts when it turns out to be a fault. */
  perform<T>(planned: Planned, action: () => T): T | undefined {
    const known = this.#whole?.get(planned.place);
    if (known !== undefined && this.#leftOut.has(known.number)) return undefined;
    let fault: DrawnFault | undefined;
    return this.#faults.numbered(() => (fault ??= this.#come(planned)).number, action);
  }

  #come({ place, what }: Planned): DrawnFault {
    const number = this.#whole?.get(place)?.number ?? ++this.#numbers;
    const fault = { number, place, what, at: this.#world.now, draws: 0 };
    this.came.push(fault);
    return fault;
  }
}
