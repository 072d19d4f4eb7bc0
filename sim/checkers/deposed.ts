import { SECOND, type Micros } from '../../core/runtime.ts';
import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

/** Longer than any lease (half a second times the multiplier, at most 10), and time to find out. */
const PATIENCE: Micros = 8 * SECOND;

/** How often it is asked whom a leader can reach. */
const LOOK: Micros = SECOND;

/**
 * A leader that reaches no majority of the voters gives way when its lease is over, which is before anyone else can be
 * elected: so no two lead for long, whatever the network does. What stops or delays the node itself excuses it.
 */
export class DeposedLeadersGiveWay implements Checker {
  readonly name = 'deposed leaders give way';
  /** Since when each leads, and from when on another leads in a later term. */
  readonly #leaders = new Map<string, { readonly term: number; readonly since: Micros; deposed?: Micros }>();
  /** By the latest configuration that each node knows. */
  readonly #voters = new Map<string, readonly string[]>();
  #looked: Micros = 0;
  readonly #verdicts: Verdicts;
  readonly #excused: (node: string, since: Micros) => boolean;
  readonly #silent: (node: string, since: Micros) => boolean;

  /**
   * `excused`: something other than the network was wrong with the node since then. `silent`: nobody has heard of the
   * node since then.
   */
  constructor(
    verdicts: Verdicts,
    excused: (node: string, since: Micros) => boolean,
    silent: (node: string, since: Micros) => boolean,
  ) {
    this.#verdicts = verdicts;
    this.#excused = excused;
    this.#silent = silent;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind === 'raft.configuration') {
      const voters = event.servers.filter(({ voter }) => voter).map(({ id }) => id);
      this.#voters.set(node, voters);
    }
    if (event.kind === 'raft.recovered') this.#leaders.delete(node);
    if (event.kind === 'raft.state') {
      if (event.state !== 'leader') this.#leaders.delete(node);
      else this.#elected(at, node, event.term);
    }
    if (at - this.#looked >= LOOK) this.#lookForMajorities(at);
    if (this.#leaders.size < 2) return;
    for (const [old, { term, since, deposed }] of this.#leaders) {
      if (deposed === undefined || at - deposed < PATIENCE) continue;
      this.#leaders.delete(old);
      if (this.#excused(old, since)) continue;
      const seconds = Math.floor((at - deposed) / SECOND);
      this.#verdicts.report(this.name, at, `${old} still leads in term ${term}, ${seconds} s after a later one began`);
    }
  }

  #lookForMajorities(at: Micros): void {
    this.#looked = at;
    const before = at - PATIENCE;
    for (const [leader, { term, since }] of this.#leaders) {
      const voters = this.#voters.get(leader);
      if (since > before || voters === undefined) continue;
      const alone = this.#silent(leader, before);
      const heard = voters.filter((voter) => voter === leader || !(alone || this.#silent(voter, before)));
      if (heard.length * 2 > voters.length || this.#excused(leader, since)) continue;
      this.#leaders.delete(leader);
      this.#verdicts.report(
        this.name,
        at,
        `${leader} still leads term ${term}, though of the voters ${voters.join(', ')} none but ${heard.join(', ')} can be heard`,
      );
    }
  }

  #elected(at: Micros, node: string, term: number): void {
    this.#leaders.set(node, { term, since: at });
    for (const leader of this.#leaders.values()) if (leader.term < term) leader.deposed ??= at;
  }
}
