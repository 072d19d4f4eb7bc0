/**
 * hashicorp/raft's main goroutine: one thing at a time, in the order of arrival. While it waits for the disk or for the
 * replicated state, everything else queues; that is why a slow disk shows where it shows.
 */
import { assert } from '../assert.ts';

export type Role = 'follower' | 'candidate' | 'leader' | 'shutdown';

export abstract class MainLoop {
  role: Role = 'follower';
  #queue: (() => void)[] = [];
  /** The role whose loop runs; undefined when it has to start anew. */
  #running: Role | undefined;
  #inMain = false;
  #blocked: ((error?: string) => void) | undefined;

  /** The loop of a role begins; may block. */
  protected abstract enter(role: Role): void;
  protected abstract leave(role: Role): void;
  /** Takes the next proposal or change when the queue is empty; false when there is none. */
  protected abstract serve(): boolean;

  /** Runs a piece of the main loop: now, or when what it does now is done. */
  main(run: () => void): void {
    if (this.role === 'shutdown') return;
    if (this.#inMain || this.#blocked !== undefined) {
      this.#queue.push(run);
      return;
    }
    this.#inMain = true;
    run();
    this.#settle();
    this.#inMain = false;
  }

  /** Something was put into `proposals` or `changes`. */
  kick(): void {
    if (this.#inMain || this.#blocked !== undefined || this.role === 'shutdown') return;
    this.#inMain = true;
    this.#settle();
    this.#inMain = false;
  }

  #settle(): void {
    while (this.#blocked === undefined && this.role !== 'shutdown') {
      if (this.role !== this.#running) {
        if (this.#running !== undefined) this.leave(this.#running);
        this.#running = this.role;
        this.enter(this.role);
        continue;
      }
      const next = this.#queue.shift();
      if (next !== undefined) next();
      else if (!this.serve()) return;
    }
  }

  /** The loop of the present role starts again, as after an election timeout. */
  again(): void {
    this.#running = undefined;
  }

  /** The main loop stands still until `resume` is called by whoever it waits for. */
  block(then: (error?: string) => void): void {
    assert(this.#blocked === undefined, 'the main loop waits for one thing at a time');
    this.#blocked = then;
  }

  resume(error?: string): void {
    const then = this.#blocked;
    if (then === undefined || this.role === 'shutdown') return;
    this.#blocked = undefined;
    this.#inMain = true;
    then(error);
    this.#settle();
    this.#inMain = false;
  }

  /** Nothing more is done; what waits is forgotten. Answers with the role whose loop ran. */
  protected halt(): Role | undefined {
    this.#queue = [];
    return this.#running;
  }
}
