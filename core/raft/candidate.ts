/** Asking for votes: first for pre-votes, which commit nobody to anything, then for real ones. */
import { quorumOf, serverText } from './configuration.ts';
import type { Machine } from './machine.ts';
import type { PreVoteRequest, VoteRequest } from './messages.ts';
import type { Micros } from '../runtime.ts';
import type { Server } from './types.ts';

/** One run of the candidate's loop; answers to an earlier one are ignored. */
export interface Campaign {
  readonly term: number;
  readonly needed: number;
  phase: 'pre-vote' | 'vote';
  election: Micros;
  granted: number;
  refused: number;
  votes: number;
}

export function becomeCandidate(m: Machine): void {
  const campaign: Campaign = {
    term: m.term + 1,
    needed: quorumOf(m.configurations.latest),
    phase: 'pre-vote',
    election: m.timeouts.election,
    granted: 0,
    refused: 0,
    votes: 0,
  };
  m.campaign = campaign;
  m.write('info', 'entering candidate state', { node: m.describe(), term: campaign.term });
  const wait = (): void => {
    m.arm(m.jittered(campaign.election));
    m.write('debug', 'calculated votes needed', { needed: campaign.needed, term: campaign.term });
  };
  if (m.transferred) {
    askForVotes(m, campaign, wait);
  } else {
    askForPreVotes(m, campaign);
    wait();
  }
}

/** Nothing was decided in time: the whole campaign starts again. */
export function electionTimerFired(m: Machine): void {
  m.effects.trace({ kind: 'raft.timeout', what: 'election', term: m.term });
  m.write('warn', 'Election timeout reached, restarting election');
  m.transferred = false;
  m.again();
}

export function reloadCandidate(m: Machine): void {
  const { campaign } = m;
  if (campaign === undefined || campaign.election === m.timeouts.election) return;
  campaign.election = m.timeouts.election;
  m.arm(m.jittered(campaign.election));
}

const voters = (m: Machine): readonly Server[] =>
  m.configurations.latest.servers.filter((server) => server.suffrage === 'voter');

function askForPreVotes(m: Machine, campaign: Campaign): void {
  const { term } = campaign;
  const request: PreVoteRequest = { kind: 'pre-vote', term, lastIndex: m.log.lastIndex, lastTerm: m.log.lastTerm };
  for (const server of voters(m)) {
    if (server.id === m.self.id) {
      m.write('debug', 'pre-voting for self', { term, id: server.id });
      m.main(() => countPreVote(m, campaign, server.id, term, true));
      continue;
    }
    m.write('debug', 'asking for pre-vote', { term, from: server.id, address: server.address });
    ask(m, server, request, (answerTerm, granted) => countPreVote(m, campaign, server.id, answerTerm, granted));
  }
}

/** Upstream says requestVote in both cases. */
function ask(
  m: Machine,
  server: Server,
  request: PreVoteRequest | VoteRequest,
  count: (term: number, granted: boolean) => void,
): void {
  const call = m.lanes.call((response, failure) => {
    if (response?.kind === request.kind) {
      m.main(() => count(response.term, response.granted));
      return;
    }
    const error = response?.kind === 'error' ? response.message : failure;
    m.write('error', 'failed to make requestVote RPC', { target: serverText(server), error, term: request.term });
    m.main(() => count(request.term, false));
  });
  m.effects.call(call, server, request);
}

/** Leaves the campaign for a term that others are in already. */
function fallBack(m: Machine, term: number): void {
  m.setRole('follower');
  m.setTerm(term, () => {});
}

function countPreVote(m: Machine, campaign: Campaign, from: string, term: number, granted: boolean): void {
  if (m.campaign !== campaign || m.role !== 'candidate' || campaign.phase !== 'pre-vote') return;
  m.write('debug', 'pre-vote received', { from, term, tally: campaign.granted });
  if (term > campaign.term) {
    m.write('debug', 'pre-vote denied: found newer term, falling back to follower', { term });
    fallBack(m, term);
    return;
  }
  if (granted) campaign.granted++;
  else campaign.refused++;
  m.write('debug', granted ? 'pre-vote granted' : 'pre-vote denied', { from, term, tally: campaign.granted });
  const tally = { term, tally: campaign.granted, refused: campaign.refused, votesNeeded: campaign.needed };
  if (campaign.granted >= campaign.needed) {
    m.write('info', 'pre-vote successful, starting election', tally);
    campaign.phase = 'vote';
    m.arm(m.jittered(campaign.election));
    m.effects.trace({ kind: 'raft.state', state: 'candidate', term: m.term + 1 });
    askForVotes(m, campaign, () => {});
  } else if (campaign.refused >= campaign.needed) {
    m.write('info', 'pre-vote campaign failed, waiting for election timeout', tally);
  }
}

/**
 * The new term is durable before anyone is asked, the own vote before those are asked who come after us in the
 * configuration: upstream's order.
 */
function askForVotes(m: Machine, campaign: Campaign, then: () => void): void {
  campaign.phase = 'vote';
  m.setTerm(m.term + 1, () => {
    const { term } = m;
    const { lastIndex, lastTerm } = m.log;
    const request: VoteRequest = { kind: 'vote', term, lastIndex, lastTerm, transfer: m.transferred };
    const all = voters(m);
    const own = all.findIndex((server) => server.id === m.self.id);
    const askAll = (servers: readonly Server[]): void => {
      for (const server of servers) {
        m.write('debug', 'asking for vote', { term, from: server.id, address: server.address });
        ask(m, server, request, (answerTerm, granted) => countVote(m, campaign, server.id, answerTerm, granted));
      }
    };
    if (own < 0) {
      askAll(all);
      then();
      return;
    }
    askAll(all.slice(0, own));
    m.write('debug', 'voting for self', { term, id: m.self.id });
    persistVote(m, term, m.self.address, (error) => {
      if (error === undefined) {
        m.effects.trace({ kind: 'raft.vote', candidate: m.self.id, term, pre: false, granted: true });
        m.main(() => countVote(m, campaign, m.self.id, term, true));
        askAll(all.slice(own + 1));
      } else {
        m.write('error', 'failed to persist vote', { error });
      }
      then();
    });
  });
}

function countVote(m: Machine, campaign: Campaign, from: string, term: number, granted: boolean): void {
  if (m.campaign !== campaign || m.role !== 'candidate') return;
  if (term > m.term) {
    m.write('debug', 'newer term discovered, fallback to follower', { term });
    fallBack(m, term);
    return;
  }
  if (granted) {
    campaign.votes++;
    m.write('debug', 'vote granted', { from, term, tally: campaign.votes });
  }
  if (campaign.votes < campaign.needed) return;
  m.write('info', 'election won', { term, tally: campaign.votes });
  m.setRole('leader');
  m.setLeader(m.self);
}

/** Two writes, each durable, as upstream: the term of the vote, then its receiver. */
export function persistVote(m: Machine, term: number, candidate: string, then: (error?: string) => void): void {
  m.commit({ kind: 'vote-term', term }, (failed) => {
    if (failed !== undefined) {
      then(failed);
      return;
    }
    m.voteTerm = term;
    m.commit({ kind: 'vote-candidate', candidate }, (error) => {
      if (error === undefined) m.voteCandidate = candidate;
      then(error);
    });
  });
}
