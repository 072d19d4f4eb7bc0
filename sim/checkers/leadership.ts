import type { TraceEvent, TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

type Servers = Extract<TraceEvent, { kind: 'raft.configuration' }>['servers'];
type Rejected = Extract<TraceEvent, { kind: 'raft.rejected' }>;

interface Position {
  readonly index: number;
  readonly term: number;
}

class Member {
  /** The term that it leads. */
  leads: number | undefined;
  committed: Position = { index: 0, term: 0 };
  configuration: { readonly index: number; readonly servers: Servers } | undefined;
  /** By peer: where the leader went on after the last rejections, and how often at the same place. */
  rejected = new Map<string, { readonly next: number; readonly times: number }>();
}

/** So often a leader may offer a peer the same thing in vain. */
const PATIENCE = 20;

/**
 * What a leader may not do even when nothing comes of it: count replicas of entries of older terms (Raft §5.4.2), begin
 * a change of members before the last one, or anything of its own term, is committed, change more than one at once,
 * offer what was refused again and again, or commit anything after its own removal. And nobody refuses what follows upon
 * that which it knows to be committed.
 */
export class LeadersKeepTheRules implements Checker {
  readonly name = 'leaders keep the rules';
  readonly #members = new Map<string, Member>();
  readonly #verdicts: Verdicts;
  readonly #diskFails: (node: string) => boolean;

  /** Who cannot write refuses what follows, too: `diskFails` says of whom that may be. */
  constructor(verdicts: Verdicts, diskFails: (node: string) => boolean = () => false) {
    this.#verdicts = verdicts;
    this.#diskFails = diskFails;
  }

  observe({ at, node, event }: TraceRecord): void {
    switch (event.kind) {
      case 'raft.recovered':
        this.#members.set(node, new Member());
        return;
      case 'raft.state':
        this.#member(node).leads = event.state === 'leader' ? event.term : undefined;
        this.#member(node).rejected.clear();
        return;
      case 'raft.commit':
        return this.#commit(at, node, event);
      case 'raft.snapshot':
        if (event.what === 'installed') this.#member(node).committed = { index: event.index, term: event.term };
        return;
      case 'raft.configuration':
        return this.#configuration(at, node, event.index, event.servers);
      case 'raft.rejected':
        return this.#rejected(at, node, event);
      default:
    }
  }

  #member(node: string): Member {
    let member = this.#members.get(node);
    if (member === undefined) this.#members.set(node, (member = new Member()));
    return member;
  }

  #commit(at: number, node: string, { index, term }: Position): void {
    const member = this.#member(node);
    if (member.leads !== undefined && term !== member.leads)
      this.#report(at, `${node}, which leads term ${member.leads}, committed entry ${index} of term ${term} by itself`);
    const { configuration, committed } = member;
    if (
      member.leads !== undefined &&
      configuration !== undefined &&
      committed.index >= configuration.index &&
      !configuration.servers.some(({ id, voter }) => voter && id === node)
    )
      this.#report(
        at,
        `${node} goes on leading, and committed entry ${index}, though it was removed at ${configuration.index}`,
      );
    member.committed = { index, term };
  }

  #configuration(at: number, node: string, index: number, servers: Servers): void {
    const member = this.#member(node);
    const before = member.configuration;
    member.configuration = { index, servers };
    if (member.leads === undefined || before === undefined || index <= before.index) return;
    const { committed } = member;
    if (committed.index < before.index)
      this.#report(at, `${node} changed the members at ${index} before their change at ${before.index} was committed`);
    if (committed.term !== member.leads)
      this.#report(
        at,
        `${node} changed the members at ${index} before it had committed anything in term ${member.leads}`,
      );
    const changed = changes(before.servers, servers);
    if (changed.length > 1) this.#report(at, `${node} changed ${changed.join(' and ')} at once, at ${index}`);
  }

  #rejected(at: number, node: string, { peer, next, term }: Rejected): void {
    const { committed } = this.#member(peer);
    // Of a later term it may have heard while its answer was on the way.
    if (next <= committed.index && committed.term <= term && !this.#diskFails(peer))
      this.#report(at, `${peer} makes ${node} go back to ${next}, though ${committed.index} is committed there`);
    const { rejected } = this.#member(node);
    const last = rejected.get(peer);
    const times = last?.next === next ? last.times + 1 : 1;
    rejected.set(peer, { next, times });
    if (times >= PATIENCE)
      this.#report(at, `${peer} refused ${times} times in a row what ${node} sends it from ${next} on`);
  }

  #report(at: number, message: string): void {
    this.#verdicts.report(this.name, at, message);
  }
}

function changes(before: Servers, after: Servers): string[] {
  const known = new Map(before.map(({ id, voter }) => [id, voter]));
  const changed = after.filter(({ id, voter }) => known.get(id) !== voter).map(({ id }) => id);
  const left = before.filter(({ id }) => !after.some((server) => server.id === id)).map(({ id }) => id);
  return [...changed, ...left];
}
