/**
 * The one queue: a 4-ary heap in typed arrays, ordered by (virtual time, sequence). What an event carries lives in a
 * slot that keeps its number from `add` until it is freed, so that a handle stays good while its event is held back.
 */
import type { Micros } from '../core/runtime.ts';
import { assert } from '../core/assert.ts';

/** Names one scheduled event for ever; using it after the event ran is harmless. */
export type Handle = number;

export type Action<T> = (argument: T) => void;

const SLOTS = 0x40_0000;
const FREE = -1;
const HELD = -2;

export class Scheduler<Owner> {
  #size = 0;
  #sequence = 0;
  // By heap position.
  #times = new Float64Array(64);
  #sequences = new Float64Array(64);
  #slots = new Int32Array(64);
  // By slot.
  #positions = new Int32Array(64).fill(FREE);
  #generations = new Int32Array(64);
  #kinds = new Int32Array(64);
  readonly #owners: (Owner | undefined)[] = [];
  readonly #actions: (Action<never> | undefined)[] = [];
  readonly #arguments: unknown[] = [];
  #vacant = new Int32Array(64).map((_, index) => 63 - index);
  #vacancies = 64;

  /** Events in the heap; held ones are not counted. */
  get size(): number {
    return this.#size;
  }

  /** Of the event that `take` would give; Infinity when there is none. */
  get nextTime(): Micros {
    return this.#size === 0 ? Infinity : this.#times[0]!;
  }

  add<T>(time: Micros, owner: Owner, kind: number, action: Action<T>, argument: T): Handle {
    if (this.#vacancies === 0) this.#grow();
    const slot = this.#vacant[--this.#vacancies]!;
    this.#kinds[slot] = kind;
    this.#owners[slot] = owner;
    this.#actions[slot] = action;
    this.#arguments[slot] = argument;
    this.#push(slot, time);
    return this.#generations[slot]! * SLOTS + slot;
  }

  /** Takes the first event out of the heap and gives its slot, or -1. The slot must then be freed or held. */
  take(): number {
    if (this.#size === 0) return -1;
    const slot = this.#slots[0]!;
    this.#removeAt(0);
    this.#positions[slot] = HELD;
    return slot;
  }

  /** The handle of a slot that was taken. */
  handle(slot: number): Handle {
    return this.#generations[slot]! * SLOTS + slot;
  }

  owner(slot: number): Owner {
    return this.#owners[slot]!;
  }

  kind(slot: number): number {
    return this.#kinds[slot]!;
  }

  /** Frees a taken slot and calls its action. */
  fire(slot: number): void {
    const action = this.#actions[slot] as Action<unknown>;
    const argument = this.#arguments[slot];
    this.free(slot);
    action(argument);
  }

  /** Ends a taken slot without calling its action. */
  free(slot: number): void {
    assert(this.#positions[slot] === HELD, 'only a taken slot is freed');
    this.#positions[slot] = FREE;
    this.#generations[slot]!++;
    this.#owners[slot] = undefined;
    this.#actions[slot] = undefined;
    this.#arguments[slot] = undefined;
    this.#vacant[this.#vacancies++] = slot;
  }

  /** Puts a taken event back at a later time; nothing happens when it was cancelled meanwhile. */
  restore(handle: Handle, time: Micros): void {
    const slot = this.#live(handle);
    if (slot === FREE) return;
    assert(this.#positions[slot] === HELD, 'only a taken event is restored');
    this.#push(slot, time);
  }

  /** Takes the event out; false when it ran or was cancelled before. */
  cancel(handle: Handle): boolean {
    const slot = this.#live(handle);
    if (slot === FREE) return false;
    const position = this.#positions[slot]!;
    if (position >= 0) {
      this.#removeAt(position);
      this.#positions[slot] = HELD;
    }
    this.free(slot);
    return true;
  }

  #live(handle: Handle): number {
    const slot = handle % SLOTS;
    const current = this.#generations[slot] === (handle - slot) / SLOTS && this.#positions[slot] !== FREE;
    return current ? slot : FREE;
  }

  #push(slot: number, time: Micros): void {
    this.#siftUp(this.#size++, slot, time, this.#sequence++);
  }

  #removeAt(position: number): void {
    const last = --this.#size;
    if (position === last) return;
    const slot = this.#slots[last]!;
    const time = this.#times[last]!;
    const sequence = this.#sequences[last]!;
    const parent = (position - 1) >> 2;
    if (position > 0 && this.#before(time, sequence, parent)) this.#siftUp(position, slot, time, sequence);
    else this.#siftDown(position, slot, time, sequence);
  }

  #before(time: number, sequence: number, position: number): boolean {
    const other = this.#times[position]!;
    return time < other || (time === other && sequence < this.#sequences[position]!);
  }

  #siftUp(start: number, slot: number, time: number, sequence: number): void {
    let position = start;
    while (position > 0) {
      const parent = (position - 1) >> 2;
      if (!this.#before(time, sequence, parent)) break;
      this.#move(parent, position);
      position = parent;
    }
    this.#place(position, slot, time, sequence);
  }

  #siftDown(start: number, slot: number, time: number, sequence: number): void {
    let position = start;
    for (;;) {
      const first = position * 4 + 1;
      if (first >= this.#size) break;
      const end = Math.min(first + 4, this.#size);
      let least = first;
      for (let child = first + 1; child < end; child++) {
        if (this.#before(this.#times[child]!, this.#sequences[child]!, least)) least = child;
      }
      if (this.#before(time, sequence, least)) break;
      this.#move(least, position);
      position = least;
    }
    this.#place(position, slot, time, sequence);
  }

  #move(from: number, to: number): void {
    const slot = this.#slots[from]!;
    this.#times[to] = this.#times[from]!;
    this.#sequences[to] = this.#sequences[from]!;
    this.#slots[to] = slot;
    this.#positions[slot] = to;
  }

  #place(position: number, slot: number, time: number, sequence: number): void {
    this.#times[position] = time;
    this.#sequences[position] = sequence;
    this.#slots[position] = slot;
    this.#positions[slot] = position;
  }

  #grow(): void {
    const before = this.#positions.length;
    const after = before * 2;
    assert(after <= SLOTS, 'at most four million events are in flight');
    this.#times = grown(Float64Array, this.#times, after);
    this.#sequences = grown(Float64Array, this.#sequences, after);
    this.#slots = grown(Int32Array, this.#slots, after);
    this.#positions = grown(Int32Array, this.#positions, after).fill(FREE, before);
    this.#generations = grown(Int32Array, this.#generations, after);
    this.#kinds = grown(Int32Array, this.#kinds, after);
    this.#vacant = new Int32Array(after);
    for (let slot = after - 1; slot >= before; slot--) this.#vacant[this.#vacancies++] = slot;
  }
}

function grown<A extends Float64Array | Int32Array>(type: new (length: number) => A, old: A, length: number): A {
  const array = new type(length);
  array.set(old);
  return array;
}
