/** Lets a simulated world live beside other people's code: how fast its time passes, and when it may run ahead. */
import type { Micros } from '../core/runtime.ts';
import { MILLISECOND } from '../core/runtime.ts';
import { TIMER } from '../sim/event-kinds.ts';
import type { World } from '../sim/world.ts';

/** So far may time run ahead of the real one for an answer that somebody waits for: no turn of the loop a message. */
const AHEAD: Micros = 100 * MILLISECOND;

export class WorldTime {
  readonly #world: World;
  readonly #speed: number;
  /** Virtual time at the real time `#since`. */
  #origin: Micros = 0;
  #since = performance.now();
  /** What has to come about whatever time it takes, and requests on their way. */
  #urgent = 0;
  #patient = 0;
  #timer: NodeJS.Timeout | undefined;
  #turning = false;
  #stopped = false;

  /** `speed`: virtual seconds a real second; 0 when time passes only as far as somebody waits for it. */
  constructor(world: World, speed: number) {
    this.#world = world;
    this.#speed = speed;
  }

  /** Runs until `work` is done, at full speed. */
  async run<T>(work: Promise<T>): Promise<T> {
    this.#urgent++;
    this.#wake();
    try {
      return await work;
    } finally {
      this.#urgent--;
      this.#origin = Math.max(this.#target(), this.#world.now);
      this.#since = performance.now();
    }
  }

  /** Runs until a request is answered; where time follows the real one, not far ahead of it. */
  async serve<T>(answer: Promise<T>): Promise<T> {
    this.#patient++;
    this.#wake();
    try {
      return await answer;
    } finally {
      this.#patient--;
    }
  }

  advance(span: Micros): Promise<void> {
    return this.run(
      new Promise((resolve) => this.#world.schedule(this.#world.root, span, TIMER, () => resolve(), undefined)),
    );
  }

  /** Nothing happens any more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Where the virtual clock would stand if it did nothing but follow the real one. */
  #target(): Micros {
    return this.#origin + Math.floor((performance.now() - this.#since) * MILLISECOND * this.#speed);
  }

  /** Events up to here may happen now. */
  #horizon(): Micros {
    if (this.#urgent > 0 || (this.#patient > 0 && this.#speed === 0)) return Infinity;
    return this.#target() + (this.#patient > 0 ? AHEAD : 0);
  }

  #wake(): void {
    if (this.#turning || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#turning = true;
    setImmediate(this.#turn);
  }

  /** One event a turn of the loop, so that all that it sets off has happened before the next. */
  readonly #turn = (): void => {
    this.#turning = false;
    if (this.#stopped) return;
    const ahead = this.#world.nextTime - this.#horizon();
    if (ahead <= 0 && this.#world.step()) {
      this.#turning = true;
      setImmediate(this.#turn);
    } else if (this.#speed > 0 && Number.isFinite(ahead)) {
      this.#timer = setTimeout(() => this.#wake(), Math.max(1, ahead / MILLISECOND / this.#speed));
    }
  };
}
