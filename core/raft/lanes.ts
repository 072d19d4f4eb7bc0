/** Finds the lane that waits for an answer or a timer. */
import type { Response } from './messages.ts';

export interface Opened {
  readonly kind: 'opened';
}

/** `index`: what the snapshot that was sent goes up to. */
export type Answer = (response: Response | Opened | undefined, failure: string, index: number) => void;

const FIRST_TIMER = 1;

export class Lanes {
  #nextCall = 1;
  #nextTimer = FIRST_TIMER;
  readonly #calls = new Map<number, Answer>();
  readonly #timers = new Map<number, () => void>();
  readonly #pipes = new Map<number, (response: Response | undefined) => void>();
  #stopped = false;

  /** The number for a request that goes out; `answer` is called once. */
  call(answer: Answer): number {
    const call = this.#nextCall++;
    this.#calls.set(call, answer);
    return call;
  }

  take(call: number): Answer | undefined {
    const answer = this.#calls.get(call);
    this.#calls.delete(call);
    return this.#stopped ? undefined : answer;
  }

  /** A timer of its own for a lane. */
  timer(fired: () => void): number {
    const timer = this.#nextTimer++;
    this.#timers.set(timer, fired);
    return timer;
  }

  /** Where the answers of a lane's pipeline go. */
  pipe(lane: number, answered: (response: Response | undefined) => void): void {
    this.#pipes.set(lane, answered);
  }

  piped(lane: number, response: Response | undefined): void {
    this.#pipes.get(lane)?.(response);
  }

  drop(timer: number): void {
    this.#timers.delete(timer);
    this.#pipes.delete(timer);
  }

  fired(timer: number): void {
    if (!this.#stopped) this.#timers.get(timer)?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#calls.clear();
    this.#timers.clear();
    this.#pipes.clear();
  }
}
