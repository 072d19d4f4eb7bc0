/** One life of a program (or of a kernel, or of the scenario): what events belong to, so that a crash can drop them. */
import type { Handle } from './scheduler.ts';

export class Process {
  /** Unique in the run, in order of birth. */
  readonly id: number;
  /** The machine's name; lives of one machine share it. */
  readonly name: string;
  #alive = true;
  #paused = false;
  /** Events that came due during a pause, in order. */
  held: Handle[] = [];

  constructor(id: number, name: string) {
    this.id = id;
    this.name = name;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Its events never run again, and what it still calls does nothing. For ever: a restart is a new Process. */
  end(): void {
    this.#alive = false;
    this.held = [];
  }

  /** SIGSTOP: events that come due wait. Resuming is the world's, which keeps the queue. */
  pause(): void {
    this.#paused = true;
  }

  unpause(): void {
    this.#paused = false;
  }
}
