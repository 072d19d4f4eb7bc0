/** The `storage` stanza: which backend, where, and how it is tuned. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { parseDuration } from '../core/codec/duration.ts';
import { isUuid, makeUuid } from '../core/codec/uuid.ts';
import type { Physical } from '../core/server/config.ts';
import type { Configuration, Stanza } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import { VERSION } from '../core/server/default-config.ts';
import type { Node } from '../core/server/node.ts';
import type { Runtime } from '../core/runtime.ts';
import { HostDisk } from './disk.ts';

export interface OpenedPhysical {
  readonly physical: Physical;
  /** Once the node has been made. */
  readonly attach: (node: Node) => void;
  /** Raft's name of the node. */
  readonly nodeId?: string;
}

const plain = (physical: Physical): OpenedPhysical => ({ physical, attach: () => undefined });

/** Rejects with ConfigurationError for what the stanza lacks. Backends are loaded when asked for, to start quickly. */
export async function openPhysical(
  configuration: Configuration,
  runtime: Runtime,
  panic: (message: string) => void,
): Promise<OpenedPhysical> {
  const { storage } = configuration;
  if (storage === undefined) throw new ConfigurationError('a storage backend must be specified');
  try {
    return await open(configuration, storage, runtime, panic);
  } catch (error) {
    if (!(error instanceof Error) || !DAMAGE.has(error.name)) throw error;
    // A node's disk begins at '/', so its paths do not.
    const folder = pathOf(storage);
    const said = error.message.includes(folder) ? error.message : error.message.replace(folder.slice(1), folder);
    throw new ConfigurationError(`error initializing storage of type ${storage.type}: ${said}`);
  }
}

/** What the data folder is to blame for. Named, because their modules are loaded only when asked for. */
const DAMAGE: ReadonlySet<string> = new Set(['DiskError', 'CorruptState', 'CorruptLog', 'RaftError']);

async function open(
  configuration: Configuration,
  storage: Stanza,
  runtime: Runtime,
  panic: (message: string) => void,
): Promise<OpenedPhysical> {
  switch (storage.type) {
    case 'inmem': {
      const { InmemStorage } = await import('../core/storage/inmem.ts');
      return plain({ type: 'inmem', storage: new InmemStorage() });
    }
    case 'file': {
      const { FileStorage } = await import('../core/storage/file.ts');
      return plain({ type: 'file', storage: new FileStorage(new HostDisk(pathOf(storage))) });
    }
    case 'raft':
      return openRaft(configuration, storage, runtime, panic);
    default:
      throw new ConfigurationError(`unknown storage type ${storage.type}`);
  }
}

function pathOf(storage: Stanza): string {
  const path = process.env['BAO_RAFT_PATH'] ?? storage.settings['path'] ?? '';
  if (path === '') throw new ConfigurationError("'path' must be set");
  return resolve(path);
}

async function openRaft(
  configuration: Configuration,
  storage: Stanza,
  runtime: Runtime,
  panic: (message: string) => void,
): Promise<OpenedPhysical> {
  const { clusterAddr } = configuration;
  if (clusterAddr === '') throw new ConfigurationError('cluster address must be set when using raft storage');
  const folder = `${pathOf(storage).replace(/^\/+/, '')}/`;
  const { RaftPhysical, raftDefaults } = await import('../core/server/ha/raft-physical.ts');
  const nodeId = await nodeIdOf(storage, folder, runtime);
  const physical = await RaftPhysical.open(runtime, {
    path: folder,
    nodeId,
    clusterAddress: clusterAddr.replace(/^https?:\/\//, ''),
    performanceMultiplier: integer(storage, 'performance_multiplier', raftDefaults.performanceMultiplier),
    trailingLogs: integer(storage, 'trailing_logs', raftDefaults.trailingLogs),
    snapshotThreshold: integer(storage, 'snapshot_threshold', raftDefaults.snapshotThreshold),
    snapshotInterval: duration(storage, 'snapshot_interval', raftDefaults.snapshotInterval),
    standbyReads: !configuration.disableStandbyReads,
    hostname: hostname(),
    version: VERSION,
    syncOnce: true,
    panic,
  });
  return { physical, attach: (node) => physical.attach(node), nodeId };
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

function integer(storage: Stanza, name: string, usual: number): number {
  const text = storage.settings[name];
  if (text === undefined) return usual;
  if (!/^[0-9]+$/.test(text)) {
    throw new ConfigurationError(
      `Error initializing storage of type raft: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

function duration(storage: Stanza, name: string, usual: number): number {
  const text = storage.settings[name];
  if (text === undefined) return usual;
  try {
    return parseDuration(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`Error initializing storage of type raft: ${reason}`);
  }
}
