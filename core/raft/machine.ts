/**
 * hashicorp/raft 1.7.3 as OpenBao configures it, without I/O. The machine is synchronous; its lanes are explicit:
 * the main loop (this file), a heartbeat and a replication lane per peer, the lane of the replicated state, the
 * snapshot lane. A lane that waits holds up only itself.
 */
import type { LogLevel, Micros } from '../runtime.ts';
import { becomeCandidate } from './candidate.ts';
import type { Campaign } from './candidate.ts';
import { electionTimerFired, reloadCandidate } from './candidate.ts';
import type { Configurations } from './configuration.ts';
import { configText } from './config-text.ts';
import { Plain, shownDuration } from '../codec/log-text.ts';
import { decodeConfiguration, serversText } from './configuration.ts';
import { entryDigest } from './digest.ts';
import type { Effects, LogRecord, Surroundings } from './effects.ts';
import { raftError } from './errors.ts';
import { applyChange } from './changes.ts';
import type { Change } from './changes.ts';
import { becomeFollower, heartbeatTimerFired, reloadFollower } from './follower.ts';
import { StateLane } from './state-lane.ts';
import { becomeLeader, leaveLeadership, leaseTimerFired, reloadLeader } from './leader.ts';
import type { Leadership } from './leader.ts';
import type { Log } from './log.ts';
import type { Peer, Request, Response } from './messages.ts';
import { isHeartbeat } from './messages.ts';
import { Lanes } from './lanes.ts';
import { MainLoop } from './main-loop.ts';
import type { Role } from './main-loop.ts';
import { recoverConfigurations } from './recovered.ts';
import type { Recovered } from './recovered.ts';
import type { Opened } from './lanes.ts';
import { dispatch } from './proposals.ts';
import type { Proposal } from './proposals.ts';
import { answerHeartbeat, processRequest } from './requests.ts';
import { SnapshotLane } from './snapshot-lane.ts';
import { StartReload } from './start-reload.ts';
import { TIMER_MAIN, timeoutsOf } from './timing.ts';
import type { Timeouts } from './timing.ts';
import type { Configuration, Entry, RaftOptions } from './types.ts';

export class Machine extends MainLoop {
  readonly options: RaftOptions;
  readonly effects: Effects;
  readonly self: Peer;
  readonly log: Log;
  readonly lanes = new Lanes();
  readonly state: StateLane;
  readonly snapshots: SnapshotLane;
  readonly configurations: Configurations;
  readonly normal: Timeouts;
  /** Proposals that the main loop has not seen yet, oldest first. */
  proposals: Proposal[] = [];
  /** Configuration changes wait until the one before is committed. */
  changes: Change[] = [];
  readonly #surroundings: Surroundings;
  #armed = 0;
  readonly #startReload: StartReload | undefined;

  timeouts: Timeouts;
  term: number;
  voteTerm: number;
  voteCandidate: string | undefined;
  commitIndex = 0;
  /** Handed to the lane of the replicated state, as upstream counts it. */
  lastApplied: number;
  leader: Peer | undefined;
  lastContact: Micros | undefined;
  /** Set by a leader that hands over: the next election skips pre-vote and the voters' loyalty. */
  transferred = false;
  /** A follower says only once that it will not stand for election. */
  warned = false;
  campaign: Campaign | undefined;
  leadership: Leadership | undefined;

  constructor(options: RaftOptions, recovered: Recovered, surroundings: Surroundings, effects: Effects) {
    super();
    this.options = options;
    this.effects = effects;
    this.#surroundings = surroundings;
    this.self = { id: options.id, address: options.address };
    this.log = recovered.log;
    this.term = recovered.term;
    this.voteTerm = recovered.voteTerm;
    this.voteCandidate = recovered.voteCandidate;
    this.lastApplied = recovered.applied.index;
    this.normal = timeoutsOf(options.performanceMultiplier);
    const factor = options.startFactor ?? 3;
    this.timeouts = factor === 1 ? this.normal : timeoutsOf(options.performanceMultiplier, factor);
    this.configurations = recoverConfigurations(recovered);
    this.state = new StateLane(this, recovered.applied);
    this.snapshots = new SnapshotLane(this, recovered.applied);
    this.#startReload = factor === 1 ? undefined : new StartReload(this);
  }

  // --- life ---

  start(): void {
    const { latest, latestIndex } = this.configurations;
    const { timeouts, normal } = this;
    if (this.#startReload !== undefined) {
      this.write('trace', 'using larger timeouts for raft at startup', {
        initial_election_timeout: shownDuration(timeouts.election),
        initial_heartbeat_timeout: shownDuration(timeouts.heartbeat),
        normal_election_timeout: shownDuration(normal.election),
        normal_heartbeat_timeout: shownDuration(normal.heartbeat),
      });
    }
    this.write('info', 'creating Raft', { config: configText(this.self.id, timeouts) });
    this.write('info', 'initial configuration', { index: latestIndex, servers: serversText(latest) });
    this.#tellRecovered();
    this.kick();
    this.snapshots.start();
    this.#startReload?.start(latest.servers.length);
  }

  #tellRecovered(): void {
    const { log, lastApplied, term, voteTerm, voteCandidate } = this;
    this.#tellConfiguration();
    for (const entry of log.slice(log.first, log.lastIndex) ?? []) this.#tellAppended(entry);
    const voted = this.configurations.latest.servers.find(({ address }) => address === voteCandidate)?.id;
    this.effects.trace({
      kind: 'raft.recovered',
      base: log.base.index,
      last: log.lastIndex,
      applied: lastApplied,
      term,
      voteTerm,
      ...(voteCandidate === undefined ? {} : { candidate: voted ?? voteCandidate }),
    });
  }

  /** Stops all lanes; what is pending is refused. */
  shutdown(): void {
    if (this.role === 'shutdown') return;
    if (this.halt() === 'leader') leaveLeadership(this);
    this.setRole('shutdown');
    this.lanes.stop();
    for (const proposal of this.proposals) this.effects.reject(proposal.future, raftError('shutdown'));
    for (const change of this.changes) this.effects.reject(change.future, raftError('shutdown'));
    this.proposals = [];
    this.changes = [];
    this.effects.disarm(TIMER_MAIN);
    this.snapshots.shutdown();
    this.state.shutdown();
  }

  // --- the main loop ---

  protected enter(role: Role): void {
    if (role === 'follower') becomeFollower(this);
    else if (role === 'candidate') becomeCandidate(this);
    else becomeLeader(this);
  }

  protected leave(role: Role): void {
    if (role === 'leader') leaveLeadership(this);
    if (role === 'candidate') this.transferred = false;
  }

  protected serve(): boolean {
    if (this.changes.length > 0 && applyChange(this)) return true;
    if (this.proposals.length === 0) return false;
    dispatch(this);
    return true;
  }

  /** The main loop's one timer: heartbeat, election or lease, by role. */
  arm(delay: Micros): void {
    this.#armed++;
    this.effects.arm(TIMER_MAIN, delay);
  }

  /** Makes a record durable; the main loop waits. */
  commit(record: LogRecord, then: (error?: string) => void): void {
    this.block(then);
    this.effects.commit(record);
  }

  /** Durable before it counts. A term that cannot be saved stops the node. */
  setTerm(term: number, then: () => void): void {
    this.commit({ kind: 'term', term }, (error) => {
      if (error !== undefined) {
        this.effects.panic(`failed to save current term: ${error}`);
        return;
      }
      this.term = term;
      then();
    });
  }

  /** Every change of role forgets the leader, so a leader is set after it. */
  setRole(role: Role): void {
    this.setLeader(undefined);
    if (role === this.role) return;
    this.role = role;
    this.effects.trace({
      kind: 'raft.state',
      state: role === 'candidate' && !this.transferred ? 'pre-candidate' : role,
      term: this.term,
    });
    if (role === 'candidate' || role === 'leader') this.#startReload?.roleChanged();
  }

  setLeader(leader: Peer | undefined): void {
    if (leader?.id === this.leader?.id && leader?.address === this.leader?.address) return;
    this.leader = leader;
    if (leader !== undefined) this.effects.trace({ kind: 'raft.leader', leader: leader.id, term: this.term });
  }

  contacted(): void {
    this.lastContact = this.now();
  }

  /** The normal times hold from now on; how soon depends on what the node is doing. */
  reload(): void {
    this.timeouts = this.normal;
    this.main(() => {
      if (this.role === 'follower') reloadFollower(this);
      else if (this.role === 'candidate') reloadCandidate(this);
      else reloadLeader(this);
    });
  }

  // --- the log ---

  /** After a durable write. */
  appended(entries: readonly Entry[]): void {
    this.log.append(entries);
    for (const entry of entries) this.#tellAppended(entry);
  }

  #tellAppended(entry: Entry): void {
    if (this.effects.unwatched === true) return;
    const { index, term } = entry;
    this.effects.trace({ kind: 'raft.append', index, term, digest: entryDigest(entry) });
  }

  setLatest(configuration: Configuration, index: number): void {
    this.configurations.latest = configuration;
    this.configurations.latestIndex = index;
    this.#tellConfiguration();
  }

  #tellConfiguration(): void {
    const { latest, latestIndex } = this.configurations;
    const servers = latest.servers.map(({ id, suffrage }) => ({ id, voter: suffrage === 'voter' }));
    this.effects.trace({ kind: 'raft.configuration', index: latestIndex, servers });
  }

  setCommitted(configuration: Configuration, index: number): void {
    this.configurations.committed = configuration;
    this.configurations.committedIndex = index;
  }

  /** A configuration counts from the moment it is in the log; the one before it is then taken as committed. */
  noteConfiguration(entry: Entry): void {
    if (entry.type !== 'configuration') return;
    this.setCommitted(this.configurations.latest, this.configurations.latestIndex);
    this.setLatest(decodeConfiguration(entry.data), entry.index);
  }

  // --- what happens outside ---

  /** A request from a peer; `respond` or `receiveSnapshot` follows. Heartbeats go past the main loop. */
  request(rpc: number, from: Peer, request: Request): void {
    if (this.role === 'shutdown') return;
    if (request.kind === 'append' && isHeartbeat(request) && answerHeartbeat(this, rpc, from, request)) return;
    this.main(() => processRequest(this, rpc, from, request));
  }

  /** `index`: what the snapshot that was sent goes up to. */
  answered(call: number, response: Response | Opened, index = 0): void {
    this.lanes.take(call)?.(response, '', index);
  }

  failed(call: number, message: string): void {
    this.lanes.take(call)?.(undefined, message, 0);
  }

  fired(timer: number): void {
    if (this.role === 'shutdown') return;
    if (timer !== TIMER_MAIN) {
      this.lanes.fired(timer);
      return;
    }
    const armed = this.#armed;
    this.main(() => {
      // It may have been armed anew while the loop was busy.
      if (armed !== this.#armed) return;
      const { role } = this;
      if (role === 'follower') heartbeatTimerFired(this);
      else if (role === 'candidate') electionTimerFired(this);
      else leaseTimerFired(this);
    });
  }

  // --- helpers of the lanes ---

  now(): Micros {
    return this.#surroundings.now();
  }

  /** Uniform in [least, 2 × least): upstream's random timeout. */
  jittered(least: Micros): Micros {
    return least + this.#surroundings.below(least);
  }

  write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.effects.log(level, message, fields);
  }

  /** `Node at 127.0.0.1:8201 [Follower]`. */
  describe(): Plain {
    return new Plain(`Node at ${this.self.address} [${this.role[0]!.toUpperCase()}${this.role.slice(1)}]`, {});
  }
}
