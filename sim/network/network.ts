/** The simulated network: hosts, the links between them, and what a fault does to either. */
import { type Connection, type Listener, type Micros, type Network, NetworkError } from '../../core/runtime.ts';
import { assert } from '../../core/assert.ts';
import { dial } from './dial.ts';
import type { Distribution } from '../distribution.ts';
import { RollingHash } from '../hash.ts';
import { Host, type OpenListener, type Role, splitAddress } from './host.ts';
import { Link, type LinkProfile, LOOPBACK } from './link.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';

/** A message as rules and taps see it. `from` and `to` are host names, `local` and `remote` addresses. */
export interface WireMessage {
  readonly from: string;
  readonly to: string;
  readonly local: string;
  readonly remote: string;
  readonly bytes: Uint8Array;
}

/**
 * What a rule says about a message: let it pass, lose it (TCP sends it again, and asks again), deliver it later, or
 * deliver other bytes instead.
 */
export type Verdict = 'pass' | 'drop' | { readonly later?: Micros; readonly instead?: Uint8Array };
export type Rule = (message: WireMessage) => Verdict;

/** One end that messages leave: of a connection, or a datagram's. */
export interface Sender {
  readonly id: number;
  readonly host: Host;
  readonly peer: { readonly host: Host };
  readonly local: string;
  readonly remote: string;
}

/** Names by which every machine reaches itself. */
const LOCAL: ReadonlySet<string> = new Set(['localhost', '127.0.0.1']);

export class SimNetwork {
  readonly world: World;
  /** TCP hides loss, duplicates and reordering. Unmasked, each message fares on its own, as datagrams do. */
  masked = true;
  readonly #profile: LinkProfile;
  readonly #hosts = new Map<string, Host>();
  readonly #links = new Map<string, Map<string, Link>>();
  /** Ports of every machine's own address, 127.0.0.1, that lead to another, as through a proxy beside each program. */
  readonly proxies = new Map<number, Host>();
  readonly #rules = new Set<Rule>();
  readonly #taps: ((message: WireMessage) => void)[] = [];
  readonly #content = new RollingHash();
  #connections = 0;
  #messages = 0;
  #bytes = 0;

  /** `profile` is how a link is until it is told otherwise; within one host it is always loopback. */
  constructor(world: World, profile: LinkProfile = LOOPBACK) {
    this.world = world;
    this.#profile = profile;
  }

  /** Messages and bytes sent so far. */
  get traffic(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#messages, bytes: this.#bytes };
  }

  addHost(name: string, role: Role, kernel: Process): Host {
    assert(!this.#hosts.has(name), `one host is called ${name}`);
    const host = new Host(name, role, kernel);
    this.#hosts.set(name, host);
    return host;
  }

  host(name: string): Host | undefined {
    return this.#hosts.get(name);
  }

  /** The machine that `from` reaches by a name, at this port of a connection. */
  reached(name: string, from: Host, port?: number): Host | undefined {
    if (!LOCAL.has(name)) return this.host(name);
    return (port === undefined ? undefined : this.proxies.get(port)) ?? from;
  }

  link(from: string, to: string): Link {
    let row = this.#links.get(from);
    if (row === undefined) this.#links.set(from, (row = new Map<string, Link>()));
    let link = row.get(to);
    if (link === undefined) {
      link = new Link(from === to ? LOOPBACK : this.#profile, this.world.random(`network/${from}>${to}`));
      row.set(to, link);
    }
    return link;
  }

  nextConnection(): number {
    return this.#connections++;
  }

  /** Accounts for a message that leaves a host; gives its fingerprint. */
  sent(from: Sender, bytes: Uint8Array): number {
    this.#messages++;
    this.#bytes += bytes.length;
    this.world.hash.word(from.id);
    if (this.#taps.length > 0) {
      const message = wireMessage(from, bytes);
      for (const tap of this.#taps) tap(message);
    }
    return this.#fold(bytes);
  }

  /** What tells whether somebody changed a message on its way: nodes must share nothing, and copies cost too much. */
  fingerprint(bytes: Uint8Array): number {
    this.#content.reset();
    this.#content.bytes(bytes);
    return this.#content.low;
  }

  #fold(bytes: Uint8Array): number {
    const fingerprint = this.fingerprint(bytes);
    this.world.hash.word(fingerprint);
    this.world.hash.word(this.#content.high);
    return fingerprint;
  }

  get ruled(): boolean {
    return this.#rules.size > 0;
  }

  /** The first rule that does not let the message pass decides. */
  judge(from: Sender, bytes: Uint8Array): Verdict {
    const message = wireMessage(from, bytes);
    for (const rule of this.#rules) {
      const verdict = rule(message);
      if (verdict === 'pass') continue;
      this.link(message.from, message.to).hindered++;
      if (typeof verdict === 'object' && verdict.instead !== undefined) this.#fold(verdict.instead);
      return verdict;
    }
    return 'pass';
  }

  /** Asks `rule` about every message from now on. Returns what takes it away again. */
  rule(rule: Rule): () => void {
    this.#rules.add(rule);
    return () => this.#rules.delete(rule);
  }

  /** Shows every message that is sent, at the moment of sending. */
  tap(watch: (message: WireMessage) => void): void {
    this.#taps.push(watch);
  }

  /** Nothing gets from one host to the other, in this direction. Connections stay open and fall silent. */
  block(from: string, to: string): void {
    this.link(from, to).blocked = true;
    this.#watch(from, to);
    this.#watch(to, from);
  }

  /** Cuts a host off from all others of the given roles. */
  isolate(name: string, roles: readonly Role[] = ['node']): void {
    for (const other of this.#hosts.values()) {
      if (other.name === name || !roles.includes(other.role)) continue;
      this.block(name, other.name);
      this.block(other.name, name);
    }
  }

  /** Hosts in different groups do not reach each other. */
  partition(...groups: readonly (readonly string[])[]): void {
    for (const group of groups) {
      for (const other of groups) {
        if (group === other) continue;
        for (const from of group) for (const to of other) this.block(from, to);
      }
    }
  }

  /** Every message from one host to the other is late by as much more. */
  clog(from: string, to: string, extra: Distribution): void {
    this.link(from, to).clog = extra;
  }

  /** Ends partitions and clogs and takes all rules away. */
  heal(): void {
    this.#rules.clear();
    for (const link of this.#allLinks()) {
      link.blocked = false;
      link.clog = undefined;
    }
  }

  /** Messages that partitions, clogs and rules have held up so far. */
  get hindered(): number {
    let sum = 0;
    for (const link of this.#allLinks()) sum += link.hindered;
    return sum;
  }

  /** Breaks all open connections between two hosts. Returns how many. */
  resetConnections(a: string, b: string): number {
    const broken = [...(this.#hosts.get(a)?.endpoints ?? [])].filter((endpoint) => endpoint.peer.host.name === b);
    for (const endpoint of broken) endpoint.reset();
    return broken.length;
  }

  /** A process ended while its machine runs on: its ports are free, its peers are told. */
  processEnded(host: Host, process: Process): void {
    for (const [port, listener] of host.listeners) if (listener.owner === process) host.listeners.delete(port);
    for (const [port, socket] of host.datagrams) if (socket.owner === process) host.datagrams.delete(port);
    for (const endpoint of host.endpoints) if (endpoint.owner === process) endpoint.abandon();
  }

  /** The machine is gone without a word. */
  powerOff(host: Host): void {
    host.up = false;
    host.listeners.clear();
    host.datagrams.clear();
    for (const endpoint of host.endpoints) endpoint.peer.watch();
    host.endpoints.clear();
  }

  powerOn(host: Host, kernel: Process): void {
    host.kernel = kernel;
    host.up = true;
  }

  #watch(from: string, to: string): void {
    for (const endpoint of this.#hosts.get(from)?.endpoints ?? []) if (endpoint.peer.host.name === to) endpoint.watch();
  }

  *#allLinks(): Iterable<Link> {
    for (const row of this.#links.values()) yield* row.values();
  }
}

function wireMessage(from: Sender, bytes: Uint8Array): WireMessage {
  return { from: from.host.name, to: from.peer.host.name, local: from.local, remote: from.remote, bytes };
}

/** The network as one process sees it. */
export class ProcessNetwork implements Network {
  readonly #network: SimNetwork;
  readonly #host: Host;
  readonly #process: Process;

  constructor(network: SimNetwork, host: Host, process: Process) {
    this.#network = network;
    this.#host = host;
    this.#process = process;
  }

  listen(address: string, accept: (connection: Connection) => void): Listener {
    const port = splitAddress(address)?.port;
    assert(port !== undefined, `a listener's address is host:port, not ${address}`);
    const { listeners } = this.#host;
    if (listeners.has(port)) throw new NetworkError('refused', `listen tcp ${address}: bind: address already in use`);
    const listener: OpenListener = {
      address,
      owner: this.#process,
      accept,
      close: () => {
        if (listeners.get(port) === listener) listeners.delete(port);
      },
    };
    if (this.#process.alive) listeners.set(port, listener);
    return listener;
  }

  dial(address: string, timeout: Micros): Promise<Connection> {
    return dial(this.#network, this.#process, this.#host, address, timeout);
  }
}
