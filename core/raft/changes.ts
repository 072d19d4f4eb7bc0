/** Changes of the configuration: one at a time, and only when the leader has committed something in its term. */
import { Plain } from '../codec/log-text.ts';
import type { ConfigurationChange } from './configuration.ts';
import { encodeConfiguration, nextConfiguration, serversText } from './configuration.ts';
import { noBytes } from '../codec/bytes.ts';
import { RaftError, raftError } from './errors.ts';
import { startStopReplication } from './leader.ts';
import type { Machine } from './machine.ts';
import { append } from './proposals.ts';

export interface Change {
  readonly future: number;
  readonly change: ConfigurationChange;
  /** Refuse if the configuration is no longer the one of this index; 0 for any. */
  readonly previousIndex: number;
}

/** Takes one waiting change if that is possible now. */
export function applyChange(m: Machine): boolean {
  const { leadership, configurations } = m;
  if (m.role !== 'leader' || leadership === undefined) {
    for (const { future } of m.changes.splice(0)) m.effects.reject(future, raftError('not-leader'));
    return true;
  }
  const stable =
    configurations.latestIndex === configurations.committedIndex && m.commitIndex >= leadership.commitment.startIndex;
  if (!stable) return false;
  const next = m.changes.shift();
  if (next === undefined) return false;
  if (leadership.transferring) m.effects.reject(next.future, raftError('transfer-in-progress'));
  else change(m, next);
  return true;
}

function change(m: Machine, { future, change: wanted, previousIndex }: Change): void {
  const { latest, latestIndex } = m.configurations;
  let configuration;
  try {
    configuration = nextConfiguration(latest, latestIndex, wanted, previousIndex);
  } catch (error) {
    if (!(error instanceof RaftError)) throw error;
    m.effects.reject(future, error);
    return;
  }
  m.write('info', 'updating configuration', {
    command: wanted.command,
    'server-id': wanted.id,
    'server-addr': new Plain('address' in wanted ? wanted.address : ''),
    servers: serversText(configuration),
  });
  const data = encodeConfiguration(configuration);
  append(m, [{ future, type: 'configuration', data, extensions: noBytes }], (index) => {
    m.setLatest(configuration, index);
    m.leadership?.commitment.setConfiguration(configuration);
    startStopReplication(m);
  });
}
