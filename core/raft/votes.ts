/** What a node answers to candidates. */
import { persistVote } from './candidate.ts';
import { hasVote, isMember } from './configuration.ts';
import type { Machine } from './machine.ts';
import type { Peer, PreVoteRequest, VoteRequest } from './messages.ts';

type Candidacy = VoteRequest | PreVoteRequest;

/** Why a candidate is refused: in short for the trace, and what the log says of it (nothing for an older term). */
interface Refusal {
  readonly reason: string;
  readonly line?: readonly [text: string, fields: Readonly<Record<string, unknown>>];
}

/** Sends the answer and traces it. `term` is the node's own, unless a pre-vote is granted for a newer one. */
function answer(m: Machine, rpc: number, from: Peer, request: Candidacy, term: number, refusal?: Refusal): void {
  const granted = refusal === undefined;
  if (refusal?.line !== undefined) m.write('warn', ...refusal.line);
  m.effects.trace({
    kind: 'raft.vote',
    candidate: from.id,
    term: request.term,
    pre: request.kind === 'pre-vote',
    granted,
    ...(granted ? {} : { reason: refusal.reason }),
  });
  m.effects.respond(rpc, { kind: request.kind, term, granted });
}

/** Who is not heard at all, whatever its log. */
function turnedAway(m: Machine, from: Peer, request: Candidacy): Refusal | undefined {
  const { latest } = m.configurations;
  const rejecting = `rejecting ${request.kind} request since`;
  if (latest.servers.length > 0 && !isMember(latest, from.id))
    return {
      reason: 'not in configuration',
      line: [`${rejecting} node is not in configuration`, { from: from.address }],
    };
  const transfer = request.kind === 'vote' && request.transfer;
  if (m.leader !== undefined && m.leader.address !== from.address && !transfer) {
    const fields = { from: from.address, leader: m.leader.address, 'leader-id': m.leader.id };
    return { reason: 'has a leader', line: [`${rejecting} we have a leader`, fields] };
  }
  return request.term < m.term ? { reason: 'older term' } : undefined;
}

function notAVoter(m: Machine, from: Peer, { kind }: Candidacy): Refusal | undefined {
  const { latest } = m.configurations;
  if (latest.servers.length === 0 || hasVote(latest, from.id)) return undefined;
  const text = `rejecting ${kind} request since node is not a voter`;
  return { reason: 'not a voter', line: [text, { from: from.address }] };
}

function olderLog(m: Machine, from: Peer, request: Candidacy): Refusal | undefined {
  const { lastIndex, lastTerm } = m.log;
  const refusal = (what: string, fields: Readonly<Record<string, unknown>>): Refusal => ({
    reason: 'older log',
    line: [
      `rejecting ${request.kind} request since our last ${what} is greater`,
      { candidate: from.address, ...fields },
    ],
  });
  if (lastTerm > request.lastTerm)
    return refusal('term', { 'last-term': lastTerm, 'last-candidate-term': request.lastTerm });
  if (lastTerm === request.lastTerm && lastIndex > request.lastIndex)
    return refusal('index', { 'last-index': lastIndex, 'last-candidate-index': request.lastIndex });
  return undefined;
}

export function vote(m: Machine, rpc: number, from: Peer, request: VoteRequest): void {
  const { term } = m;
  const refusal = turnedAway(m, from, request);
  if (refusal !== undefined) return answer(m, rpc, from, request, term, refusal);
  if (request.term === m.term) return judge(m, rpc, from, request, term);
  m.write('debug', 'lost leadership because received a requestVote with a newer term');
  m.setRole('follower');
  m.setTerm(request.term, () => judge(m, rpc, from, request, m.term));
}

/** A candidate of the node's own term. */
function judge(m: Machine, rpc: number, from: Peer, request: VoteRequest, term: number): void {
  const stranger = notAVoter(m, from, request);
  if (stranger !== undefined) return answer(m, rpc, from, request, term, stranger);
  if (m.voteTerm === request.term && m.voteCandidate !== undefined) {
    m.write('info', 'duplicate requestVote for same term', { term: request.term });
    const same = m.voteCandidate === from.address;
    if (same) m.write('warn', 'duplicate requestVote from', { candidate: from.address });
    return answer(m, rpc, from, request, term, same ? undefined : { reason: 'voted already' });
  }
  const older = olderLog(m, from, request);
  if (older !== undefined) return answer(m, rpc, from, request, term, older);
  persistVote(m, request.term, from.address, (error) => {
    if (error !== undefined) {
      m.write('error', 'failed to persist vote', { error });
      return answer(m, rpc, from, request, term, { reason: 'vote not persisted' });
    }
    m.contacted();
    answer(m, rpc, from, request, term);
  });
}

/** Grants what a real vote would get, and changes nothing. */
export function preVote(m: Machine, rpc: number, from: Peer, request: PreVoteRequest): void {
  const refusal = turnedAway(m, from, request);
  if (refusal !== undefined) return answer(m, rpc, from, request, m.term, refusal);
  if (request.term > m.term) m.write('debug', 'received a requestPreVote with a newer term, grant the pre-vote');
  answer(m, rpc, from, request, request.term, notAVoter(m, from, request) ?? olderLog(m, from, request));
}
