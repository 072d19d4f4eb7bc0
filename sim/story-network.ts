/** The network as a story speaks of it: each fault is recorded, and `heal` ends them all. */
import { parseDuration } from '../core/codec/duration.ts';
import { type Distribution, uniform } from './distribution.ts';
import type { Fault, Faults } from './faults.ts';
import type { Role } from './network/host.ts';
import type { LinkProfile } from './network/link.ts';
import type { Rule, SimNetwork } from './network/network.ts';

export class StoryNetwork {
  readonly network: SimNetwork;
  readonly #faults: Faults;
  readonly #open = new Set<Fault>();

  constructor(network: SimNetwork, faults: Faults) {
    this.network = network;
    this.#faults = faults;
  }

  /** Cuts nodes off from the other nodes; with `from: 'everyone'` from clients and services too. */
  isolate(nodes: string | readonly string[], options: { readonly from?: 'nodes' | 'everyone' } = {}): void {
    const names = typeof nodes === 'string' ? [nodes] : nodes;
    const roles: Role[] = options.from === 'everyone' ? ['node', 'client', 'service'] : ['node'];
    this.#begin('isolate', names);
    for (const name of names) this.network.isolate(name, roles);
  }

  /** Nodes of different groups do not reach each other. */
  partition(...groups: readonly (readonly string[])[]): void {
    this.#begin(
      `partition ${groups.map((group) => group.join(' ')).join(' | ')}`,
      groups.flatMap((group) => [...group]),
    );
    this.network.partition(...groups);
  }

  /** Nothing gets from `from` to `to`; the other direction works. */
  oneWay(from: string, to: string | readonly string[]): void {
    const targets = typeof to === 'string' ? [to] : to;
    this.#begin('one-way partition', [from, ...targets]);
    for (const target of targets) this.network.block(from, target);
  }

  /** Everything between two machines, both ways, is late by as much more: one duration, or a random one between two. */
  clog(a: string, b: string, least: string, most: string = least): void {
    const extra: Distribution = uniform(parseDuration(least), parseDuration(most));
    this.#begin('clog', [a, b]);
    this.network.clog(a, b, extra);
    this.network.clog(b, a, extra);
  }

  /** Breaks all connections between two machines. */
  reset(a: string, b: string): void {
    const broken = this.network.resetConnections(a, b);
    this.#faults.note('reset connections', [a, b], () => broken > 0);
  }

  /** Asks `rule` about every message until `heal`. */
  rule(what: string, rule: Rule): void {
    this.#begin(what, []);
    this.network.rule(rule);
  }

  /** Changes what a link is like, from now on. */
  profile(from: string, to: string, change: Partial<LinkProfile>): void {
    const link = this.network.link(from, to);
    link.profile = { ...link.profile, ...change };
  }

  /** Ends partitions, clogs and rules. */
  heal(): void {
    for (const fault of this.#open) this.#faults.end(fault);
    this.#open.clear();
    this.network.heal();
  }

  #begin(what: string, nodes: readonly string[]): void {
    const before = this.network.hindered;
    this.#open.add(this.#faults.begin(what, nodes, () => this.network.hindered > before));
  }
}
