/** The kernel's peer: what one writes first. A binary heap of objects, a closure an event, a macrotask between two. */
interface Event {
  readonly time: number;
  readonly sequence: number;
  readonly run: () => void;
}

const before = (a: Event, b: Event): boolean => a.time < b.time || (a.time === b.time && a.sequence < b.sequence);

export class ObjectHeap {
  readonly #heap: Event[] = [];
  #sequence = 0;
  now = 0;

  schedule(delay: number, run: () => void): void {
    const heap = this.#heap;
    const event = { time: this.now + delay, sequence: this.#sequence++, run };
    let at = heap.push(event) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && before(event, heap[parent]!); parent = (at - 1) >> 1) {
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  sleep(delay: number): Promise<void> {
    return new Promise((resolve) => this.schedule(delay, resolve));
  }

  /** Runs the next event; false when none is left. */
  step(): boolean {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return false;
    if (heap.length > 0) this.#sink(last);
    this.now = first.time;
    first.run();
    return true;
  }

  #sink(event: Event): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (child >= heap.length || before(event, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = event;
  }
}
