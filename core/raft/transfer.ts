/** Handing leadership to the follower that is furthest. */
import { Plain } from '../codec/log-text.ts';
import type { RaftError } from './errors.ts';
import { raftError, raftFailure } from './errors.ts';
import type { Leadership } from './leader.ts';
import type { Machine } from './machine.ts';
import type { Peer } from './messages.ts';
import type { ReplicationLane } from './replication-lane.ts';

const NIL = new Plain('<nil>', null);

/** Ends by success (we lose leadership), by an error, or when an election timeout has passed. */
export class Transfer {
  readonly #m: Machine;
  readonly #leadership: Leadership;
  readonly #future: number;
  readonly #timer: number;
  #over = false;

  constructor(m: Machine, leadership: Leadership, future: number) {
    this.#m = m;
    this.#leadership = leadership;
    this.#future = future;
    this.#timer = m.lanes.timer(() => this.#end(raftFailure('leadership transfer timeout')));
    m.effects.arm(this.#timer, m.timeouts.election);
  }

  /** Until the target has all that we have: then it is told to stand for election at once. */
  bringUpToDate(target: Peer, lane: ReplicationLane): void {
    if (this.#over) return;
    if (lane.nextIndex > this.#m.log.lastIndex) {
      this.#timeoutNow(target);
      return;
    }
    lane.defer((failed) => {
      if (failed) this.#end(raftFailure('replication failed'));
      else this.bringUpToDate(target, lane);
    });
  }

  #timeoutNow(target: Peer): void {
    const call = this.#m.lanes.call((response, failure) => {
      if (this.#over) return;
      if (response?.kind === 'timeout-now') {
        // Now the target's election has to end our leadership; it gets another whole timeout.
        this.#m.effects.arm(this.#timer, this.#m.timeouts.election);
        return;
      }
      const error = response?.kind === 'error' ? response.message : failure;
      this.#end(raftFailure(`failed to make TimeoutNow RPC to ${target.id}: ${error}`));
    });
    const { log, term, effects } = this.#m;
    effects.trace({ kind: 'raft.transfer', target: target.id, index: log.lastIndex, term });
    effects.call(call, target, { kind: 'timeout-now' });
  }

  leadershipLost(): void {
    if (this.#over) return;
    this.#m.write('debug', 'lost leadership during transfer (expected)');
    this.#close();
    this.#m.effects.resolve(this.#future, 0, undefined);
  }

  fail(error: RaftError): void {
    this.#end(error);
  }

  #end(error: RaftError): void {
    if (this.#over) return;
    this.#m.write('debug', error.message);
    this.#close();
    this.#m.effects.reject(this.#future, error);
  }

  #close(): void {
    this.#over = true;
    this.#leadership.transferring = false;
    this.#leadership.transfer = undefined;
    this.#m.effects.disarm(this.#timer);
    this.#m.lanes.drop(this.#timer);
  }
}

/** `target` undefined: the voter that is furthest. */
export function transferLeadership(m: Machine, future: number, target: Peer | undefined): void {
  const { leadership } = m;
  if (target?.id === m.self.id) {
    m.write('info', 'cannot transfer leadership to itself');
    m.effects.reject(future, raftFailure('cannot transfer leadership to itself'));
    return;
  }
  if (m.role !== 'leader' || leadership === undefined) {
    m.effects.reject(future, raftError('not-leader'));
    return;
  }
  if (leadership.transferring) {
    m.write('debug', 'leadership transfer in progress');
    m.effects.reject(future, raftError('transfer-in-progress'));
    return;
  }
  m.write('debug', 'starting leadership transfer', { id: target?.id ?? NIL, address: target?.address ?? NIL });
  const chosen = target ?? furthest(m, leadership);
  const transfer = new Transfer(m, leadership, future);
  const lanes = chosen === undefined ? undefined : leadership.peers.get(chosen.id);
  if (chosen === undefined) transfer.fail(raftFailure('cannot find peer'));
  else if (lanes === undefined) transfer.fail(raftFailure(`cannot find replication state for ${chosen.id}`));
  else {
    leadership.transferring = true;
    leadership.transfer = transfer;
    transfer.bringUpToDate(chosen, lanes.replication);
  }
}

function furthest(m: Machine, leadership: Leadership): Peer | undefined {
  let pick: Peer | undefined;
  let next = 0;
  for (const server of m.configurations.latest.servers) {
    const lanes = server.suffrage === 'voter' ? leadership.peers.get(server.id) : undefined;
    if (lanes === undefined || lanes.replication.nextIndex <= next) continue;
    next = lanes.replication.nextIndex;
    pick = server;
  }
  return pick;
}
