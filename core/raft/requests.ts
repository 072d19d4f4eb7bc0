/** What a node answers to its peers. */
import { hasVote, isMember } from './configuration.ts';
import { persistVote } from './candidate.ts';
import { appendEntries } from './append.ts';
import { installSnapshot } from './install.ts';
import type { Machine } from './machine.ts';
import type { AppendRequest, Peer, PreVoteRequest, Request, VoteRequest } from './messages.ts';

export function processRequest(m: Machine, rpc: number, from: Peer, request: Request): void {
  switch (request.kind) {
    case 'append':
      appendEntries(m, rpc, from, request);
      return;
    case 'vote':
      vote(m, rpc, from, request);
      return;
    case 'pre-vote':
      preVote(m, rpc, from, request);
      return;
    case 'install':
      installSnapshot(m, rpc, from, request);
      return;
    case 'timeout-now':
      m.transferred = true;
      m.setRole('candidate');
      m.effects.respond(rpc, { kind: 'timeout-now' });
      return;
  }
}

/**
 * A heartbeat that changes nothing durable is answered beside the main loop, so that a slow disk here does not look
 * like a dead follower. Returns false when the main loop has to see it.
 */
export function answerHeartbeat(m: Machine, rpc: number, from: Peer, request: AppendRequest): boolean {
  const known = request.term === m.term && (m.role === 'follower' || m.transferred);
  if (request.term >= m.term && !known) return false;
  if (known) {
    m.setLeader(from);
    m.contacted();
  }
  const { term } = m;
  m.effects.respond(rpc, { kind: 'append', term, lastIndex: m.log.lastIndex, success: known, noRetryBackoff: false });
  return true;
}

/** Why a candidate's log does not do, with upstream's text; undefined when it does. */
function olderLog(m: Machine, request: VoteRequest | PreVoteRequest, what: string): [string, object] | undefined {
  const { lastIndex, lastTerm } = m.log;
  if (lastTerm > request.lastTerm) {
    const fields = { 'last-term': lastTerm, 'last-candidate-term': request.lastTerm };
    return [`rejecting ${what} request since our last term is greater`, fields];
  }
  if (lastTerm === request.lastTerm && lastIndex > request.lastIndex) {
    const fields = { 'last-index': lastIndex, 'last-candidate-index': request.lastIndex };
    return [`rejecting ${what} request since our last index is greater`, fields];
  }
  return undefined;
}

function vote(m: Machine, rpc: number, from: Peer, request: VoteRequest): void {
  let { term } = m;
  const answer = (granted: boolean, reason?: string): void => {
    m.effects.trace({
      kind: 'raft.vote',
      candidate: from.id,
      term: request.term,
      pre: false,
      granted,
      ...(reason === undefined ? {} : { reason }),
    });
    m.effects.respond(rpc, { kind: 'vote', term, granted });
  };
  const { latest } = m.configurations;
  if (latest.servers.length > 0 && !isMember(latest, from.id)) {
    m.write('warn', 'rejecting vote request since node is not in configuration', { from: from.address });
    answer(false, 'not in configuration');
    return;
  }
  if (m.leader !== undefined && m.leader.address !== from.address && !request.transfer) {
    const fields = { from: from.address, leader: m.leader.address, 'leader-id': m.leader.id };
    m.write('warn', 'rejecting vote request since we have a leader', fields);
    answer(false, 'has a leader');
    return;
  }
  if (request.term < m.term) {
    answer(false, 'older term');
    return;
  }
  if (request.term === m.term) {
    judge();
    return;
  }
  m.write('debug', 'lost leadership because received a requestVote with a newer term');
  m.setRole('follower');
  m.setTerm(request.term, () => {
    ({ term } = m);
    judge();
  });

  function judge(): void {
    if (latest.servers.length > 0 && !hasVote(latest, from.id)) {
      m.write('warn', 'rejecting vote request since node is not a voter', { from: from.address });
      answer(false, 'not a voter');
      return;
    }
    if (m.voteTerm === request.term && m.voteCandidate !== undefined) {
      m.write('info', 'duplicate requestVote for same term', { term: request.term });
      const same = m.voteCandidate === from.address;
      if (same) m.write('warn', 'duplicate requestVote from', { candidate: from.address });
      answer(same, 'voted already');
      return;
    }
    const older = olderLog(m, request, 'vote');
    if (older !== undefined) {
      m.write('warn', older[0], { candidate: from.address, ...older[1] });
      answer(false, 'older log');
      return;
    }
    persistVote(m, request.term, from.address, (error) => {
      if (error !== undefined) {
        m.write('error', 'failed to persist vote', { error });
        answer(false, 'vote not persisted');
        return;
      }
      m.contacted();
      answer(true);
    });
  }
}

/** Grants what a real vote would get, and changes nothing. */
function preVote(m: Machine, rpc: number, from: Peer, request: PreVoteRequest): void {
  let { term } = m;
  const answer = (granted: boolean, reason?: string): void => {
    m.effects.trace({
      kind: 'raft.vote',
      candidate: from.id,
      term: request.term,
      pre: true,
      granted,
      ...(reason === undefined ? {} : { reason }),
    });
    m.effects.respond(rpc, { kind: 'pre-vote', term, granted });
  };
  const { latest } = m.configurations;
  if (latest.servers.length > 0 && !isMember(latest, from.id)) {
    m.write('warn', 'rejecting pre-vote request since node is not in configuration', { from: from.address });
    answer(false, 'not in configuration');
    return;
  }
  if (m.leader !== undefined && m.leader.address !== from.address) {
    const fields = { from: from.address, leader: m.leader.address, 'leader-id': m.leader.id };
    m.write('warn', 'rejecting pre-vote request since we have a leader', fields);
    answer(false, 'has a leader');
    return;
  }
  if (request.term < m.term) {
    answer(false, 'older term');
    return;
  }
  if (request.term > m.term) {
    m.write('debug', 'received a requestPreVote with a newer term, grant the pre-vote');
    ({ term } = request);
  }
  if (latest.servers.length > 0 && !hasVote(latest, from.id)) {
    m.write('warn', 'rejecting pre-vote request since node is not a voter', { from: from.address });
    answer(false, 'not a voter');
    return;
  }
  const older = olderLog(m, request, 'pre-vote');
  if (older !== undefined) {
    m.write('warn', older[0], { candidate: from.address, ...older[1] });
    answer(false, 'older log');
    return;
  }
  answer(true);
}
