import type { TraceEvent, TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

type Recovered = Extract<TraceEvent, { kind: 'raft.recovered' }>;

/**
 * Election safety: at most one node wins any term, no node votes for two candidates in one, and a restart forgets
 * neither the term nor the vote in it.
 */
export class OneLeaderATerm implements Checker {
  readonly name = 'one leader a term';
  readonly #winners = new Map<number, string>();
  readonly #votes = new Map<string, { readonly term: number; readonly candidate: string }>();
  readonly #verdicts: Verdicts;
  readonly #diskLies: (node: string) => boolean;

  constructor(verdicts: Verdicts, diskLies: (node: string) => boolean = () => false) {
    this.#verdicts = verdicts;
    this.#diskLies = diskLies;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind === 'raft.state' && event.state === 'leader') this.#won(at, node, event.term);
    if (event.kind === 'raft.vote' && event.granted && !event.pre) this.#voted(at, node, event.term, event.candidate);
    if (event.kind === 'raft.recovered' && !this.#diskLies(node)) this.#recovered(at, node, event);
  }

  #won(at: number, node: string, term: number): void {
    const winner = this.#winners.get(term);
    if (winner !== undefined && winner !== node)
      this.#verdicts.report(this.name, at, `${node} and ${winner} both won term ${term}`);
    this.#winners.set(term, node);
  }

  #voted(at: number, node: string, term: number, candidate: string): void {
    const last = this.#votes.get(node);
    if (last !== undefined && last.term === term && last.candidate !== candidate)
      this.#verdicts.report(this.name, at, `${node} voted for ${last.candidate} and for ${candidate} in term ${term}`);
    if (last !== undefined && term < last.term)
      this.#verdicts.report(this.name, at, `${node} voted in term ${term} after it had voted in term ${last.term}`);
    this.#votes.set(node, { term, candidate });
  }

  #recovered(at: number, node: string, { term, voteTerm, candidate }: Recovered): void {
    const last = this.#votes.get(node);
    if (last === undefined) return;
    if (term < last.term)
      this.#verdicts.report(this.name, at, `${node} restarted in term ${term} though it had voted in ${last.term}`);
    const forgotten = voteTerm < last.term || (voteTerm === last.term && candidate !== last.candidate);
    if (forgotten)
      this.#verdicts.report(this.name, at, `${node} forgot in a restart that it had voted for ${last.candidate}`);
  }
}
