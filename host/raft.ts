/** The `storage "raft"` stanza: a node's place in its cluster, on a real disk and real sockets. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { parseDuration } from '../core/codec/duration.ts';
import { isUuid, makeUuid } from '../core/codec/uuid.ts';
import type { Configuration, ListenerConfiguration, Stanza } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import { VERSION } from '../core/server/default-config.ts';
import type { LeaderContact } from '../core/server/ha/raft-join.ts';
import { RaftPhysical, raftDefaults } from '../core/server/ha/raft-physical.ts';
import type { Runtime } from '../core/runtime.ts';
import { joinPut } from './join-client.ts';
import { splitHostPort } from './network.ts';
import type { OpenedPhysical } from './physical.ts';

export interface RaftOpening {
  readonly configuration: Configuration;
  readonly storage: Stanza;
  /** The data folder, absolute. */
  readonly path: string;
  readonly runtime: Runtime;
  readonly panic: (message: string) => void;
}

/** Rejects with ConfigurationError. */
export async function openRaft(opening: RaftOpening): Promise<OpenedPhysical> {
  const { configuration, storage, path, runtime, panic } = opening;
  const { clusterAddr } = configuration;
  if (clusterAddr === '') throw new ConfigurationError('cluster address must be set when using raft storage');
  const folder = `${path.replace(/^\/+/, '')}/`;
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
    ...given('autopilotUpdateInterval', time(storage, 'autopilot_update_interval')),
    ...given('autopilotReconcileInterval', time(storage, 'autopilot_reconcile_interval')),
    standbyReads: !configuration.disableStandbyReads,
    hostname: hostname(),
    version: VERSION,
    syncOnce: true,
    put: joinPut,
    panic,
  });
  const leaders = (storage.blocks['retry_join'] ?? []).map(contactOf);
  return {
    physical,
    attach: (node) => physical.attach(node),
    begin: () => {
      if (leaders.length > 0) void physical.retryJoin(leaders, isNonVoter(storage));
    },
    close: () => physical.close(),
    nodeId,
  };
}

/** The cluster port of each TCP listener: configured, or the one after the API's. */
const clusterListeners = ({ listeners }: Configuration): string[] =>
  listeners.filter(({ type }) => type === 'tcp').map(clusterAddressOf);

export function clusterAddressOf({ address, clusterAddress }: ListenerConfiguration): string {
  if (clusterAddress !== '') return clusterAddress;
  const { port } = splitHostPort(address);
  return `${address.slice(0, address.lastIndexOf(':'))}:${port + 1}`;
}

/** A `retry_join` stanza; certificates are given as text or in files. */
function contactOf(block: Readonly<Record<string, string>>): LeaderContact {
  const pem = (name: string): string => {
    const file = block[`${name}_file`] ?? '';
    return file === '' ? (block[name] ?? '') : readFileSync(file, 'utf8');
  };
  return {
    address: block['leader_api_addr'] ?? '',
    ca: pem('leader_ca_cert'),
    clientCertificate: pem('leader_client_cert'),
    clientKey: pem('leader_client_key'),
    serverName: block['leader_tls_servername'] ?? '',
  };
}

/** Any value of the variable counts, as upstream. */
const isNonVoter = ({ settings }: Stanza): boolean =>
  (process.env['BAO_RAFT_RETRY_JOIN_AS_NON_VOTER'] ?? '') !== '' || settings['retry_join_as_non_voter'] === 'true';

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
  if (!/^[0-9]+$/.test(text)) {
    throw new ConfigurationError(
      `Error initializing storage of type raft: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

/** Micros. */
function time({ settings }: Stanza, name: string): number | undefined {
  const text = settings[name];
  if (text === undefined) return undefined;
  try {
    return parseDuration(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`Error initializing storage of type raft: ${reason}`);
  }
}
