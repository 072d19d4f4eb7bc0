/** Replacing the whole state: by a leader's snapshot, or by a backup that a user brings. */
import { noBytes } from '../codec/bytes.ts';
import type { SnapshotHead, SnapshotSource } from './effects.ts';
import { raftError, raftFailure } from './errors.ts';
import type { Machine } from './machine.ts';
import type { InstallRequest, Peer } from './messages.ts';

/** The main loop stands still while the snapshot comes in and is restored, as upstream; heartbeats are answered. */
export function installSnapshot(m: Machine, rpc: number, from: Peer, request: InstallRequest): void {
  let { term } = m;
  const answer = (success: boolean): void => m.effects.respond(rpc, { kind: 'install', term, success });
  const fail = (message: string, error: string): void => {
    m.write('error', message, { error });
    m.effects.respond(rpc, { kind: 'error', message: error });
  };
  if (request.term < m.term) {
    const fields = { 'request-term': request.term, 'current-term': m.term };
    m.write('info', 'ignoring installSnapshot request with older term than current term', fields);
    m.block(() => answer(false));
    m.effects.discardSnapshot(rpc);
    return;
  }
  if (request.term === m.term) {
    receive();
    return;
  }
  m.setRole('follower');
  m.setTerm(request.term, () => {
    ({ term } = request);
    receive();
  });

  function receive(): void {
    m.setLeader(from);
    m.block((error) => {
      if (error === undefined) restore();
      else fail('failed to copy snapshot', error);
    });
    m.effects.receiveSnapshot(rpc);
  }

  function restore(): void {
    m.write('info', 'copied to local snapshot');
    const { lastIndex: index, lastTerm, configuration, configurationIndex } = request;
    const head: SnapshotHead = { index, term: lastTerm, configuration, configurationIndex };
    replaceState(m, head, 'leader', (error) => {
      if (error !== undefined) {
        fail('failed to restore snapshot', error);
        return;
      }
      m.setLatest(configuration, configurationIndex);
      m.setCommitted(configuration, configurationIndex);
      m.write('info', 'Installed remote snapshot');
      m.contacted();
      answer(true);
    });
  }
}

/** Note, state and log, in this order, so that a crash in between leaves something that fits together. */
function replaceState(m: Machine, head: SnapshotHead, source: SnapshotSource, then: (error?: string) => void): void {
  const { index, term } = head;
  m.block((failed) => {
    if (failed !== undefined) {
      then(failed);
      return;
    }
    m.block((error) => {
      if (error !== undefined) {
        then(error);
        return;
      }
      m.lastApplied = index;
      m.commitIndex = Math.max(m.commitIndex, index);
      m.snapshots.last = { index, term };
      if (m.log.term(index) === term) {
        then();
        return;
      }
      m.commit({ kind: 'reset', index, term }, (broken) => {
        if (broken === undefined) m.log.reset({ index, term });
        then(broken);
      });
    });
    m.state.restore(head, source, (error) => m.resume(error));
  });
  m.snapshots.store(head, (error) => m.resume(error));
}

/**
 * Makes a backup the state of the cluster. The index is put beyond all that was, which leaves a hole in the log, so
 * that every follower has to take the snapshot.
 */
export function restoreUserSnapshot(m: Machine, future: number, snapshotIndex: number): void {
  const { leadership, configurations } = m;
  if (m.role !== 'leader' || leadership === undefined) {
    m.effects.reject(future, raftError('not-leader'));
    return;
  }
  if (leadership.transferring) {
    m.effects.reject(future, raftError('transfer-in-progress'));
    return;
  }
  const { latest, latestIndex, committedIndex } = configurations;
  if (latestIndex !== committedIndex) {
    const what = `wait until the configuration entry at ${latestIndex} has been applied (have applied ${committedIndex})`;
    m.effects.reject(future, raftFailure(`cannot restore snapshot now, ${what}`));
    return;
  }
  for (const proposal of leadership.inflight.values()) {
    if (proposal.future !== 0) m.effects.reject(proposal.future, raftError('aborted-by-restore'));
  }
  leadership.inflight.clear();
  const index = Math.max(m.log.lastIndex, snapshotIndex) + 1;
  const head: SnapshotHead = { index, term: m.term, configuration: latest, configurationIndex: latestIndex };
  replaceState(m, head, 'user', (error) => {
    if (error !== undefined) {
      m.effects.panic(`failed to restore snapshot: ${error}`);
      return;
    }
    m.write('info', 'restored user snapshot', { index });
    // Whoever asked waits for a noop behind the snapshot.
    m.proposals.push({ future, type: 'noop', data: noBytes, extensions: noBytes });
  });
}
