/** What raft measures of itself, under upstream's names: its log, its requests both ways, its replicated state. */
import type { Micros } from '../runtime.ts';
import { SECOND } from '../runtime.ts';
import type { Labels, Metrics } from '../telemetry/metrics.ts';
import { isHeartbeat, type Request } from './messages.ts';
import type { Entry } from './types.ts';

const typeOf = (request: Request): string => {
  switch (request.kind) {
    case 'append':
      return isHeartbeat(request) ? 'Heartbeat' : 'AppendEntries';
    case 'vote':
      return 'RequestVote';
    case 'pre-vote':
      return 'RequestPreVote';
    case 'install':
      return 'InstallSnapshot';
    case 'timeout-now':
      return 'TimeoutNow';
  }
};

interface Incoming {
  readonly labels: Labels;
  readonly request: Request;
  readonly start: Micros;
}

export class RaftMeter {
  readonly #metrics: Metrics;
  readonly #main: Saturation;
  readonly #fsm: Saturation;
  readonly #incoming = new Map<number, Incoming>();
  /** By type of request, so that no object is made for each. */
  readonly #types = new Map<string, Labels>();
  readonly #peers = new Map<string, Labels>();
  /** When each stretch of the log was appended: first index and wall micros, oldest first. */
  readonly #ages: [index: number, at: Micros][] = [];

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#main = new Saturation(metrics, 'vault.raft.thread.main.saturation');
    this.#fsm = new Saturation(metrics, 'vault.raft.thread.fsm.saturation');
  }

  now(): Micros {
    return this.#metrics.now();
  }

  // --- the log

  /** Entries are on disk since now; the main loop stood still for them. */
  stored(entries: readonly Entry[], start: Micros, leader: boolean): void {
    const m = this.#metrics;
    const took = m.now() - start;
    this.#main.worked(took, m.now());
    const milliseconds = took / 1_000;
    let size = 0;
    for (const { data } of entries) {
      m.sample('vault.raft.boltdb.logSize', data.length);
      size += data.length;
    }
    m.sample('vault.raft.boltdb.logsPerBatch', entries.length);
    m.sample('vault.raft.boltdb.logBatchSize', size);
    m.sample('vault.raft.boltdb.writeCapacity', (entries.length * SECOND) / Math.max(1, took));
    m.sample('vault.raft.boltdb.storeLogs', milliseconds);
    if (leader) {
      m.sample('vault.raft.leader.dispatchLog', milliseconds);
      m.gauge('vault.raft.leader.dispatchNumLogs', entries.length);
    } else m.sample('vault.raft.rpc.appendEntries.storeLogs', milliseconds);
    this.#ages.push([entries[0]!.index, m.wall()]);
  }

  /** The log begins after this index. */
  compacted(to: number): void {
    while (this.#ages.length > 1 && this.#ages[1]![0] <= to + 1) this.#ages.shift();
  }

  /** Milliseconds since the oldest entry of the log was appended; 0 where the log was there before this process. */
  oldestAge(base: number): number {
    const oldest = this.#ages[0];
    return oldest === undefined || oldest[0] > base + 1 || base === 0 ? 0 : (this.#metrics.wall() - oldest[1]) / 1_000;
  }

  // --- the replicated state

  applied(count: number, start: Micros): void {
    const m = this.#metrics;
    m.since('vault.raft.fsm.applyBatch', start);
    m.sample('vault.raft.fsm.applyBatchNum', count);
    this.#fsm.worked(m.now() - start, m.now());
  }

  pictured(start: Micros): void {
    this.#metrics.since('vault.raft.fsm.snapshot', start);
  }

  headStored(start: Micros): void {
    this.#metrics.since('vault.raft.snapshot.create', start);
  }

  // --- requests to others

  /** To be called when the answer is there. */
  asked(peer: string, request: Request): () => void {
    const start = this.#metrics.now();
    switch (request.kind) {
      case 'vote':
        return () => this.#metrics.since('vault.raft.candidate.electSelf', start);
      case 'pre-vote':
        return () => this.#metrics.since('vault.raft.candidate.preElectSelf', start);
      case 'append':
        if (isHeartbeat(request)) return () => this.#forPeer('vault.raft.replication.heartbeat', peer, start);
        return () => this.#replicated(peer, request.entries.length, start);
      default:
        return () => {};
    }
  }

  /** A peer has answered to entries that were sent at `start`. */
  #replicated(peer: string, entries: number, start: Micros): void {
    this.#forPeer('vault.raft.replication.appendEntries.rpc', peer, start);
    this.#metrics.count('vault.raft.replication.appendEntries.logs', entries, this.#peer(peer));
    this.#metrics.count(`vault.raft.replication.appendEntries.logs.${peer}`, entries);
  }

  /** Upstream says it twice: with a label, and as it did before there were labels. */
  #forPeer(name: string, peer: string, start: Micros): void {
    this.#metrics.since(name, start, this.#peer(peer));
    this.#metrics.since(`${name}.${peer}`, start);
  }

  // --- requests from others

  /**
   * `waited` and `decoding` are micros: for the request to come, and to read it. To be called when the main loop has it,
   * or, of a heartbeat, when it has been answered without.
   */
  received(rpc: number, request: Request, waited: Micros, decoding: Micros): () => void {
    const labels = labelled(this.#types, 'rpcType', typeOf(request));
    this.#metrics.sample('vault.raft.net.getRPCType', waited / 1_000);
    this.#metrics.sample('vault.raft.net.rpcDecode', decoding / 1_000, labels);
    const start = this.#metrics.now();
    this.#incoming.set(rpc, { labels, request, start });
    return () => this.#metrics.since('vault.raft.net.rpcEnqueue', start, labels);
  }

  responded(rpc: number): void {
    const incoming = this.#incoming.get(rpc);
    if (incoming === undefined) return;
    this.#incoming.delete(rpc);
    const { request, labels, start } = incoming;
    this.#metrics.since('vault.raft.net.rpcRespond', start, labels);
    if (request.kind === 'append') {
      if (isHeartbeat(request)) this.#metrics.since('vault.raft.rpc.processHeartbeat', start);
      this.#metrics.since('vault.raft.rpc.appendEntries', start);
    }
    if (request.kind === 'vote') this.#metrics.since('vault.raft.rpc.requestVote', start);
    if (request.kind === 'pre-vote') this.#metrics.since('vault.raft.rpc.requestPreVote', start);
    if (request.kind === 'install') this.#metrics.since('vault.raft.rpc.installSnapshot', start);
  }

  #peer(peer: string): Labels {
    return labelled(this.#peers, 'peer_id', peer);
  }
}

function labelled(known: Map<string, Labels>, name: string, value: string): Labels {
  let labels = known.get(value);
  if (labels === undefined) known.set(value, (labels = { [name]: value }));
  return labels;
}

/** How much of its time a thread works, said at most once a second and only when it did anything. */
class Saturation {
  readonly #metrics: Metrics;
  readonly #name: string;
  #busy: Micros = 0;
  #since: Micros;

  constructor(metrics: Metrics, name: string) {
    this.#metrics = metrics;
    this.#name = name;
    this.#since = metrics.now();
  }

  worked(busy: Micros, now: Micros): void {
    this.#busy += busy;
    const passed = now - this.#since;
    if (passed < SECOND) return;
    this.#metrics.sample(this.#name, Math.min(1, Math.round((this.#busy / passed) * 100) / 100));
    this.#busy = 0;
    this.#since = now;
  }
}
