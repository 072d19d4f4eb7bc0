/** Entries that a leader is asked to replicate. */
import { quorumOf } from './configuration.ts';
import { raftError, raftFailure } from './errors.ts';
import type { Machine } from './machine.ts';
import { MAX_APPEND_ENTRIES } from './timing.ts';
import type { Entry, EntryType } from './types.ts';

/** A future of 0 means that nobody waits. */
export interface Proposal {
  readonly future: number;
  readonly type: EntryType;
  readonly data: Uint8Array;
  readonly extensions: Uint8Array;
}

/** Takes what has gathered, one and up to 64 more at a time, so that one fsync serves them all. */
export function dispatch(m: Machine): void {
  const { leadership } = m;
  if (m.role !== 'leader' || leadership === undefined) {
    refuse(m, m.proposals.splice(0), 'not-leader');
  } else if (leadership.transferring) {
    m.write('debug', 'leadership transfer in progress');
    refuse(m, m.proposals.splice(0, 1), 'transfer-in-progress');
  } else {
    const batch = m.proposals.splice(0, MAX_APPEND_ENTRIES + 1);
    if (leadership.removed) refuse(m, batch, 'not-leader');
    else append(m, batch, () => {});
  }
}

function refuse(m: Machine, proposals: readonly Proposal[], why: 'not-leader' | 'transfer-in-progress'): void {
  for (const { future } of proposals) if (future !== 0) m.effects.reject(future, raftError(why));
}

/** Writes to the own log first, and only then tells the replication lanes: a slow disk here delays all. */
export function append(m: Machine, batch: readonly Proposal[], then: (last: number) => void): void {
  const { leadership, term } = m;
  if (leadership === undefined) return;
  let index = m.log.lastIndex;
  const entries: Entry[] = batch.map(({ type, data, extensions }) => ({
    index: ++index,
    term,
    type,
    data,
    extensions,
  }));
  entries.forEach((entry, at) => leadership.inflight.set(entry.index, batch[at]!));
  m.commit({ kind: 'entries', entries }, (error) => {
    if (error !== undefined) {
      m.write('error', 'failed to commit logs', { error });
      for (const entry of entries) leadership.inflight.delete(entry.index);
      for (const { future } of batch) if (future !== 0) m.effects.reject(future, raftFailure(error));
      m.setRole('follower');
      return;
    }
    m.appended(entries);
    // Counted by the voters there were: who leads alone adds a second voter without hearing from it.
    leadership.commitment.match(m.self.id, index);
    for (const peer of leadership.peers.values()) peer.replication.trigger();
    then(index);
  });
}

/** The commit index has moved: what it covers goes to the replicated state, with those who wait for it. */
export function committedFurther(m: Machine): void {
  const { leadership } = m;
  if (leadership === undefined || m.role !== 'leader') return;
  leadership.commitNoted = false;
  // It leads no more, and ends as soon as what it has committed is applied.
  if (leadership.removed) return;
  const before = m.commitIndex;
  const index = leadership.commitment.commitIndex;
  if (index <= before) return;
  m.commitIndex = index;
  m.effects.trace({ kind: 'raft.commit', index, term: m.log.term(index) ?? 0 });
  const { latest, latestIndex } = m.configurations;
  if (latestIndex > before && latestIndex <= index) {
    m.setCommitted(latest, latestIndex);
    if (!latest.servers.some(({ id, suffrage }) => id === m.self.id && suffrage === 'voter')) leadership.removed = true;
  }
  const ready = new Map<number, Proposal>();
  let last = 0;
  for (const [at, proposal] of leadership.inflight) {
    if (at > index) break;
    ready.set(at, proposal);
    last = at;
  }
  const stepDown = (): void => {
    if (!leadership.removed) return;
    m.write('info', 'removed ourself, shutting down');
    // Whoever asked for it still hears that it was done.
    m.state.mark(() => m.effects.removed());
  };
  if (last === 0) {
    stepDown();
    return;
  }
  for (const at of ready.keys()) leadership.inflight.delete(at);
  const start = m.now();
  m.state.applyUpTo(last, ready, () => {
    m.effects.sample?.('vault.raft.fsm.enqueue', (m.now() - start) / 1_000);
    m.effects.gauge?.('vault.raft.commitNumLogs', ready.size);
    stepDown();
  });
}

/** Voters that must agree, by the newest configuration. */
export const quorum = (m: Machine): number => quorumOf(m.configurations.latest);
