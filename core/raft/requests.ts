/** What a node answers to its peers. */
import { appendEntries } from './append.ts';
import { installSnapshot } from './install.ts';
import type { Machine } from './machine.ts';
import type { AppendRequest, Peer, Request } from './messages.ts';
import { preVote, vote } from './votes.ts';

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
