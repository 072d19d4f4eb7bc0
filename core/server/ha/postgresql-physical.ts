/**
 * PostgreSQL with all that belongs to it: the data, who may write them, and how far they have come. It tells nobody what
 * is changed in it, so the active node tells its standbys (facts §11).
 */
import { assert } from '../../assert.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { refuse } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { Scope } from '../../scope.ts';
import type { PostgresStorage } from '../../storage/postgresql/backend.ts';
import { PostgresLock } from '../../storage/postgresql/lock.ts';
import { currentLsn, orderOfLsn } from '../../storage/postgresql/lsn.ts';
import type { Sql } from '../../storage/postgresql/sql.ts';
import { TrackedStorage } from '../../storage/tracked.ts';
import type { Physical, StorageIndex } from '../config.ts';
import type { Ha, HaNode } from '../ha-port.ts';
import { ClusterListener } from './cluster-listener.ts';
import { HighAvailability } from './ha.ts';
import type { HaLock } from './leadership.ts';

const INIT_LOCK_PATH = 'core/initialize-lock';
const KEYRING_PATH = 'core/keyring';

export interface PostgresPhysicalOptions {
  readonly storage: PostgresStorage;
  readonly sql: Sql;
  /** Where the locks are; undefined without high availability. */
  readonly lockTable: string | undefined;
  /** host:port each, for what standbys forward. */
  readonly listenAddresses: readonly string[];
  readonly hostname: string;
  /** Not the lock alone, but the data are here, too: standbys are told what changes. */
  readonly holdsData: boolean;
  readonly standbyReads: boolean;
}

export function postgresPhysical(runtime: Runtime, options: PostgresPhysicalOptions): Physical {
  const { storage, sql, lockTable } = options;
  const index: StorageIndex = { now: () => currentLsn(sql), order: orderOfLsn };
  const data = { type: 'postgresql', storage, index };
  return lockTable === undefined ? data : { ...data, ...highAvailability(runtime, options, lockTable, index) };
}

type HaPart = Required<Pick<Physical, 'storage' | 'ha' | 'unsealed' | 'sealing' | 'bootstrap' | 'initialised'>>;

function highAvailability(
  runtime: Runtime,
  options: PostgresPhysicalOptions,
  table: string,
  index: StorageIndex,
): HaPart {
  const { storage, sql } = options;
  const tracked = new TrackedStorage(storage);
  const ways = { sql, clock: runtime.clock, table };
  const newUuid = (): string => makeUuid((length) => runtime.random.bytes(length));
  const make = (key: string, value: string): PostgresLock => new PostgresLock(ways, key, value, newUuid());
  const listener = new ClusterListener(runtime, options.listenAddresses);
  const lockWith = (key: string, value: string): HaLock => {
    const lock = make(key, value);
    return {
      lock: async (stop) => {
        const held = await lock.lock(stop);
        // From now on, and not only while it is held: who has lost it must not write.
        if (held !== undefined) storage.fence = () => lock.check();
        return held;
      },
      unlock: () => lock.unlock(),
      value: () => lock.value(),
    };
  };
  let founding: PostgresLock | undefined;
  return {
    storage: tracked,
    // Of several nodes that are asked to initialise at once, one does.
    bootstrap: async () => {
      founding = make(INIT_LOCK_PATH, newUuid());
      await founding.lock(new Scope());
      if ((await storage.get(KEYRING_PATH)) === undefined) return;
      await founding.unlock();
      throw refuse('Vault is already initialized');
    },
    initialised: async () => {
      assert(founding !== undefined, 'initialised under its lock');
      await founding.unlock();
    },
    unsealed: () => Promise.resolve(listener.start()),
    sealing: () => Promise.resolve(listener.stop()),
    ha: (node: HaNode): Ha =>
      new HighAvailability(node, {
        listener,
        lockWith,
        hostname: options.hostname,
        standbyReads: options.standbyReads,
        ...(options.holdsData ? { shared: { storage: tracked, index, check: async () => storage.fence?.() } } : {}),
        echo: () => ({ nodeId: '', appliedIndex: 0, term: 0, desiredSuffrage: '' }),
        heard: () => undefined,
        activeDuty: () => Promise.resolve(),
        indexes: () => undefined,
      }),
  };
}
