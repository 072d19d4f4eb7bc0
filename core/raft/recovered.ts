/** What a node starts from: all of it comes from its disk. */
import type { Configurations } from './configuration.ts';
import { decodeConfiguration, noServers } from './configuration.ts';
import type { SnapshotHead } from './effects.ts';
import type { Log, Position } from './log.ts';
import type { Configuration } from './types.ts';

export interface Recovered {
  readonly log: Log;
  readonly term: number;
  readonly voteTerm: number;
  readonly voteCandidate: string | undefined;
  /** What the replicated state holds already. */
  readonly applied: Position;
  /** The configuration as of the last snapshot. */
  readonly head: SnapshotHead | undefined;
}

/** The newest configuration in snapshot and log; all but the last are committed. */
export function recoverConfigurations(recovered: Recovered): Configurations {
  const { head, log, applied } = recovered;
  const found: Configurations = { latest: noServers, latestIndex: 0, committed: noServers, committedIndex: 0 };
  const note = (configuration: Configuration, index: number): void => {
    found.committed = found.latest;
    found.committedIndex = found.latestIndex;
    found.latest = configuration;
    found.latestIndex = index;
  };
  if (head !== undefined) note(head.configuration, head.configurationIndex);
  for (let index = log.first; index <= log.lastIndex; index++) {
    const entry = log.get(index)!;
    if (entry.type === 'configuration' && index > found.latestIndex) note(decodeConfiguration(entry.data), index);
  }
  if (found.latestIndex <= applied.index) {
    found.committed = found.latest;
    found.committedIndex = found.latestIndex;
  }
  return found;
}
