/** What became of the leases under a prefix, as the nodes traced it: for stories in which nobody revokes by hand. */
import { parseDuration } from '../../core/codec/duration.ts';
import { type Micros, SECOND } from '../../core/runtime.ts';
import { StoryFailure } from '../failure.ts';
import type { Simulation } from '../simulation.ts';

interface Life {
  readonly from: Micros;
  /** When it was revoked for good; more than one is a bug. */
  readonly ends: Micros[];
}

export class LeaseWatch {
  readonly #lives = new Map<string, Life>();

  /** Watches from now on. */
  constructor({ world }: Simulation, prefix: string) {
    world.onTrace(({ at, event }) => {
      if (event.kind !== 'lease' || !event.id.startsWith(prefix)) return;
      if (event.what === 'registered') this.#lives.set(event.id, { from: at, ends: [] });
      if (event.what === 'revoked') this.#lives.get(event.id)?.ends.push(at);
    });
  }

  get begun(): number {
    return this.#lives.size;
  }

  get ended(): number {
    return [...this.#lives.values()].filter(({ ends }) => ends.length > 0).length;
  }

  /**
   * No lease ended before its time or twice. That each one did end is for the story to ask the nodes: one that dies
   * right after the last write of a revocation tells nobody. A whole second is given away: upstream counts in seconds.
   * Throws StoryFailure.
   */
  assertNoneEarlyOrTwice(ttl: string): void {
    const wanted = parseDuration(ttl) - SECOND;
    for (const [id, { from, ends }] of this.#lives) {
      if (ends.length > 1) throw new StoryFailure(`the lease ${id} was revoked ${ends.length} times`);
      const lived = (ends[0] ?? Infinity) - from;
      if (lived < wanted) throw new StoryFailure(`the lease ${id} ended after ${lived / SECOND} s of ${ttl}`);
    }
  }
}
