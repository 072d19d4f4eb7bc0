import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

/** State machine safety: two replicas that applied the same index hold the same state, byte for byte. */
export class SameStateAtSameIndex implements Checker {
  readonly name = 'same state at same index';
  readonly #states = new Map<number, { state: string; node: string }>();
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind !== 'raft.apply' && !(event.kind === 'raft.snapshot' && event.what === 'installed')) return;
    if (event.state === undefined) return;
    const known = this.#states.get(event.index);
    if (known === undefined) this.#states.set(event.index, { state: event.state, node });
    else if (known.state !== event.state)
      this.#verdicts.report(this.name, at, `${node} and ${known.node} differ after index ${event.index}`);
  }
}
