import type { TraceEvent, TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

type Recovered = Extract<TraceEvent, { kind: 'raft.recovered' }>;

type Vote = Extract<TraceEvent, { kind: 'raft.vote' }>;

/** Who is turned away so has changed nothing. */
const UNHEARD = ['not in configuration', 'has a leader', 'older term'];

/**
 * Election safety: at most one node wins any term, no node votes for two candidates in one, and a restart forgets
 * neither the term nor the vote in it. And no voter promises another its vote while it follows a leader.
 */
export class OneLeaderATerm implements Checker {
  readonly name = 'one leader a term';
  readonly #winners = new Map<number, string>();
  readonly #votes = new Map<string, { readonly term: number; readonly candidate: string }>();
  /** Whom each voter follows, and in which term. */
  readonly #followed = new Map<string, { readonly leader: string; readonly term: number }>();
  readonly #voters = new Map<string, boolean>();
  readonly #verdicts: Verdicts;
  readonly #diskLies: (node: string) => boolean;

  constructor(verdicts: Verdicts, diskLies: (node: string) => boolean = () => false) {
    this.#verdicts = verdicts;
    this.#diskLies = diskLies;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind === 'raft.state' && event.state === 'leader') this.#won(at, node, event.term);
    if (event.kind === 'raft.vote' && event.granted && !event.pre) this.#voted(at, node, event.term, event.candidate);
    this.#follow(at, node, event);
    if (event.kind === 'raft.recovered' && !this.#diskLies(node)) this.#recovered(at, node, event);
  }

  #follow(at: number, node: string, event: TraceEvent): void {
    switch (event.kind) {
      case 'raft.recovered':
      case 'raft.state':
        this.#followed.delete(node);
        return;
      case 'raft.leader':
        this.#followed.set(node, event);
        return;
      case 'raft.configuration':
        this.#voters.set(
          node,
          event.servers.some(({ id, voter }) => voter && id === node),
        );
        return;
      case 'raft.vote':
        return this.#asked(at, node, event);
      default:
    }
  }

  #asked(at: number, node: string, { pre, granted, candidate, term, reason = '' }: Vote): void {
    const followed = this.#followed.get(node);
    if (followed === undefined) return;
    if (!pre && term > followed.term && !UNHEARD.includes(reason)) this.#followed.delete(node);
    // Who has no vote notices the end of its leader without a word.
    if (!pre || !granted || followed.leader === candidate || this.#voters.get(node) !== true) return;
    this.#verdicts.report(
      this.name,
      at,
      `${node}, which follows ${followed.leader} in term ${followed.term}, promised its vote to ${candidate}`,
    );
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
