/** What may come over a Raft cluster: elections, logs, snapshots, members. */
import { logged, type State, traced } from '../state.ts';

export const raftStates: readonly State[] = [
  traced('an election was lost to a split vote', 'raft.state', ({ state, term }, _, { candidates, wonTerms }) => {
    const split = ([lost, standing]: readonly [number, ReadonlySet<string>]): boolean =>
      lost < term && standing.size > 1 && !wonTerms.has(lost);
    return state === 'leader' && [...candidates].some(split);
  }),
  logged('a candidate waited for votes in vain', 'Election timeout reached, restarting election'),
  traced(
    'a pre-vote was refused, as there is a leader',
    'raft.vote',
    ({ pre, reason }) => pre && reason === 'has a leader',
  ),
  traced('a pre-vote was refused to an older log', 'raft.vote', ({ pre, reason }) => pre && reason === 'older log'),
  traced('a vote was refused to an older log', 'raft.vote', ({ pre, reason }) => !pre && reason === 'older log'),
  traced('a vote was refused, as another has it', 'raft.vote', ({ reason }) => reason === 'voted already'),
  logged(
    'a campaign ended before it began, for want of pre-votes',
    'pre-vote campaign failed, waiting for election timeout',
  ),
  traced('a leader gave up without its quorum', 'raft.timeout', ({ what }) => what === 'lease'),
  traced('an old leader still led when a new one was elected', 'raft.state', ({ state, term }, node, { roles }) => {
    const leads = [...roles].some(([other, role]) => other !== node && role.state === 'leader' && role.term < term);
    return state === 'leader' && leads;
  }),
  logged('a leader heard of a newer term', /^(?:peer has newer term, stopping replication|lost leadership because)/),
  traced('a leader handed its term over', 'raft.transfer'),
  traced('a follower threw entries away', 'raft.truncate'),
  traced('a follower refused what did not fit its log', 'raft.rejected'),
  traced(
    'a node started with entries that it had not applied',
    'raft.recovered',
    ({ last, applied }) => last > applied,
  ),
  traced('a node started with a vote that it had given away in this term', 'raft.recovered', (event, node) => {
    const { term, voteTerm, candidate } = event;
    return voteTerm > 0 && voteTerm === term && candidate !== undefined && candidate !== node;
  }),
  traced('a snapshot was taken', 'raft.snapshot', ({ what }) => what === 'taken'),
  traced('a snapshot was sent to a follower', 'raft.snapshot', ({ what }) => what === 'sent'),
  logged('a snapshot was installed over the network', 'Installed remote snapshot'),
  logged('a snapshot did not get through', /^failed to (?:send snapshot to|install snapshot)$/),
  traced('a member was removed', 'raft.configuration', ({ index, servers }, node, { members }) => {
    const before = members.get(node);
    return before !== undefined && index > before.index && servers.length < before.ids.length;
  }),
  traced('a member was added beyond three', 'raft.configuration', ({ servers }) => servers.length > 3),
  traced('a change of the members was taken back', 'raft.configuration', ({ index }, node, { members }) => {
    return index < (members.get(node)?.index ?? 0);
  }),
  logged('a leader removed itself', 'removed ourself, shutting down'),
  logged('a non-voter became a voter', 'Promoting server'),
  logged('a dead server was removed', 'removing dead server from raft configuration'),
  logged('the keys between members were changed', 'installed new raft TLS key'),
];
