/** Listening to a leader, and noticing that there is none. */
import { Plain } from '../codec/log-text.ts';
import { hasVote } from './configuration.ts';
import type { Machine } from './machine.ts';

export function becomeFollower(m: Machine): void {
  m.warned = false;
  m.write('info', 'entering follower state', {
    follower: m.describe(),
    'leader-address': new Plain(m.leader?.address ?? ''),
    'leader-id': new Plain(m.leader?.id ?? ''),
  });
  m.arm(m.jittered(m.timeouts.heartbeat));
}

/** The running timer fires at once; that the leader was heard lately is then judged by the new time. */
export function reloadFollower(m: Machine): void {
  m.arm(0);
}

/**
 * The timer is not put off by heartbeats: it looks, each time it fires, whether there was contact within the timeout.
 * So a dead leader is noticed between one and three timeouts after its last word.
 */
export function heartbeatTimerFired(m: Machine): void {
  const { heartbeat } = m.timeouts;
  m.arm(m.jittered(heartbeat));
  if (m.lastContact !== undefined && m.now() - m.lastContact < heartbeat) return;

  const last = m.leader;
  m.setLeader(undefined);
  const { latest, latestIndex, committedIndex } = m.configurations;
  if (latestIndex === 0) {
    warnOnce(m, 'no known peers, aborting election');
  } else if (latestIndex === committedIndex && !hasVote(latest, m.self.id)) {
    warnOnce(m, 'not part of stable configuration, aborting election');
  } else if (hasVote(latest, m.self.id)) {
    m.effects.trace({ kind: 'raft.timeout', what: 'heartbeat', term: m.term });
    m.write('warn', 'heartbeat timeout reached, starting election', {
      'last-leader-addr': new Plain(last?.address ?? ''),
      'last-leader-id': new Plain(last?.id ?? ''),
    });
    m.setRole('candidate');
  } else {
    warnOnce(
      m,
      'heartbeat timeout reached, not part of a stable configuration or a non-voter, not triggering a leader election',
    );
  }
}

function warnOnce(m: Machine, message: string): void {
  if (!m.warned) m.write('warn', message);
  m.warned = true;
}
