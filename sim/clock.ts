/** The two clocks of a machine. Drift bends both, as one oscillator drives them; jumps move the wall clock only. */
import type { Clock, Micros, Timer } from '../core/runtime.ts';
import type { Process } from './process.ts';
import type { Handle } from './scheduler.ts';
import { TIMER } from './event-kinds.ts';
import type { World } from './world.ts';

/** 2026-06-01T00:00:00Z: what the wall clocks show at the start of a run. */
export const EPOCH: Micros = 1_780_272_000_000_000;

const MILLION = 1_000_000;

/** A machine's oscillator and time of day; survives restarts. */
export class MachineClock {
  readonly #world: World;
  #driftPpm = 0;
  /** Local micros elapsed at the last change of drift, and the virtual time of that change. */
  #elapsed: Micros = 0;
  #since: Micros = 0;
  #wallOffset: Micros = EPOCH;

  constructor(world: World) {
    this.#world = world;
  }

  /** Local micros since the start of the run. Never goes back. */
  elapsed(): Micros {
    const passed = this.#world.now - this.#since;
    return this.#elapsed + passed + Math.floor((passed * this.#driftPpm) / MILLION);
  }

  wall(): Micros {
    return this.#wallOffset + this.elapsed();
  }

  /** How long the world waits until this clock has moved on by `delay`; running timers keep the rate they began with. */
  toVirtual(delay: Micros): Micros {
    if (this.#driftPpm === 0) return delay;
    return Math.ceil((delay * MILLION) / (MILLION + this.#driftPpm));
  }

  /** Gains (or with a negative number loses) so many micros a second from now on. */
  drift(ppm: number): void {
    this.#elapsed = this.elapsed();
    this.#since = this.#world.now;
    this.#driftPpm = ppm;
  }

  /** Steps the time of day, forwards or back. */
  jump(by: Micros): void {
    this.#wallOffset += by;
  }
}

/** One process's view: its timers die with it. */
export class ProcessClock implements Clock {
  readonly #world: World;
  readonly #machine: MachineClock;
  readonly #process: Process;
  readonly #born: Micros;

  constructor(world: World, machine: MachineClock, process: Process) {
    this.#world = world;
    this.#machine = machine;
    this.#process = process;
    this.#born = machine.elapsed();
  }

  wall(): Micros {
    return this.#machine.wall();
  }

  monotonic(): Micros {
    return this.#machine.elapsed() - this.#born;
  }

  after(delay: Micros, run: () => void): Timer {
    const wait = this.#machine.toVirtual(delay > 0 ? delay : 0);
    return new SimTimer(this.#world, this.#world.schedule(this.#process, wait, TIMER, call, run));
  }

  sleep(delay: Micros): Promise<void> {
    return new Promise((resolve) => {
      this.after(delay, resolve);
    });
  }
}

class SimTimer implements Timer {
  readonly #world: World;
  readonly #handle: Handle;

  constructor(world: World, handle: Handle) {
    this.#world = world;
    this.#handle = handle;
  }

  cancel(): void {
    this.#world.cancel(this.#handle);
  }
}

function call(run: () => void): void {
  run();
}
