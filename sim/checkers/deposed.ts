import { SECOND, type Micros } from '../../core/runtime.ts';
import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

/** Longer than any lease (half a second times the multiplier, at most 10), and time to find out. */
const PATIENCE: Micros = 8 * SECOND;

/**
 * A leader without a majority gives way when its lease is over, which is before anyone else can be elected: so no two
 * lead for long, whatever the network does. What stops or delays the node itself excuses it.
 */
export class DeposedLeadersGiveWay implements Checker {
  readonly name = 'deposed leaders give way';
  /** Since when each leads, and from when on another leads in a later term. */
  readonly #leaders = new Map<string, { readonly term: number; readonly since: Micros; deposed?: Micros }>();
  readonly #verdicts: Verdicts;
  readonly #excused: (node: string, since: Micros) => boolean;

  /** `excused`: something other than the network was wrong with the node since then. */
  constructor(verdicts: Verdicts, excused: (node: string, since: Micros) => boolean) {
    this.#verdicts = verdicts;
    this.#excused = excused;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind === 'raft.recovered') this.#leaders.delete(node);
    if (event.kind === 'raft.state') {
      if (event.state !== 'leader') this.#leaders.delete(node);
      else this.#elected(at, node, event.term);
    }
    if (this.#leaders.size < 2) return;
    for (const [old, { term, since, deposed }] of this.#leaders) {
      if (deposed === undefined || at - deposed < PATIENCE) continue;
      this.#leaders.delete(old);
      if (this.#excused(old, since)) continue;
      const seconds = Math.floor((at - deposed) / SECOND);
      this.#verdicts.report(this.name, at, `${old} still leads in term ${term}, ${seconds} s after a later one began`);
    }
  }

  #elected(at: Micros, node: string, term: number): void {
    this.#leaders.set(node, { term, since: at });
    for (const leader of this.#leaders.values()) if (leader.term < term) leader.deposed ??= at;
  }
}
