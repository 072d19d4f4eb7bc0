/** The `storage "raft"` stanza: a node's place in its cluster, on a real disk and real sockets. */
import { hostname } from 'node:os';
import { formatDuration, parseDuration } from '../core/codec/duration.ts';
import { parseBool } from '../core/codec/go-bool.ts';
import { quote } from '../core/codec/go-quote.ts';
import { isUuid, makeUuid } from '../core/codec/uuid.ts';
import type { Configuration, Stanza } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import { VERSION } from '../core/server/profile.ts';
import type { Physical } from '../core/server/config.ts';
import { raftForHaOnly } from '../core/server/ha/raft-ha-only.ts';
import { RaftPhysical, raftDefaults } from '../core/server/ha/raft-physical.ts';
import { toMicros } from '../core/framework/coerce-time.ts';
import type { Micros, Runtime } from '../core/runtime.ts';
import { clusterListeners } from './cluster-address.ts';
import { joinPut } from './join-client.ts';
import { FolderError, makeFolder } from './make-folder.ts';
import { RECONCILE_INTERVAL, UPDATE_INTERVAL } from '../core/storage/raft/autopilot.ts';
import type { OpenedPhysical } from './physical.ts';
import { contactsOf } from './retry-join.ts';

export interface RaftOpening {
  readonly configuration: Configuration;
  readonly storage: Stanza;
  /** The data folder, absolute. */
  readonly path: string;
  readonly runtime: Runtime;
  readonly panic: (message: string) => void;
}

/** The `ha_storage "raft"` stanza: raft only for who is active, beside a storage for the data. */
export async function openRaftForHa(opening: RaftOpening, data: Physical): Promise<OpenedPhysical> {
  const { physical, nodeId } = await open(opening, true);
  return {
    physical: raftForHaOnly(data, physical),
    attach: (node) => physical.attach(node),
    close: () => physical.close(),
    nodeId,
  };
}

/** Rejects with ConfigurationError. */
export async function openRaft(opening: RaftOpening): Promise<OpenedPhysical> {
  const { storage } = opening;
  const { physical, nodeId } = await open(opening, false);
  const nonVoter = isNonVoter(storage);
  return {
    physical,
    attach: (node) => physical.attach(node),
    begin: () => {
      const leaders = contactsOf(storage.settings['retry_join'] ?? '');
      return () => {
        if (leaders.length > 0) void physical.retryJoin(leaders, nonVoter);
      };
    },
    close: () => physical.close(),
    nodeId,
  };
}

async function open(opening: RaftOpening, haOnly: boolean): Promise<{ physical: RaftPhysical; nodeId: string }> {
  const { configuration, storage, path, runtime, panic } = opening;
  const { clusterAddr } = configuration;
  const folder = `${path.replace(/^\/+/, '')}/`;
  await makeFolder(path).catch((error: unknown) => {
    throw error instanceof FolderError ? broken(error.message) : error;
  });
  const nodeId = await nodeIdOf(storage, folder, runtime);
  const listenAddresses = clusterListeners(configuration);
  const physical = await RaftPhysical.open(runtime, {
    path: folder,
    nodeId,
    clusterAddress: clusterAddr.replace(/^https?:\/\//, ''),
    ...(listenAddresses.length === 0 ? {} : { listenAddresses }),
    performanceMultiplier: integer(storage, 'performance_multiplier', raftDefaults.performanceMultiplier),
    trailingLogs: integer(storage, 'trailing_logs', raftDefaults.trailingLogs),
    snapshotThreshold: integer(storage, 'snapshot_threshold', raftDefaults.snapshotThreshold),
    snapshotInterval: duration(storage, 'snapshot_interval', raftDefaults.snapshotInterval),
    ...given('maxEntryBytes', number(storage, 'max_entry_size')),
    ...given('maxTransactionBytes', number(storage, 'max_transaction_size')),
    ...autopilotIntervals(storage),
    standbyReads: !configuration.disableStandbyReads,
    haOnly,
    hostname: hostname(),
    version: VERSION,
    syncOnce: true,
    put: joinPut,
    panic,
  });
  return { physical, nodeId };
}

/** Any value of the variable counts, as upstream. */
function isNonVoter({ settings }: Stanza): boolean {
  if ((process.env['BAO_RAFT_RETRY_JOIN_AS_NON_VOTER'] ?? '') !== '') return true;
  const text = settings['retry_join_as_non_voter'] ?? 'false';
  let nonVoter: boolean;
  try {
    nonVoter = parseBool(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw broken(`failed to parse retry_join_as_non_voter config value ${quote(text)} as a boolean: ${reason}`);
  }
  if (nonVoter && settings['retry_join'] === undefined) {
    const needed = 'at least one retry_join stanza is specified';
    throw broken(`setting retry_join_as_non_voter to true is only valid if ${needed}`);
  }
  return nonVoter;
}

/** Configured, from the environment, or made once and kept beside the data. */
async function nodeIdOf(storage: Stanza, folder: string, runtime: Runtime): Promise<string> {
  const given = process.env['BAO_RAFT_NODE_ID'] ?? storage.settings['node_id'] ?? '';
  if (given !== '') return given;
  const path = `${folder}node-id`;
  const stored = await runtime.disk.readFile(path);
  const text = stored === undefined ? '' : new TextDecoder().decode(stored).trim();
  if (isUuid(text)) return text;
  const made = makeUuid((length) => runtime.random.bytes(length));
  await runtime.disk.writeFile(path, new TextEncoder().encode(made), { sync: true });
  return made;
}

const integer = (storage: Stanza, name: string, usual: number): number => number(storage, name) ?? usual;
const duration = (storage: Stanza, name: string, usual: number): number => time(storage, name) ?? usual;

/** Nothing where nothing was configured. */
const given = <K extends string>(name: K, value: number | undefined): Partial<Record<K, number>> =>
  value === undefined ? {} : ({ [name]: value } as Record<K, number>);

function number({ settings }: Stanza, name: string): number | undefined {
  const text = settings[name];
  if (text === undefined) return undefined;
  if (/^[0-9]+$/.test(text)) return Number(text);
  throw broken(`failed to parse '${name}': strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** Micros. */
function time({ settings }: Stanza, name: string): number | undefined {
  const text = settings[name];
  if (text === undefined) return undefined;
  try {
    return parseDuration(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw broken(`${name} does not parse as a duration: ${reason}`);
  }
}

/** Neither is said with 0. Throws ConfigurationError. */
function autopilotIntervals({ settings }: Stanza): {
  autopilotUpdateInterval?: Micros;
  autopilotReconcileInterval?: Micros;
} {
  const [update, reconcile] = ['autopilot_update_interval', 'autopilot_reconcile_interval'].map((name) => {
    try {
      return toMicros(settings[name] ?? '') || undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw broken(`${name} does not parse as a duration: ${reason}`);
    }
  });
  const [rarely, often] = [reconcile ?? RECONCILE_INTERVAL, update ?? UPDATE_INTERVAL];
  if (rarely < often) {
    const larger = `should be larger than autopilot_update_interval (${formatDuration(often)})`;
    throw broken(`autopilot_reconcile_interval (${formatDuration(rarely)}) ${larger}`);
  }
  return { ...given('autopilotUpdateInterval', update), ...given('autopilotReconcileInterval', reconcile) };
}

const broken = (reason: string): ConfigurationError =>
  new ConfigurationError(`error initializing storage of type raft: ${reason}`);
