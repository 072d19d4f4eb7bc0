/**
 * What holds in every run, whatever the story. A checker sees every trace record as it happens, and at the end what
 * is left: the clients' history, the disks, and what went over the wires between nodes. It knows upstream's promises,
 * never the name of a bug.
 */
import type { OperationRecord, TraceRecord, ViolationRecord } from '../../core/trace.ts';

/** What a checker may look at once the story is over. */
export interface Aftermath {
  /** Virtual micros since the start. */
  readonly now: number;
  readonly nodes: readonly string[];
  readonly operations: readonly OperationRecord[];
}

export interface Checker<A extends Aftermath = Aftermath> {
  readonly name: string;
  observe?(record: TraceRecord): void;
  finish?(aftermath: A): void | Promise<void>;
}

const HOPELESS = 1_000;

/** Collects violations; a checker gets one to report to. The first few of each checker are kept, all are counted. */
export class Verdicts {
  readonly violations: ViolationRecord[] = [];
  readonly counts = new Map<string, number>();
  /** A checker has complained so often that nothing new is to be learnt: a loop without end should end here. */
  hopeless = false;
  readonly #keep: number;
  readonly #hopeless: number;

  /** Keeps the first `keep` violations of each checker, and gives up at the `hopeless`-th of one. */
  constructor(keep = 5, hopeless = HOPELESS) {
    this.#keep = keep;
    this.#hopeless = hopeless;
  }

  report(checker: string, at: number, message: string): void {
    const count = (this.counts.get(checker) ?? 0) + 1;
    this.counts.set(checker, count);
    if (count >= this.#hopeless) this.hopeless = true;
    if (count <= this.#keep) this.violations.push({ checker, at, message });
  }
}
