/** A follower takes entries from its leader. */
import type { Machine } from './machine.ts';
import type { AppendRequest, Peer } from './messages.ts';
import type { Entry } from './types.ts';

export function appendEntries(m: Machine, rpc: number, from: Peer, request: AppendRequest): void {
  let { term } = m;
  const { lastIndex } = m.log;
  const answer = (success: boolean, noRetryBackoff = false): void =>
    m.effects.respond(rpc, { kind: 'append', term, lastIndex, success, noRetryBackoff });

  if (request.term < m.term) {
    answer(false);
    return;
  }
  if (request.term > m.term || (m.role !== 'follower' && !m.transferred)) {
    m.setRole('follower');
    m.setTerm(request.term, () => {
      ({ term } = request);
      accept();
    });
    return;
  }
  accept();

  function accept(): void {
    m.setLeader(from);
    if (request.previousIndex > 0) {
      const ours = m.log.term(request.previousIndex);
      if (ours === undefined) {
        const fields = {
          'previous-index': request.previousIndex,
          'last-index': m.log.lastIndex,
          error: 'log not found',
        };
        m.write('warn', 'failed to get previous log', fields);
        answer(false, true);
        return;
      }
      if (ours !== request.previousTerm) {
        m.write('warn', 'previous log term mis-match', { ours, remote: request.previousTerm });
        answer(false, true);
        return;
      }
    }
    const fresh = unknownEntries(m, request.entries);
    if (fresh === undefined) {
      answer(false);
      return;
    }
    const conflict = fresh[0];
    if (conflict === undefined) {
      finish();
    } else if (conflict.index <= m.log.lastIndex) {
      clearSuffix(conflict.index, fresh);
    } else {
      store(fresh);
    }
  }

  function clearSuffix(index: number, fresh: readonly Entry[]): void {
    m.write('warn', 'clearing log suffix', { from: index, to: m.log.lastIndex });
    m.commit({ kind: 'truncate', from: index }, (error) => {
      if (error !== undefined) {
        m.write('error', 'failed to clear log suffix', { error });
        answer(false);
        return;
      }
      m.log.truncate(index);
      m.effects.trace({ kind: 'raft.truncate', from: index });
      const { committed, committedIndex, latestIndex } = m.configurations;
      if (index <= latestIndex) m.setLatest(committed, committedIndex);
      store(fresh);
    });
  }

  function store(fresh: readonly Entry[]): void {
    m.commit({ kind: 'entries', entries: fresh }, (error) => {
      if (error !== undefined) {
        m.write('error', 'failed to append to logs', { error });
        answer(false);
        return;
      }
      m.appended(fresh);
      for (const entry of fresh) m.noteConfiguration(entry);
      finish();
    });
  }

  function finish(): void {
    const index = Math.min(request.commitIndex, m.log.lastIndex);
    if (request.commitIndex > m.commitIndex && index > m.commitIndex) {
      m.commitIndex = index;
      m.effects.trace({ kind: 'raft.commit', index, term: m.log.term(index) ?? 0 });
      const { latest, latestIndex } = m.configurations;
      if (latestIndex <= index) m.setCommitted(latest, latestIndex);
      const start = m.now();
      m.state.applyUpTo(index, undefined, () => {
        m.effects.sample?.('vault.raft.rpc.appendEntries.processLogs', (m.now() - start) / 1_000);
        done();
      });
      return;
    }
    done();
  }

  function done(): void {
    m.contacted();
    answer(true);
  }
}

/** From the first entry that we lack or have otherwise; undefined when ours cannot be compared any more. */
function unknownEntries(m: Machine, entries: readonly Entry[]): readonly Entry[] | undefined {
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at]!;
    if (entry.index > m.log.lastIndex) return entries.slice(at);
    const ours = m.log.term(entry.index);
    if (ours === undefined) {
      // What lies before our log is in the replicated state, so it was committed and cannot differ.
      if (entry.index <= m.log.base.index) continue;
      m.write('warn', 'failed to get log entry', { index: entry.index, error: 'log not found' });
      return undefined;
    }
    if (ours !== entry.term) return entries.slice(at);
  }
  return [];
}
