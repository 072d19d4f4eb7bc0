import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

interface Slot {
  readonly term: number;
  readonly digest: string;
}

/** What is known of one node's log. */
class NodeLog {
  /** By index. */
  slots: Slot[] = [];
  last = 0;
  /** What a snapshot covers: its entries may be gone from the log but not from the state. */
  covered = 0;
  committed = 0;
  /** The voters, by the latest configuration that this node knows. */
  voters: readonly string[] = [];
  /** Those before the last change, and where that stands in the log. */
  former: readonly string[] = [];
  changed = 0;
  /** The furthest position that this log ever had. */
  best: Position = { term: 0, index: 0 };
}

interface Position {
  readonly term: number;
  readonly index: number;
}

const isBehind = (a: Position, b: Position): boolean => a.term < b.term || (a.term === b.term && a.index < b.index);

/**
 * Log matching and leader completeness: an index and a term name one entry for ever, what one node committed no node
 * ever commits otherwise, what is committed is durable on a majority, a new leader has all that was committed before it
 * won, a restart brings back what was committed, nobody grants a vote, or the promise of one, to a log behind its own,
 * nobody hands leadership to one, and what a snapshot stands for is what was committed there.
 */
export class LogsAgree implements Checker {
  readonly name = 'logs agree';
  /** By term, then by index. */
  readonly #entries = new Map<number, Slot[]>();
  readonly #committed: Slot[] = [];
  readonly #logs = new Map<string, NodeLog>();
  #highest = 0;
  readonly #verdicts: Verdicts;
  readonly #diskLies: (node: string) => boolean;

  constructor(verdicts: Verdicts, diskLies: (node: string) => boolean = () => false) {
    this.#verdicts = verdicts;
    this.#diskLies = diskLies;
  }

  observe({ at, node, event }: TraceRecord): void {
    switch (event.kind) {
      case 'raft.append':
        return this.#append(node, event.index, this.#entry(at, node, event));
      case 'raft.truncate':
        return this.#truncate(node, event.from);
      case 'raft.commit':
        return this.#commit(at, node, event.index);
      case 'raft.snapshot':
        this.#covers(at, node, event.index, event.term);
        if (event.what === 'installed') this.#install(node, event.index, event.term);
        return;
      case 'raft.configuration': {
        const log = this.#log(node);
        log.former = log.voters;
        log.voters = event.servers.filter(({ voter }) => voter).map(({ id }) => id);
        log.changed = event.index;
        return;
      }
      case 'raft.recovered':
        return this.#recover(at, node, event.base, event.last);
      case 'raft.vote':
        if (event.granted) this.#granted(at, node, event.candidate, event.pre);
        return;
      case 'raft.transfer':
        return this.#handed(at, node, event.target, event.term);
      case 'raft.state':
        if (event.state === 'leader') this.#elected(at, node, event.term);
        return;
      default:
    }
  }

  #log(node: string): NodeLog {
    let log = this.#logs.get(node);
    if (log === undefined) this.#logs.set(node, (log = new NodeLog()));
    return log;
  }

  /** All nodes share what is known of an entry: long runs have millions. */
  #entry(at: number, node: string, { index, term, digest }: { index: number; term: number; digest: string }): Slot {
    let entries = this.#entries.get(term);
    if (entries === undefined) this.#entries.set(term, (entries = []));
    const known = (entries[index] ??= { term, digest });
    if (known.digest === digest) return known;
    this.#verdicts.report(this.name, at, `two entries at index ${index} of term ${term} (seen on ${node})`);
    return { term, digest };
  }

  #append(node: string, index: number, slot: Slot): void {
    const log = this.#log(node);
    log.slots[index] = slot;
    log.last = Math.max(log.last, index);
    const position = { term: slot.term, index };
    if (isBehind(log.best, position)) log.best = position;
  }

  /** A conflict cut the log. Losing what was committed here is judged at elections. */
  #truncate(node: string, from: number): void {
    const log = this.#log(node);
    log.slots.length = Math.min(log.slots.length, from);
    log.last = Math.min(log.last, from - 1);
  }

  #covers(at: number, node: string, index: number, term: number): void {
    const agreed = this.#committed[index];
    if (agreed !== undefined && agreed.term !== term)
      this.#verdicts.report(
        this.name,
        at,
        `${node} has a snapshot up to ${index} of term ${term}, where an entry of term ${agreed.term} was committed`,
      );
  }

  #install(node: string, index: number, term: number): void {
    const log = this.#log(node);
    log.covered = Math.max(index, log.covered);
    log.committed = Math.max(index, log.committed);
    const position = { term, index };
    if (isBehind(log.best, position)) log.best = position;
    // The log goes on only where it agrees with the snapshot.
    if (log.slots[index]?.term === term) return;
    log.slots = [];
    log.last = index;
  }

  /** The entries that came back were just told; all that is missing behind them was lost. */
  #recover(at: number, node: string, base: number, last: number): void {
    const log = this.#log(node);
    log.covered = Math.max(base, log.covered);
    for (let index = Math.max(last, log.covered) + 1; index <= log.last; index += 1) {
      const slot = log.slots[index];
      const agreed = this.#committed[index];
      if (slot !== undefined && slot.term === agreed?.term && slot.digest === agreed.digest && !this.#diskLies(node)) {
        this.#verdicts.report(
          this.name,
          at,
          `${node} lost the committed entry ${index}, which it had written, in a restart`,
        );
        break;
      }
    }
    this.#truncate(node, last + 1);
    log.last = last;
  }

  #granted(at: number, node: string, candidate: string, pre: boolean): void {
    const own = this.#log(node);
    const { term = 0 } = own.slots[own.last] ?? {};
    const theirs = this.#log(candidate).best;
    if (candidate !== node && isBehind(theirs, { term, index: own.last }) && term > 0)
      this.#verdicts.report(
        this.name,
        at,
        `${node}, whose log ends with ${own.last} of term ${term}, granted a ${pre ? 'pre-vote' : 'vote'} to ${candidate}, whose log never got beyond ${theirs.index} of term ${theirs.term}`,
      );
  }

  /** A leader that has just won takes all peers for as far as itself, as hashicorp/raft does: that one is excused. */
  #handed(at: number, node: string, target: string, term: number): void {
    const own = this.#log(node);
    const last = own.slots[own.last];
    if (last?.term !== term) return;
    if (this.#log(target).slots[own.last]?.digest === last.digest || this.#log(target).covered >= own.last) return;
    this.#verdicts.report(
      this.name,
      at,
      `${node} hands term ${term} over to ${target}, whose log ends with ${this.#log(target).last}, its own with ${own.last}`,
    );
  }

  #commit(at: number, node: string, index: number): void {
    const log = this.#log(node);
    for (let next = log.committed + 1; next <= index; next += 1) {
      const slot = log.slots[next];
      if (slot === undefined) continue;
      const agreed = this.#committed[next];
      if (agreed === undefined) {
        this.#committed[next] = slot;
        this.#onMajority(at, node, next, slot);
      } else if (agreed.term !== slot.term || agreed.digest !== slot.digest)
        this.#verdicts.report(
          this.name,
          at,
          `${node} committed another entry at index ${next} (terms ${agreed.term}, ${slot.term})`,
        );
    }
    log.committed = Math.max(index, log.committed);
    this.#highest = Math.max(this.#highest, index);
  }

  #onMajority(at: number, node: string, index: number, { term, digest }: Slot): void {
    const { voters, former, changed } = this.#log(node);
    const has = (voter: string): boolean => {
      const { slots, covered } = this.#log(voter);
      const slot = slots[index];
      return covered >= index || (slot?.term === term && slot.digest === digest);
    };
    const isEnough = (members: readonly string[]): boolean => members.filter(has).length * 2 > members.length;
    // What was decided before the last change may be told after it; and a second voter by the first alone, who is of
    // every later majority.
    const before = former.length === 1 ? changed : changed - 1;
    if (voters.length === 0 || isEnough(voters) || (index <= before && isEnough(former))) return;
    const holders = voters.filter(has).join(', ') || 'nobody';
    this.#verdicts.report(
      this.name,
      at,
      `${node} committed entry ${index} of term ${term}, which is durable only on ${holders} of ${voters.join(', ')}`,
    );
  }

  #elected(at: number, node: string, term: number): void {
    const log = this.#log(node);
    for (let index = log.covered + 1; index <= this.#highest; index += 1) {
      const agreed = this.#committed[index];
      if (agreed === undefined) continue;
      const slot = log.slots[index];
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
