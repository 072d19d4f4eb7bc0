/** What was done to the world, when, to whom, and whether it bit: a story with faults that did nothing proves nothing. */
import type { Micros } from '../core/runtime.ts';
import type { FaultRecord } from '../core/trace.ts';
import type { World } from './world.ts';

export interface Fault extends FaultRecord {
  what: string;
  /** What it is, whatever the story calls it. */
  readonly kind: string;
  /** Whether it had an effect; settled when the fault ends. */
  bit: () => boolean;
}

export class Faults {
  readonly records: Fault[] = [];
  readonly #world: World;
  #label: string | undefined;
  #number: (() => number) | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** Faults that begin inside `action` go by the story's own words. */
  labelled<T>(label: string, action: () => T): T {
    this.#label = label;
    try {
      return action();
    } finally {
      this.#label = undefined;
    }
  }

  /** Faults that begin inside `action` are those of this number, which is asked for when there is one. */
  numbered<T>(number: () => number, action: () => T): T {
    this.#number = number;
    try {
      return action();
    } finally {
      this.#number = undefined;
    }
  }

  /** For later: an action that belongs to the fault of now. */
  belonging(action: () => void): () => void {
    const number = this.#number;
    return number === undefined ? action : () => this.numbered(number, action);
  }

  begin(what: string, nodes: readonly string[], bit: () => boolean = () => true): Fault {
    const number = this.#number?.();
    const fault: Fault = {
      what: this.#label ?? what,
      kind: what,
      at: this.#world.now,
      nodes,
      bit,
      ...(number === undefined ? {} : { number }),
    };
    this.#world.hash.text(what);
    this.#world.hash.data(nodes);
    this.records.push(fault);
    return fault;
  }

  /** An instant fault. */
  note(what: string, nodes: readonly string[], bit: () => boolean = () => true): void {
    this.end(this.begin(what, nodes, bit));
  }

  end(fault: Fault): void {
    if (fault.until !== undefined) return;
    const bit = fault.bit();
    fault.bit = () => bit;
    fault.until = this.#world.now;
  }

  /** Ends all open faults of a node (or all) that `which` picks. */
  endWhere(which: (fault: Fault) => boolean): void {
    for (const fault of this.records) if (fault.until === undefined && which(fault)) this.end(fault);
  }

  get bitten(): number {
    return this.records.filter((fault) => fault.bit()).length;
  }

  /** The spans during which clients may be left without an answer: from a fault until a write begun after it was acknowledged. */
  windows(recovered: (after: Micros) => Micros): { readonly from: Micros; readonly to: Micros }[] {
    return this.records.map(({ at, until }) => ({ from: at, to: until === undefined ? Infinity : recovered(until) }));
  }
}
