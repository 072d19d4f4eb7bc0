import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

interface Slot {
  readonly term: number;
  readonly digest: string;
}

/**
 * Log matching and leader completeness: an index and a term name one entry for ever, what one node committed no node
 * ever commits otherwise, and a new leader has all that was committed before it won.
 */
export class LogsAgree implements Checker {
  readonly name = 'logs agree';
  readonly #entries = new Map<string, string>();
  readonly #committed = new Map<number, Slot>();
  readonly #logs = new Map<string, Map<number, Slot>>();
  /** What a snapshot covers on a node: its entries are gone from the log but not from the state. */
  readonly #covered = new Map<string, number>();
  readonly #commitIndex = new Map<string, number>();
  #highest = 0;
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  observe({ at, node, event }: TraceRecord): void {
    switch (event.kind) {
      case 'raft.append':
        return this.#append(at, node, event.index, { term: event.term, digest: event.digest });
      case 'raft.truncate':
        return this.#truncate(at, node, event.from);
      case 'raft.commit':
        return this.#commit(at, node, event.index);
      case 'raft.snapshot':
        if (event.what === 'installed') this.#install(node, event.index);
        return;
      case 'raft.state':
        if (event.state === 'leader') this.#elected(at, node, event.term);
        return;
      default:
    }
  }

  #log(node: string): Map<number, Slot> {
    let log = this.#logs.get(node);
    if (log === undefined) this.#logs.set(node, (log = new Map<number, Slot>()));
    return log;
  }

  #append(at: number, node: string, index: number, slot: Slot): void {
    const key = `${index}/${slot.term}`;
    const known = this.#entries.get(key);
    if (known === undefined) this.#entries.set(key, slot.digest);
    else if (known !== slot.digest)
      this.#verdicts.report(this.name, at, `two entries at index ${index} of term ${slot.term} (seen on ${node})`);
    this.#log(node).set(index, slot);
  }

  /** A conflict cut the log, or a restart found it ending before `from`. Losing what was committed here is judged at elections. */
  #truncate(_at: number, node: string, from: number): void {
    const log = this.#log(node);
    for (let index = from; log.delete(index); index += 1);
  }

  #install(node: string, index: number): void {
    this.#covered.set(node, Math.max(index, this.#covered.get(node) ?? 0));
    this.#commitIndex.set(node, Math.max(index, this.#commitIndex.get(node) ?? 0));
  }

  #commit(at: number, node: string, index: number): void {
    const log = this.#log(node);
    for (let next = (this.#commitIndex.get(node) ?? 0) + 1; next <= index; next += 1) {
      const slot = log.get(next);
      if (slot === undefined) continue;
      const agreed = this.#committed.get(next);
      if (agreed === undefined) this.#committed.set(next, slot);
      else if (agreed.term !== slot.term || agreed.digest !== slot.digest)
        this.#verdicts.report(
          this.name,
          at,
          `${node} committed another entry at index ${next} (terms ${agreed.term}, ${slot.term})`,
        );
    }
    this.#commitIndex.set(node, Math.max(index, this.#commitIndex.get(node) ?? 0));
    this.#highest = Math.max(this.#highest, index);
  }

  #elected(at: number, node: string, term: number): void {
    const log = this.#log(node);
    const covered = this.#covered.get(node) ?? 0;
    for (let index = covered + 1; index <= this.#highest; index += 1) {
      const agreed = this.#committed.get(index);
      if (agreed === undefined) continue;
      const slot = log.get(index);
      if (slot?.digest === agreed.digest && slot.term === agreed.term) continue;
      this.#verdicts.report(
        this.name,
        at,
        `${node} won term ${term} without the committed entry ${index} of term ${agreed.term}`,
      );
      return;
    }
  }
}
