import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

/**
 * State machine safety: every entry is applied in order and once, and two replicas that applied the same index hold
 * the same state, byte for byte. A snapshot covers what was applied where it was taken, and nothing behind it.
 */
export class SameStateAtSameIndex implements Checker {
  readonly name = 'same state at same index';
  readonly #states = new Map<number, { state: string; node: string }>();
  readonly #applied = new Map<string, number>();
  /** By index: whose snapshots covered entries that had not been applied there. Noops and barriers never are. */
  readonly #covered = new Map<number, string>();
  /** What was applied anywhere, by index. */
  readonly #known: boolean[] = [];
  readonly #verdicts: Verdicts;

  readonly #diskLies: (node: string) => boolean;

  constructor(verdicts: Verdicts, diskLies: (node: string) => boolean = () => false) {
    this.#verdicts = verdicts;
    this.#diskLies = diskLies;
  }

  observe({ at, node, event }: TraceRecord): void {
    switch (event.kind) {
      case 'raft.recovered':
        return this.#recovered(at, node, event.applied);
      case 'raft.apply':
        this.#inOrder(at, node, event.index);
        this.#known[event.index] = true;
        this.#ahead(at, event.index);
        return this.#compare(at, node, event.index, event.state);
      case 'raft.snapshot':
        if (event.what !== 'installed') return this.#covers(at, node, event.index);
        this.#applied.set(node, event.index);
        return this.#compare(at, node, event.index, event.state);
      default:
    }
  }

  /** What was applied is durable: a node that falls behind it would apply it again, to a state that has moved on. */
  #recovered(at: number, node: string, applied: number): void {
    const before = this.#applied.get(node) ?? 0;
    if (applied < before && !this.#diskLies(node))
      this.#verdicts.report(this.name, at, `${node} restarted at entry ${applied} though it had applied ${before}`);
    this.#applied.set(node, applied);
  }

  #covers(at: number, node: string, index: number): void {
    if (index <= (this.#applied.get(node) ?? 0)) return;
    this.#covered.set(index, node);
    if (this.#known[index] === true) this.#ahead(at, index);
  }

  #ahead(at: number, index: number): void {
    const node = this.#covered.get(index);
    if (node === undefined) return;
    this.#covered.delete(index);
    this.#verdicts.report(this.name, at, `a snapshot of ${node} covered entry ${index} before it was applied there`);
  }

  #inOrder(at: number, node: string, index: number): void {
    const before = this.#applied.get(node) ?? 0;
    if (index <= before) this.#verdicts.report(this.name, at, `${node} applied entry ${index} after ${before}`);
    this.#applied.set(node, index);
  }

  #compare(at: number, node: string, index: number, state: string | undefined): void {
    if (state === undefined) return;
    const known = this.#states.get(index);
    if (known === undefined) this.#states.set(index, { state, node });
    else if (known.state !== state)
      this.#verdicts.report(this.name, at, `${node} and ${known.node} differ after index ${index}`);
  }
}
