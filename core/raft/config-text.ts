/** Raft's settings as upstream's log has them: Go's structs, without the pointers in them. */
import type { Timeouts } from './timing.ts';

/** Entries are kept and snapshots made by OpenBao, not by the library. */
const TRAILING =
  'TrailingLogs:0xffffffffffffffff, SnapshotInterval:4611686018427387903, SnapshotThreshold:0xffffffffffffffff';

const nanos = (micros: number): string => `${micros}000`;

const waits = ({ heartbeat, election }: Timeouts): string =>
  `HeartbeatTimeout:${nanos(heartbeat)}, ElectionTimeout:${nanos(election)}`;

export const configText = (id: string, timeouts: Timeouts): string =>
  `&raft.Config{ProtocolVersion:3, ${waits(timeouts)}, CommitTimeout:50000000, MaxAppendEntries:64, BatchApplyCh:true, ` +
  `ShutdownOnRemove:true, ${TRAILING}, LeaderLeaseTimeout:${nanos(timeouts.lease)}, LocalID:"${id}", LogLevel:"DEBUG", ` +
  'NoSnapshotRestoreOnStart:true, PreVoteDisabled:false, NoLegacyTelemetry:false, skipStartup:false}';

export const reloadedText = (timeouts: Timeouts): string => `raft.ReloadableConfig{${TRAILING}, ${waits(timeouts)}}`;
