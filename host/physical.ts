/** The `storage` stanza: which backend, where, and how it is tuned. */
import { resolve } from 'node:path';
import type { Physical } from '../core/server/config.ts';
import type { Configuration, Stanza } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import type { Node } from '../core/server/node.ts';
import type { Runtime } from '../core/runtime.ts';
import { HostDisk } from './disk.ts';

export interface OpenedPhysical {
  readonly physical: Physical;
  /** Once the node has been made. */
  readonly attach?: (node: Node) => void;
  /** Once its listeners are open: looks at what is to go on by itself, and gives what starts it. Throws ConfigurationError. */
  readonly begin?: () => () => void;
  /** When the node has stopped. */
  readonly close?: () => Promise<void>;
  /** Raft's name of the node. */
  readonly nodeId?: string;
}

const plain = (physical: Physical): OpenedPhysical => ({ physical });

/** Rejects with ConfigurationError for what the stanza lacks. Backends are loaded when asked for, to start quickly. */
export async function openPhysical(
  configuration: Configuration,
  runtime: Runtime,
  panic: (message: string) => void,
): Promise<OpenedPhysical> {
  const { storage } = configuration;
  if (storage === undefined) throw new ConfigurationError('a storage backend must be specified');
  const { haStorage } = configuration;
  try {
    const opened = await open(configuration, storage, runtime, panic);
    return haStorage === undefined || storage.type === 'raft'
      ? opened
      : await openHa(configuration, haStorage, runtime, panic, opened);
  } catch (error) {
    if (!(error instanceof Error) || !DAMAGE.has(error.name)) throw error;
    // A node's disk begins at '/', so its paths do not.
    const folder = pathOf(storage.settings['path'] === undefined ? (haStorage ?? storage) : storage);
    const said = error.message.includes(folder) ? error.message : error.message.replace(folder.slice(1), folder);
    throw new ConfigurationError(`error initializing storage of type ${storage.type}: ${said}`);
  }
}

/** What the data folder is to blame for. Named, because their modules are loaded only when asked for. */
const DAMAGE: ReadonlySet<string> = new Set(['DiskError', 'CorruptState', 'CorruptLog', 'RaftError']);

/** High availability by another storage than the one that has the data. */
async function openHa(
  configuration: Configuration,
  storage: Stanza,
  runtime: Runtime,
  panic: (message: string) => void,
  data: OpenedPhysical,
): Promise<OpenedPhysical> {
  switch (storage.type) {
    case 'inmem':
      throw new ConfigurationError('specified HA storage does not support HA');
    case 'inmem_ha': {
      const { openInmemHa } = await import('./inmem-ha.ts');
      return beside(data, plain(openInmemHa(configuration, runtime)));
    }
    case 'postgresql':
      return beside(data, await openPostgres(configuration, storage, runtime, 'HA storage'));
    case 'raft': {
      const { openRaftForHa } = await import('./raft.ts');
      const path = pathOf(storage);
      const opened = await openRaftForHa({ configuration, storage, path, runtime, panic }, data.physical);
      return closingBoth(opened, data);
    }
    default:
      throw new ConfigurationError(`unknown HA storage type ${storage.type}`);
  }
}

/** The data of one, and the lock of the other. */
function beside(data: OpenedPhysical, lock: OpenedPhysical): OpenedPhysical {
  if (lock.physical.ha === undefined) {
    throw new ConfigurationError('specified HA storage has HA support disabled; please consult documentation');
  }
  const { index: _index, ...locking } = lock.physical;
  const { type, storage, index } = data.physical;
  const physical: Physical = { ...locking, type, storage, ...(index === undefined ? {} : { index }) };
  return closingBoth({ ...lock, physical }, data);
}

const closingBoth = (opened: OpenedPhysical, data: OpenedPhysical): OpenedPhysical => ({
  ...opened,
  close: async () => {
    await opened.close?.();
    await data.close?.();
  },
});

async function openPostgres(
  configuration: Configuration,
  storage: Stanza,
  runtime: Runtime,
  what: 'storage' | 'HA storage',
): Promise<OpenedPhysical> {
  const { openPostgresql } = await import('./postgresql/open.ts');
  const own = what === 'storage';
  try {
    const logger = own ? 'storage.postgresql' : 'ha.postgresql';
    return await openPostgresql(configuration, storage, runtime, logger, own && configuration.haStorage === undefined);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const begins = own ? 'error' : 'Error';
    throw new ConfigurationError(`${begins} initializing ${what} of type postgresql: ${reason}`);
  }
}

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
    case 'inmem_ha': {
      const { openInmemHa } = await import('./inmem-ha.ts');
      return plain(openInmemHa(configuration, runtime));
    }
    case 'file': {
      const { FileStorage } = await import('../core/storage/file.ts');
      return plain({ type: 'file', storage: new FileStorage(new HostDisk(pathOf(storage))) });
    }
    case 'postgresql':
      return openPostgres(configuration, storage, runtime, 'storage');
    case 'raft': {
      refuseForRaft(configuration);
      const { openRaft } = await import('./raft.ts');
      return openRaft({ configuration, storage, path: pathOf(storage), runtime, panic });
    }
    default:
      throw new ConfigurationError(`unknown storage type ${storage.type}`);
  }
}

function refuseForRaft({ clusterAddr, storageWithoutClustering, haStorage }: Configuration): void {
  if (clusterAddr === '') throw new ConfigurationError('cluster address must be set when using raft storage');
  if (storageWithoutClustering) {
    throw new ConfigurationError('disable clustering cannot be set to true when Raft is the storage type');
  }
  if (haStorage !== undefined) {
    throw new ConfigurationError('HA storage cannot be declared when Raft is the storage type');
  }
}

function pathOf(storage: Stanza): string {
  const path = process.env['BAO_RAFT_PATH'] ?? storage.settings['path'] ?? '';
  if (path === '') {
    throw new ConfigurationError(`error initializing storage of type ${storage.type}: 'path' must be set`);
  }
  return resolve(path);
}
