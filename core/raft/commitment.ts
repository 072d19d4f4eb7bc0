/** How far a leader's log is known to be on a majority of the voters. */
import type { Configuration } from './types.ts';

/**
 * Only entries from `startIndex` on, the first of the leader's own term, are committed by counting; earlier ones
 * follow with them (Raft §5.4.2).
 */
export class Commitment {
  readonly startIndex: number;
  readonly #changed: () => void;
  #matched = new Map<string, number>();
  #commitIndex = 0;

  constructor(configuration: Configuration, startIndex: number, changed: () => void) {
    this.startIndex = startIndex;
    this.#changed = changed;
    this.#take(configuration);
  }

  get commitIndex(): number {
    return this.#commitIndex;
  }

  /** The entries of `server` agree with ours up to `index`. Non-voters do not count. */
  match(server: string, index: number): void {
    const before = this.#matched.get(server);
    if (before === undefined || index <= before) return;
    this.#matched.set(server, index);
    // What was committed before adds nothing to a new majority.
    if (index > this.#commitIndex) this.#recalculate();
  }

  setConfiguration(configuration: Configuration): void {
    this.#take(configuration);
    this.#recalculate();
  }

  #take(configuration: Configuration): void {
    const matched = new Map<string, number>();
    for (const server of configuration.servers) {
      if (server.suffrage === 'voter') matched.set(server.id, this.#matched.get(server.id) ?? 0);
    }
    this.#matched = matched;
  }

  #recalculate(): void {
    const sorted = [...this.#matched.values()].sort((a, b) => a - b);
    const quorum = sorted[Math.floor((sorted.length - 1) / 2)];
    if (quorum === undefined || quorum <= this.#commitIndex || quorum < this.startIndex) return;
    this.#commitIndex = quorum;
    this.#changed();
  }
}
