/** The real clocks. */
import { performance } from 'node:perf_hooks';
import type { Clock, Micros, Timer } from '../core/runtime.ts';

/** setTimeout's longest delay; longer ones are waited for in pieces. */
const LONGEST = 2_147_483_647;

/** The clock of a server that may stop while its process lives on. */
export interface EndingClock extends Clock {
  /** Whoever still waits, like a tidying in its pause, holds up the process no longer. */
  end(): void;
}

export class HostClock implements EndingClock {
  readonly #started = performance.now();
  readonly #waiting = new Set<NodeJS.Timeout>();
  #ended = false;

  wall(): Micros {
    return Math.floor((performance.timeOrigin + performance.now()) * 1_000);
  }

  monotonic(): Micros {
    return Math.floor((performance.now() - this.#started) * 1_000);
  }

  after(delay: Micros, run: () => void): Timer {
    const due = performance.now() + delay / 1_000;
    let handle: NodeJS.Timeout;
    const wait = (): void => {
      const left = Math.max(0, due - performance.now());
      handle = setTimeout(fire, Math.min(left, LONGEST), left > LONGEST ? wait : run);
      this.#waiting.add(handle);
      if (this.#ended) handle.unref();
    };
    const fire = (next: () => void): void => {
      this.#waiting.delete(handle);
      next();
    };
    wait();
    const cancel = (): void => {
      this.#waiting.delete(handle);
      clearTimeout(handle);
    };
    return { cancel };
  }

  sleep(delay: Micros): Promise<void> {
    return new Promise((resolve) => this.after(delay, resolve));
  }

  end(): void {
    this.#ended = true;
    for (const handle of this.#waiting) handle.unref();
  }
}
