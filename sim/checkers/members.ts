import type { TraceEvent, TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

type Servers = Extract<TraceEvent, { kind: 'raft.configuration' }>['servers'];

interface Members {
  /** Of the entry that says so. */
  readonly index: number;
  readonly text: string;
}

const textOf = (servers: Servers): string =>
  servers
    .map(({ id, voter }) => (voter ? id : `(${id})`))
    .sort()
    .join(' ');

/**
 * Whoever has committed as much takes the same for the members: a change that was cut off with the log counts no more,
 * one that came with a snapshot counts.
 */
export class MembersAgree implements Checker {
  readonly name = 'members agree';
  readonly #known = new Map<string, Members>();
  /** Changes that were committed, by index, in order. */
  #committed: Members[] = [];
  /** The last of them that a node had. */
  readonly #held = new Map<string, number>();
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind === 'raft.configuration') {
      this.#known.set(node, { index: event.index, text: textOf(event.servers) });
    } else if (event.kind === 'raft.recovered') {
      // Only an operator takes back what was committed: with peers.json history begins anew.
      if ((this.#known.get(node)?.index ?? 0) < (this.#held.get(node) ?? 0)) {
        this.#committed = [];
        this.#held.clear();
      }
    } else if (event.kind === 'raft.commit') {
      const known = this.#known.get(node);
      // The newest is not committed: of those before nothing is told.
      if (known !== undefined && known.index <= event.index) this.#compare(at, node, event.index, known);
    }
  }

  #compare(at: number, node: string, index: number, known: Members): void {
    this.#held.set(node, known.index);
    const agreed = this.#committed.findLast((change) => change.index <= index);
    if (agreed === undefined || agreed.index < known.index) {
      this.#committed.push(known);
      this.#committed.sort((a, b) => a.index - b.index);
    } else if (agreed.text !== known.text)
      this.#verdicts.report(
        this.name,
        at,
        `${node} takes ${known.text} for the members, as of ${known.index}, where ${agreed.text} were committed at ${agreed.index}`,
      );
  }
}
