/** Asking a majority whether we still lead. */
import { raftError } from './errors.ts';
import type { Machine } from './machine.ts';
import { quorum } from './proposals.ts';

export interface Verification {
  readonly future: number;
  readonly needed: number;
  votes: number;
  decided: boolean;
}

export function verifyLeader(m: Machine, future: number): void {
  const { leadership } = m;
  if (m.role !== 'leader' || leadership === undefined) {
    m.effects.reject(future, raftError('not-leader'));
    return;
  }
  const verification: Verification = { future, needed: quorum(m), votes: 1, decided: false };
  if (verification.needed === 1) {
    m.effects.resolve(future, m.commitIndex, undefined);
    return;
  }
  leadership.verifications.add(verification);
  for (const { replication, heartbeat } of leadership.peers.values()) {
    replication.waiting.add(verification);
    heartbeat.notify();
  }
}

/** A peer's word on our leadership; the main loop judges when it is decided. */
export function countVerification(m: Machine, verification: Verification, agrees: boolean): void {
  if (verification.decided) return;
  if (agrees) verification.votes++;
  if (agrees && verification.votes < verification.needed) return;
  verification.decided = true;
  m.main(() => {
    const { leadership } = m;
    if (!leadership?.verifications.delete(verification)) return;
    for (const { replication } of leadership.peers.values()) replication.waiting.delete(verification);
    if (verification.votes >= verification.needed) {
      m.effects.resolve(verification.future, m.commitIndex, undefined);
      return;
    }
    m.write('warn', 'new leader elected, stepping down');
    m.setRole('follower');
    m.effects.reject(verification.future, raftError('not-leader'));
  });
}
