/** The rolling hash after every event of a run, compactly, so that two runs can be compared and the culprit named. */
import type { Micros } from '../core/runtime.ts';
import { EVENT_KINDS, type EventKind } from './event-kinds.ts';
import type { RollingHash } from './hash.ts';

/** One event as the log knows it. */
export interface HashedEvent {
  readonly number: number;
  readonly at: Micros;
  readonly process: string;
  readonly kind: EventKind;
}

export class HashLog {
  #length = 0;
  #times = new Float64Array(1024);
  #facts = new Int32Array(4096);
  readonly #names: string[] = [];

  get length(): number {
    return this.#length;
  }

  /** An event begins. */
  open(time: Micros, process: number, name: string, kind: number): void {
    if (this.#length === this.#times.length) this.#grow();
    this.#times[this.#length] = time;
    this.#facts[this.#length * 4] = process;
    this.#facts[this.#length * 4 + 1] = kind;
    this.#names[process] = name;
    this.#length++;
  }

  /** All that the last event led to is done. */
  close(hash: RollingHash): void {
    if (this.#length === 0) return;
    this.#facts[this.#length * 4 - 2] = hash.low;
    this.#facts[this.#length * 4 - 1] = hash.high;
  }

  event(index: number): HashedEvent {
    const process = this.#facts[index * 4]!;
    return {
      number: index,
      at: this.#times[index]!,
      process: this.#names[process] ?? String(process),
      kind: EVENT_KINDS[this.#facts[index * 4 + 1]!]!,
    };
  }

  /** A line an event: number, time, kind and owner, and the rolling hash after it. */
  text(): string {
    const hex = (index: number): string => (this.#facts[index]! >>> 0).toString(16).padStart(8, '0');
    const lines = Array.from({ length: this.#length }, (_, index) => {
      const { at, process, kind } = this.event(index);
      return `${index} at ${at} µs, a ${kind} event of ${process}: ${hex(index * 4 + 3)}${hex(index * 4 + 2)}\n`;
    });
    return lines.join('');
  }

  /** The index of the first event after which the two runs differ, or undefined when they are equal. Close both first. */
  firstDifference(other: HashLog): number | undefined {
    const shared = Math.min(this.#length, other.#length);
    for (let i = 0; i < shared; i++) {
      if (this.#times[i] !== other.#times[i]) return i;
      for (let fact = i * 4; fact < i * 4 + 4; fact++) if (this.#facts[fact] !== other.#facts[fact]) return i;
    }
    return this.#length === other.#length ? undefined : shared;
  }

  /** Where two runs part, in words; undefined when they are equal. */
  describeDifference(other: HashLog): string | undefined {
    const index = this.firstDifference(other);
    if (index === undefined) return undefined;
    const longer = index < this.#length ? this : other;
    const { at, process, kind } = longer.event(index);
    const place = `event ${index} at ${at} µs, a ${kind} event of ${process}`;
    const alone = index === this.#length || index === other.#length;
    return alone ? `one run ends before ${place}` : `the runs part in ${place}`;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    this.#times = times;
    const facts = new Int32Array(this.#facts.length * 2);
    facts.set(this.#facts);
    this.#facts = facts;
  }
}
