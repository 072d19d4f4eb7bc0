/** Leading: a pair of lanes for each peer, the lease, and what is in flight. */
import { noBytes } from '../codec/bytes.ts';
import { Commitment } from './commitment.ts';
import { quorumOf } from './configuration.ts';
import { shownDuration } from '../codec/log-text.ts';
import { raftError } from './errors.ts';
import { HeartbeatLane } from './heartbeat-lane.ts';
import type { Machine } from './machine.ts';
import type { Proposal } from './proposals.ts';
import { append, committedFurther } from './proposals.ts';
import { ReplicationLane } from './replication-lane.ts';
import { MIN_LEASE_CHECK } from './timing.ts';
import type { Transfer } from './transfer.ts';
import type { Verification } from './verify.ts';

export interface PeerLanes {
  readonly replication: ReplicationLane;
  readonly heartbeat: HeartbeatLane;
}

/** What a node keeps only while it leads. */
export interface Leadership {
  readonly term: number;
  readonly commitment: Commitment;
  /** By index, in order. */
  readonly inflight: Map<number, Proposal>;
  readonly peers: Map<string, PeerLanes>;
  readonly verifications: Set<Verification>;
  commitNoted: boolean;
  /** Nothing new is taken while leadership moves. */
  transferring: boolean;
  transfer: Transfer | undefined;
  /** The leader is no longer a voter of the committed configuration. */
  removed: boolean;
}

export function becomeLeader(m: Machine): void {
  m.write('info', 'entering leader state', { leader: m.describe() });
  m.effects.leadership(true);
  const leadership: Leadership = {
    term: m.term,
    commitment: new Commitment(m.configurations.latest, m.log.lastIndex + 1, () => noteCommit(m, leadership)),
    inflight: new Map(),
    peers: new Map(),
    verifications: new Set(),
    commitNoted: false,
    transferring: false,
    transfer: undefined,
    removed: false,
  };
  m.leadership = leadership;
  startStopReplication(m);
  // A leader may commit entries of earlier terms only together with one of its own.
  append(m, [{ future: 0, type: 'noop', data: noBytes, extensions: noBytes }], () => {});
  m.arm(m.timeouts.lease);
}

function noteCommit(m: Machine, leadership: Leadership): void {
  if (leadership.commitNoted) return;
  leadership.commitNoted = true;
  m.main(() => {
    if (m.leadership === leadership) committedFurther(m);
  });
}

export function leaveLeadership(m: Machine): void {
  const { leadership } = m;
  if (leadership === undefined) return;
  m.contacted();
  for (const { replication, heartbeat } of leadership.peers.values()) {
    replication.stop();
    heartbeat.stop();
  }
  for (const { future } of leadership.inflight.values()) {
    if (future !== 0) m.effects.reject(future, raftError('leadership-lost'));
  }
  for (const { future } of leadership.verifications) m.effects.reject(future, raftError('leadership-lost'));
  leadership.transfer?.leadershipLost();
  m.leadership = undefined;
  // The request that ended our leadership may have named the next leader already.
  if (m.leader?.id === m.self.id && m.leader.address === m.self.address) m.setLeader(undefined);
  m.effects.leadership(false);
}

/** Lanes for new peers, none for those that have left; the latter still get the log up to now. */
export function startStopReplication(m: Machine): void {
  const { leadership } = m;
  if (leadership === undefined) return;
  const last = m.log.lastIndex;
  const { servers } = m.configurations.latest;
  for (const server of servers) {
    if (server.id === m.self.id) continue;
    const lanes = leadership.peers.get(server.id);
    if (lanes === undefined) {
      m.write('info', 'added peer, starting replication', { peer: server.id });
      const replication = new ReplicationLane(m, leadership, server, last + 1);
      const heartbeat = new HeartbeatLane(m, replication);
      leadership.peers.set(server.id, { replication, heartbeat });
      heartbeat.start();
      replication.trigger();
    } else if (lanes.replication.peer.address !== server.address) {
      m.write('info', 'updating peer', { peer: server.id });
      lanes.replication.peer = server;
    }
  }
  for (const [id, { replication, heartbeat }] of leadership.peers) {
    if (servers.some((server) => server.id === id)) continue;
    m.write('info', 'removed peer, stopping replication', { peer: id, 'last-index': last });
    replication.finish(last);
    heartbeat.stop();
    leadership.peers.delete(id);
  }
}

/** Steps down when a majority was silent for the whole lease; else looks again when the lease of the latest could end. */
export function leaseTimerFired(m: Machine): void {
  const { leadership } = m;
  if (leadership === undefined) return;
  const { lease } = m.timeouts;
  const { latest } = m.configurations;
  const now = m.now();
  let contacted = 0;
  let longest = 0;
  for (const server of latest.servers) {
    if (server.suffrage !== 'voter') continue;
    const lanes = leadership.peers.get(server.id);
    if (lanes === undefined) {
      contacted++;
      continue;
    }
    const silence = now - lanes.replication.lastContact;
    m.effects.sample?.('vault.raft.leader.lastContact', silence / 1_000);
    if (silence <= lease) {
      contacted++;
      longest = Math.max(longest, silence);
    } else {
      const fields = { 'server-id': server.id, time: shownDuration(silence) };
      m.write(silence <= 3 * lease ? 'warn' : 'debug', 'failed to contact', fields);
    }
  }
  if (contacted < quorumOf(latest)) {
    m.effects.trace({ kind: 'raft.timeout', what: 'lease', term: m.term });
    m.write('warn', 'failed to contact quorum of nodes, stepping down');
    m.setRole('follower');
    return;
  }
  m.arm(Math.max(lease - longest, MIN_LEASE_CHECK));
}

/** A peer is in a newer term. */
export function peerIsAhead(m: Machine, leadership: Leadership): void {
  m.main(() => {
    if (m.leadership === leadership) m.setRole('follower');
  });
}

/** Heartbeats are sent at once, so that the shorter interval holds from now on. */
export function reloadLeader(m: Machine): void {
  for (const { heartbeat } of m.leadership?.peers.values() ?? []) heartbeat.notify();
}
