/**
 * A bed of raft machines for tests: no bytes, no connections, only machines, a clock and messages that take as long as
 * the test says. Whole nodes are tested in the simulated world; here a machine's every step can be told in words.
 */
import type { LogLevel, Micros } from '../runtime.ts';
import { MILLISECOND, SECOND } from '../runtime.ts';
import type { TraceEvent } from '../trace.ts';
import type { Effects, LogRecord, SnapshotHead } from './effects.ts';
import type { RaftError } from './errors.ts';
import { Log } from './log.ts';
import { Machine } from './machine.ts';
import type { Peer, Request, Response } from './messages.ts';
import type { Entry, RaftOptions, Server } from './types.ts';

export interface BedOptions {
  /** Uniform in [0, bound). */
  below(bound: number): number;
  /** One way, for each message. Undefined: it is lost, and whoever waits for an answer times out. */
  latency(from: string, to: string): Micros | undefined;
  /** Of one durable write. */
  sync(node: string): Micros;
  onLog?(node: string, level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): void;
  onTrace?(node: string, event: TraceEvent): void;
}

interface Durable {
  log: Log;
  term: number;
  voteTerm: number;
  voteCandidate: string | undefined;
  head: SnapshotHead | undefined;
  /** The replicated state: all commands, and up to where. */
  state: string[];
  applied: { index: number; term: number };
}

/** One node: what lasts, and the machine that lives on it now. */
export class BedNode {
  readonly id: string;
  readonly durable: Durable;
  machine: Machine | undefined;
  readonly results = new Map<number, string>();
  life = 0;

  constructor(id: string) {
    this.id = id;
    const log = new Log();
    const applied = { index: 0, term: 0 };
    this.durable = { log, term: 0, voteTerm: 0, voteCandidate: undefined, head: undefined, state: [], applied };
  }
}

interface Event {
  readonly at: Micros;
  readonly run: () => void;
}

const IO_TIMEOUT = 10 * SECOND;

export class Bed {
  readonly nodes = new Map<string, BedNode>();
  readonly options: BedOptions;
  readonly #raft: Partial<RaftOptions>;
  #queue: Event[] = [];
  #futures = 0;
  now: Micros = 0;

  constructor(options: BedOptions, raft: Partial<RaftOptions> = {}) {
    this.options = options;
    this.#raft = raft;
  }

  node(id: string): BedNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  /** A node whose log begins with this configuration. */
  add(id: string, servers: readonly Server[], encode: (servers: readonly Server[]) => Uint8Array): void {
    const node = new BedNode(id);
    const data = encode(servers);
    node.durable.log.append([{ index: 1, term: 1, type: 'configuration', data, extensions: new Uint8Array(0) }]);
    node.durable.term = 1;
    this.nodes.set(id, node);
  }

  start(id: string): void {
    const node = this.node(id);
    const { durable } = node;
    const life = ++node.life;
    const own = new Log(durable.log.base, durable.log.slice(durable.log.first, durable.log.lastIndex));
    const options: RaftOptions = {
      performanceMultiplier: 1,
      trailingLogs: 10_240,
      snapshotThreshold: 8_192,
      snapshotInterval: 120 * SECOND,
      ...this.#raft,
      id,
      address: `${id}:8201`,
    };
    const surroundings = { now: () => this.now, below: (bound: number) => this.options.below(bound) };
    const machine = new Machine(options, { ...durable, log: own }, surroundings, new BedEffects(this, node, life));
    node.machine = machine;
    machine.start();
  }

  /** Memory is gone; what was being written is, too. */
  crash(id: string): void {
    const node = this.node(id);
    node.life++;
    node.machine = undefined;
  }

  /** The result is in `results` of the node, under the number returned. */
  propose(id: string, text: string): number {
    const future = ++this.#futures;
    const { machine } = this.node(id);
    const data = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    machine?.proposals.push({ future, type: 'command', data, extensions: new Uint8Array(0) });
    machine?.kick();
    return future;
  }

  future(): number {
    return ++this.#futures;
  }

  after(delay: Micros, run: () => void): void {
    const at = this.now + delay;
    let place = this.#queue.length;
    while (place > 0 && this.#queue[place - 1]!.at > at) place--;
    this.#queue.splice(place, 0, { at, run });
  }

  /** Runs the next event unless it is due after `end`. */
  step(end: Micros): boolean {
    const next = this.#queue[0];
    if (next === undefined || next.at > end) return false;
    this.#queue.shift();
    this.now = next.at;
    next.run();
    return true;
  }

  run(time: Micros): void {
    const end = this.now + time;
    while (this.step(end));
    this.now = end;
  }

  leader(): string | undefined {
    let found: BedNode | undefined;
    for (const node of this.nodes.values()) {
      if (node.machine?.role !== 'leader') continue;
      if (found === undefined || node.machine.term > found.machine!.term) found = node;
    }
    return found?.id;
  }
}

class BedEffects implements Effects {
  readonly #bed: Bed;
  readonly #node: BedNode;
  readonly #life: number;
  readonly #timers = new Map<number, number>();
  readonly #responses = new Map<number, (response: Response) => void>();
  readonly #pipes = new Map<number, { to: Peer; broken: boolean; last: Micros }>();
  #armed = 0;
  #rpc = 0;
  #writes: Micros = 0;

  constructor(bed: Bed, node: BedNode, life: number) {
    this.#bed = bed;
    this.#node = node;
    this.#life = life;
  }

  get #machine(): Machine {
    return this.#node.machine!;
  }

  /** Later, if the node still lives the same life. */
  #after(delay: Micros, run: () => void): void {
    this.#bed.after(delay, () => {
      if (this.#node.life === this.#life) run();
    });
  }

  // --- disk: one write at a time ---

  #write(change: () => void, then: () => void): void {
    const { now } = this.#bed;
    this.#writes = Math.max(this.#writes, now) + this.#bed.options.sync(this.#node.id);
    this.#after(this.#writes - now, () => {
      change();
      then();
    });
  }

  #record(record: LogRecord): void {
    const { durable } = this.#node;
    switch (record.kind) {
      case 'entries':
        durable.log.append(record.entries);
        return;
      case 'truncate':
        durable.log.truncate(record.from);
        return;
      case 'compact':
        durable.log.compact(record.to);
        return;
      case 'reset':
        durable.log.reset({ index: record.index, term: record.term });
        return;
      case 'term':
        durable.term = record.term;
        return;
      case 'vote-term':
        durable.voteTerm = record.term;
        return;
      case 'vote-candidate':
        durable.voteCandidate = record.candidate;
        return;
    }
  }

  commit(record: LogRecord): void {
    this.#write(
      () => this.#record(record),
      () => this.#machine.resume(),
    );
  }

  compact(record: LogRecord): void {
    this.#write(
      () => this.#record(record),
      () => this.#machine.snapshots.compacted(),
    );
  }

  storeHead(head: SnapshotHead): void {
    this.#write(
      () => (this.#node.durable.head = head),
      () => this.#machine.snapshots.headStored(),
    );
  }

  // --- messages ---

  /** There and back; `state` travels with an install request. */
  #send(
    to: Peer,
    request: Request,
    answered: (response: Response | undefined, failure: string) => void,
    state?: readonly string[],
  ): void {
    const { options } = this.#bed;
    const from = this.#node.id;
    let open = true;
    const answer = (response: Response | undefined, failure: string): void => {
      if (!open) return;
      open = false;
      answered(response, failure);
    };
    const there = options.latency(from, to.id);
    this.#after(IO_TIMEOUT, () => answer(undefined, 'i/o timeout'));
    if (there === undefined) return;
    this.#bed.after(there, () => {
      const target = this.#bed.nodes.get(to.id);
      const back = options.latency(to.id, from);
      if (target?.machine === undefined) {
        if (back !== undefined) this.#after(back, () => answer(undefined, 'connection refused'));
        return;
      }
      const peer = { id: from, address: `${from}:8201` };
      (target.machine.effects as BedEffects).#receive(peer, request, state, (response) => {
        if (back !== undefined) this.#after(back, () => answer(response, ''));
      });
    });
  }

  #received: readonly string[] | undefined;

  #receive(
    from: Peer,
    request: Request,
    state: readonly string[] | undefined,
    respond: (response: Response) => void,
  ): void {
    const rpc = ++this.#rpc;
    this.#responses.set(rpc, respond);
    if (state !== undefined) this.#received = state;
    this.#machine.request(rpc, from, request);
  }

  call(call: number, to: Peer, request: Request): void {
    this.#send(to, request, (response, failure) => {
      if (response === undefined) this.#machine.failed(call, failure);
      else this.#machine.answered(call, response);
    });
  }

  sendSnapshot(call: number, to: Peer, term: number, head: SnapshotHead): void {
    const { index: lastIndex, term: lastTerm, configuration, configurationIndex } = head;
    const request = { kind: 'install', term, lastIndex, lastTerm, configuration, configurationIndex } as const;
    const answered = (response: Response | undefined, failure: string): void => {
      if (response === undefined) this.#machine.failed(call, failure);
      else this.#machine.answered(call, response, lastIndex);
    };
    this.#send(to, request, answered, [...this.#node.durable.state]);
    this.#after(0, () => this.#machine.state.pictured());
  }

  openPipeline(call: number, lane: number, to: Peer): void {
    this.#pipes.set(lane, { to, broken: false, last: 0 });
    this.#after(MILLISECOND, () => this.#machine.answered(call, { kind: 'opened' }));
  }

  /** Answers come in order: one that failed takes the later ones with it. */
  pipelineSend(lane: number, request: Request): void {
    const pipe = this.#pipes.get(lane);
    if (pipe === undefined) return;
    this.#send(pipe.to, request, (response) => {
      if (this.#pipes.get(lane) !== pipe || pipe.broken) return;
      pipe.broken = response === undefined;
      this.#machine.lanes.piped(lane, response);
    });
  }

  closePipeline(lane: number): void {
    this.#pipes.delete(lane);
  }

  respond(rpc: number, response: Response): void {
    this.#responses.get(rpc)?.(response);
    this.#responses.delete(rpc);
  }

  receiveSnapshot(): void {
    this.#after(MILLISECOND, () => this.#machine.resume());
  }

  discardSnapshot(): void {
    this.#after(MILLISECOND, () => this.#machine.resume());
  }

  // --- time ---

  arm(timer: number, delay: Micros): void {
    const armed = ++this.#armed;
    this.#timers.set(timer, armed);
    this.#after(delay, () => {
      if (this.#timers.get(timer) === armed) this.#machine.fired(timer);
    });
  }

  disarm(timer: number): void {
    this.#timers.delete(timer);
  }

  // --- the replicated state ---

  apply(entries: readonly Entry[]): void {
    this.#after(0, () => {
      const { durable } = this.#node;
      const results = entries.map(({ type, data }) => {
        if (type === 'command') durable.state.push(String.fromCharCode(...data));
        return durable.state.length;
      });
      const last = entries.at(-1);
      if (last !== undefined) durable.applied = { index: last.index, term: last.term };
      this.#machine.state.applied(results);
    });
  }

  restore(head: SnapshotHead): void {
    this.#after(MILLISECOND, () => {
      const { durable } = this.#node;
      durable.state = [...(this.#received ?? durable.state)];
      durable.applied = { index: head.index, term: head.term };
      this.#machine.state.restored();
    });
  }

  picture(future: number, head: SnapshotHead): void {
    this.#after(0, () => this.#machine.state.pictured());
    this.resolve(future, head.index, undefined);
  }

  // --- those who wait and watch ---

  resolve(future: number, index: number, _result: unknown): void {
    this.#node.results.set(future, `done at ${index}`);
  }

  reject(future: number, error: RaftError): void {
    this.#node.results.set(future, error.message);
  }

  leadership(): void {}

  removed(): void {
    this.#after(0, () => this.#machine.shutdown());
  }

  panic(message: string): void {
    throw new Error(`${this.#node.id}: ${message}`);
  }

  log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#bed.options.onLog?.(this.#node.id, level, message, fields);
  }

  trace(event: TraceEvent): void {
    this.#bed.options.onTrace?.(this.#node.id, event);
  }
}
