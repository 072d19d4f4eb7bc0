/** The real clocks. */
import { performance } from 'node:perf_hooks';
import type { Clock, Micros, Timer } from '../core/runtime.ts';

/** setTimeout's longest delay; longer ones are waited for in pieces. */
const LONGEST = 2_147_483_647;

export class HostClock implements Clock {
  readonly #started = performance.now();

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
      const left = due - performance.now();
      if (left > LONGEST) handle = setTimeout(wait, LONGEST);
      else handle = setTimeout(run, Math.max(0, left));
    };
    wait();
    return { cancel: () => clearTimeout(handle) };
  }

  sleep(delay: Micros): Promise<void> {
    return new Promise((resolve) => this.after(delay, resolve));
  }
}
