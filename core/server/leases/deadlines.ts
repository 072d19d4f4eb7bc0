/**
 * When leases end: one heap by wall time and one timer for its top, however many leases there are. The wall clock may
 * jump, so the timer looks again at least every minute, and what is due is decided by the wall clock alone.
 */
import type { Clock, Micros, Timer } from '../../runtime.ts';
import { MINUTE } from '../../runtime.ts';

interface Deadline {
  readonly id: string;
  readonly at: Micros;
  /** Breaks ties in the order in which deadlines were set. */
  readonly sequence: number;
}

const before = (a: Deadline, b: Deadline): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

export class Deadlines {
  readonly #clock: Clock;
  readonly #due: (id: string) => void;
  readonly #current = new Map<string, Deadline>();
  /** A binary heap; deadlines that have been replaced stay in it until they come up. */
  #heap: Deadline[] = [];
  #sequence = 0;
  #timer: Timer | undefined;
  #armedFor: Micros = 0;
  #stopped = false;

  /** `due` is called once for each deadline that passes, in their order. */
  constructor(clock: Clock, due: (id: string) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  get size(): number {
    return this.#current.size;
  }

  /** Wall micros; undefined when none is set. */
  at(id: string): Micros | undefined {
    return this.#current.get(id)?.at;
  }

  *all(): Iterable<readonly [id: string, at: Micros]> {
    for (const { id, at } of this.#current.values()) yield [id, at];
  }

  ids(): IterableIterator<string> {
    return this.#current.keys();
  }

  /** Sets or moves a deadline. One in the past is due at the next event. */
  set(id: string, at: Micros): void {
    const deadline = { id, at, sequence: this.#sequence++ };
    this.#current.set(id, deadline);
    this.#push(deadline);
    this.#arm();
  }

  clear(id: string): void {
    this.#current.delete(id);
    // Mostly leftovers: rebuild, so that memory follows what is set.
    if (this.#heap.length > 64 && this.#heap.length > 2 * this.#current.size) {
      const live = [...this.#current.values()].sort((a, b) => (before(a, b) ? -1 : 1));
      this.#heap = live;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#current.clear();
    this.#heap = [];
  }

  #arm(): void {
    const top = this.#heap[0];
    if (top === undefined || this.#stopped) return;
    if (this.#timer !== undefined && this.#armedFor <= top.at) return;
    this.#timer?.cancel();
    this.#armedFor = top.at;
    const delay = Math.max(0, Math.min(MINUTE, top.at - this.#clock.wall()));
    this.#timer = this.#clock.after(delay, () => {
      this.#timer = undefined;
      this.#fire();
    });
  }

  #fire(): void {
    const now = this.#clock.wall();
    for (let top = this.#heap[0]; top !== undefined && !this.#stopped; top = this.#heap[0]) {
      const live = this.#current.get(top.id) === top;
      if (live && top.at > now) break;
      this.#pop();
      if (!live) continue;
      this.#current.delete(top.id);
      this.#due(top.id);
    }
    this.#arm();
  }

  #push(deadline: Deadline): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(deadline);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(deadline, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = deadline;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
