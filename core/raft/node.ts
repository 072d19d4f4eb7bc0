/** A raft node on a Runtime: the machine, its files, its connections, and the calls that a server makes. */
import { noBytes } from '../codec/bytes.ts';
import type { Micros, Runtime } from '../runtime.ts';
import { checkConfiguration, encodeConfiguration } from './configuration.ts';
import type { ConfigurationChange } from './configuration.ts';
import { Driver } from './driver.ts';
import type { Picture } from './driver.ts';
import { raftError, raftFailure } from './errors.ts';
import { restoreUserSnapshot } from './install.ts';
import { Machine } from './machine.ts';
import type { Role } from './main-loop.ts';
import type { Peer } from './messages.ts';
import { serversText } from './configuration.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { MAX_APPEND_ENTRIES } from './timing.ts';
import { transferLeadership } from './transfer.ts';
import { Transport } from './transport.ts';
import type { Configuration, EntryType, Fsm, FsmSnapshot, RaftOptions, SnapshotMeta, StreamLayer } from './types.ts';
import { verifyLeader } from './verify.ts';
import { Wal } from './wal.ts';
import type { WalContents } from './wal-recovery.ts';
import type { WalOptions } from './wal.ts';
import { formatDuration } from '../codec/duration.ts';

/** Where a node keeps its log: read once, then handed to the running node. */
export class RaftStorage {
  readonly #runtime: Runtime;
  readonly #folder: string;
  readonly #options: WalOptions;
  readonly snapshots: SnapshotStore;
  /** A promise, so that all who ask at the same time get the same files. */
  #open: Promise<{ readonly wal: Wal; readonly contents: WalContents }> | undefined;

  /** `folder` ends without a slash; upstream's is `<path>/raft`. */
  constructor(runtime: Runtime, folder: string, options: WalOptions = {}) {
    this.#runtime = runtime;
    this.#folder = folder;
    this.#options = options;
    this.snapshots = new SnapshotStore(runtime.disk, `${folder}/snapshots`);
  }

  /** Rejects with CorruptLog. */
  open(): Promise<{ readonly wal: Wal; readonly contents: WalContents }> {
    this.#open ??= Wal.open(this.#runtime.disk, `${this.#folder}/wal`, this.#options);
    return this.#open;
  }

  /** Whether there is a term, a log or a snapshot: such a node must not be bootstrapped. */
  async hasState(): Promise<boolean> {
    const { contents } = await this.open();
    return contents.term > 0 || contents.log.lastIndex > 0 || (await this.snapshots.head()) !== undefined;
  }

  /** Makes the first configuration the first entry of the log. */
  async bootstrap(configuration: Configuration): Promise<void> {
    checkConfiguration(configuration);
    if (await this.hasState()) throw raftError('cannot-bootstrap');
    const { wal, contents } = await this.open();
    await wal.commit({ kind: 'term', term: 1 });
    const data = encodeConfiguration(configuration);
    const entries = [{ index: 1, term: 1, type: 'configuration', data, extensions: noBytes }] as const;
    await wal.commit({ kind: 'entries', entries });
    contents.term = 1;
    contents.log.append(entries);
  }

  /**
   * Another configuration, decreed from outside (hashicorp's RecoverCluster): every entry of the log counts as
   * committed, whether it was or not, and a snapshot of all that takes the log's place.
   */
  async recover(configuration: Configuration, fsm: Fsm): Promise<void> {
    checkConfiguration(configuration);
    const { wal, contents } = await this.open();
    const { log } = contents;
    const missing = [];
    for (let index = fsm.applied().index + 1; index <= log.lastIndex; index++) {
      const entry = log.get(index)!;
      if (entry.type === 'command' || entry.type === 'configuration') missing.push(entry);
    }
    if (missing.length > 0) await fsm.apply(missing);
    const last = fsm.applied();
    await this.snapshots.writeHead({ ...last, configurationIndex: 1, configuration });
    await wal.commit({ kind: 'reset', ...last });
    log.reset(last);
  }

  /** The running node closes the files; the next start reads them anew. */
  handedOver(): void {
    this.#open = undefined;
  }
}

export interface StartOptions extends RaftOptions {
  readonly fsm: Fsm;
  readonly streams: StreamLayer;
}

/** Rejections are RaftErrors with upstream's texts. */
export class RaftNode {
  readonly #runtime: Runtime;
  readonly #driver: Driver;
  readonly #machine: Machine;
  readonly #watchers: ((leader: boolean) => void)[] = [];
  readonly #panics: ((message: string) => void)[] = [];

  private constructor(runtime: Runtime, options: StartOptions, driver: Driver, machine: Machine) {
    this.#runtime = runtime;
    this.#driver = driver;
    this.#machine = machine;
    driver.machine = machine;
    const self = { id: options.id, address: options.address };
    driver.transport = new Transport(
      runtime,
      options.streams,
      self,
      (rpc, from, request) => machine.request(rpc, from, request),
      driver.meter,
    );
  }

  /** Reads what the disk has and takes part in the cluster. */
  static async start(runtime: Runtime, storage: RaftStorage, options: StartOptions): Promise<RaftNode> {
    const { wal, contents } = await storage.open();
    storage.handedOver();
    const head = await storage.snapshots.head();
    const applied = options.fsm.applied();
    const { log } = contents;
    // A crash between a restore and the write that follows it: the state is ahead of the log.
    if (applied.index > log.lastIndex || (log.term(applied.index) ?? applied.term) !== applied.term) {
      await wal.commit({ kind: 'reset', ...applied });
      log.reset(applied);
    }
    if (applied.index < log.base.index) {
      throw raftFailure(`the state goes up to entry ${applied.index}, but the log starts after ${log.base.index}`);
    }
    const hooks = {
      leadership: (leader: boolean): void => node.#leadership(leader),
      panic: (message: string): void => node.#panic(message),
      removed: (): void => void node.shutdown(),
    };
    const driver = new Driver(runtime, wal, storage.snapshots, options.fsm, hooks);
    const { clock, random } = runtime;
    const recovered = {
      log,
      term: contents.term,
      voteTerm: contents.voteTerm,
      voteCandidate: contents.voteCandidate === '' ? undefined : contents.voteCandidate,
      applied,
      head,
    };
    const surroundings = { now: () => clock.monotonic(), below: (bound: number) => random.below(bound) };
    const machine = new Machine(options, recovered, surroundings, driver);
    const node: RaftNode = new RaftNode(runtime, options, driver, machine);
    machine.start();
    return node;
  }

  // --- what it knows ---

  get state(): Role {
    return this.#machine.role;
  }

  isLeader(): boolean {
    return this.#machine.role === 'leader';
  }

  leader(): Peer | undefined {
    return this.#machine.leader;
  }

  term(): number {
    return this.#machine.term;
  }

  lastIndex(): number {
    return this.#machine.log.lastIndex;
  }

  /** Of the oldest entry in the log, in milliseconds; undefined where nobody measures. */
  oldestLogAge(): number | undefined {
    return this.#driver.meter?.oldestAge(this.#machine.log.base.index);
  }

  /** Batches that wait for the replicated state. */
  pending(): number {
    return this.#machine.state.pending;
  }

  commitIndex(): number {
    return this.#machine.commitIndex;
  }

  /** Handed to the replicated state; that may still be at work on it. */
  appliedIndex(): number {
    return this.#machine.lastApplied;
  }

  /** Micros on the monotonic clock; undefined when there was none since the start. */
  lastContact(): Micros | undefined {
    return this.#machine.lastContact;
  }

  /** The latest configuration, committed or not. */
  configuration(): { readonly index: number; readonly configuration: Configuration } {
    const { latest, latestIndex } = this.#machine.configurations;
    return { index: latestIndex, configuration: latest };
  }

  /** Upstream's names and formats. */
  stats(): Record<string, string> {
    const m = this.#machine;
    const { latest, latestIndex } = m.configurations;
    const voters = latest.servers.filter((server) => server.suffrage === 'voter');
    const peers = voters.some((server) => server.id === m.self.id) ? voters.length - 1 : 0;
    const silence = m.lastContact === undefined ? 'never' : formatDuration(m.now() - m.lastContact);
    return {
      state: m.role[0]!.toUpperCase() + m.role.slice(1),
      term: String(m.term),
      last_log_index: String(m.log.lastIndex),
      last_log_term: String(m.log.lastTerm),
      commit_index: String(m.commitIndex),
      applied_index: String(m.lastApplied),
      fsm_pending: String(m.state.pending),
      last_snapshot_index: String(m.snapshots.last.index),
      last_snapshot_term: String(m.snapshots.last.term),
      protocol_version: '3',
      protocol_version_min: '0',
      protocol_version_max: '3',
      snapshot_version_min: '0',
      snapshot_version_max: '1',
      latest_configuration_index: String(latestIndex),
      latest_configuration: serversText(latest),
      num_peers: String(peers),
      last_contact: m.role === 'leader' ? '0' : silence,
    };
  }

  /** Every gain and loss of leadership from now on, in order. A present leadership is told at once. */
  onLeadership(notify: (leader: boolean) => void): void {
    this.#watchers.push(notify);
    if (this.#machine.leadership !== undefined) notify(true);
  }

  /** Upstream would panic: the process has to end. The node is shut down already. */
  onPanic(notify: (message: string) => void): void {
    this.#panics.push(notify);
  }

  // --- what a leader can be asked ---

  /** Resolves with what the Fsm answered. A `timeout` bounds only the wait for a place in the queue. */
  async apply(data: Uint8Array, extensions: Uint8Array = noBytes, timeout: Micros = 0): Promise<unknown> {
    return (await this.#propose('command', data, extensions, timeout)).result;
  }

  /** Like `apply`, with the index of the entry. */
  applyAt(data: Uint8Array, extensions: Uint8Array = noBytes): Promise<{ index: number; result: unknown }> {
    return this.#propose('command', data, extensions, 0);
  }

  /** Resolves when all that was proposed before is applied here. */
  async barrier(timeout: Micros = 0): Promise<void> {
    await this.#propose('barrier', noBytes, noBytes, timeout);
  }

  #propose(
    type: EntryType,
    data: Uint8Array,
    extensions: Uint8Array,
    timeout: Micros,
  ): Promise<{ index: number; result: unknown }> {
    const m = this.#machine;
    return this.#driver.future((future) => {
      m.proposals.push({ future, type, data, extensions });
      m.kick();
      if (timeout === 0) return;
      this.#runtime.clock.after(timeout, () => {
        // The first 64 are in upstream's channel already; only those behind them still wait to get in.
        const at = m.proposals.findIndex((proposal) => proposal.future === future);
        if (at < MAX_APPEND_ENTRIES) return;
        m.proposals.splice(at, 1);
        this.#driver.reject(future, raftError('enqueue-timeout'));
      });
    });
  }

  /** Resolves when a majority still takes us for the leader. */
  async verifyLeader(): Promise<void> {
    const m = this.#machine;
    await this.#driver.future((future) => m.main(() => verifyLeader(m, future)));
  }

  addVoter(id: string, address: string, previousIndex = 0): Promise<number> {
    return this.#change({ command: 'AddVoter', id, address }, previousIndex);
  }

  addNonvoter(id: string, address: string, previousIndex = 0): Promise<number> {
    return this.#change({ command: 'AddNonvoter', id, address }, previousIndex);
  }

  demoteVoter(id: string, previousIndex = 0): Promise<number> {
    return this.#change({ command: 'DemoteVoter', id }, previousIndex);
  }

  removeServer(id: string, previousIndex = 0): Promise<number> {
    return this.#change({ command: 'RemoveServer', id }, previousIndex);
  }

  async #change(change: ConfigurationChange, previousIndex: number): Promise<number> {
    const m = this.#machine;
    const { index } = await this.#driver.future((future) => {
      m.changes.push({ future, change, previousIndex });
      m.kick();
    });
    return index;
  }

  /** To the voter that is furthest unless one is named. Resolves when leadership is gone. */
  async transferLeadership(target?: Peer): Promise<void> {
    const m = this.#machine;
    await this.#driver.future((future) => m.main(() => transferLeadership(m, future, target)));
  }

  /** Takes a snapshot and gives the state it stands for; release it after use. */
  async snapshot(): Promise<{ readonly meta: SnapshotMeta; readonly state: FsmSnapshot }> {
    const { result } = await this.#driver.future((future) => this.#machine.snapshots.request(future));
    return result as Picture;
  }

  /** Makes a backup the state of the whole cluster. Only on the leader. */
  async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    if (!this.isLeader()) throw raftError('not-leader');
    await this.#driver.keepBackup(meta, chunks);
    const m = this.#machine;
    await this.#driver.future((future) => m.main(() => restoreUserSnapshot(m, future, meta.index)));
  }

  async shutdown(): Promise<void> {
    await this.#driver.stop();
  }

  #leadership(leader: boolean): void {
    for (const notify of this.#watchers) notify(leader);
  }

  #panic(message: string): void {
    for (const notify of this.#panics) notify(message);
    this.shutdown().catch((error: unknown) => {
      throw raftFailure(error instanceof Error ? error.message : String(error));
    });
  }
}
