import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

/** Election safety: at most one node wins any term, and no node votes twice for different candidates in one. */
export class OneLeaderATerm implements Checker {
  readonly name = 'one leader a term';
  readonly #winners = new Map<number, string>();
  readonly #votes = new Map<string, string>();
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind === 'raft.state' && event.state === 'leader') this.#won(at, node, event.term);
    if (event.kind === 'raft.vote' && event.granted && !event.pre) this.#voted(at, node, event.term, event.candidate);
  }

  #won(at: number, node: string, term: number): void {
    const winner = this.#winners.get(term);
    if (winner !== undefined && winner !== node)
      this.#verdicts.report(this.name, at, `${node} and ${winner} both won term ${term}`);
    this.#winners.set(term, node);
  }

  #voted(at: number, node: string, term: number, candidate: string): void {
    const key = `${node}/${term}`;
    const earlier = this.#votes.get(key);
    if (earlier !== undefined && earlier !== candidate)
      this.#verdicts.report(this.name, at, `${node} voted for ${earlier} and for ${candidate} in term ${term}`);
    this.#votes.set(key, candidate);
  }
}
