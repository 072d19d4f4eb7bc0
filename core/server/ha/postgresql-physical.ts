/**
 * PostgreSQL with all that belongs to it: the data, who may write them, and how far they have come. Standbys forward
 * what they are asked: nobody tells them what the active node changes (facts §11).
 */
import { assert } from '../../assert.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { refuse } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { Scope } from '../../scope.ts';
import type { PostgresStorage } from '../../storage/postgresql/backend.ts';
import { PostgresLock } from '../../storage/postgresql/lock.ts';
import { currentLsn, parseLsn } from '../../storage/postgresql/lsn.ts';
import type { Sql } from '../../storage/postgresql/sql.ts';
import type { Physical, StoragePosition } from '../config.ts';
import type { Ha, HaNode } from '../ha-port.ts';
import { ClusterListener } from './cluster-listener.ts';
import { type HaLock, HighAvailability } from './ha.ts';

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
}

export function postgresPhysical(runtime: Runtime, options: PostgresPhysicalOptions): Physical {
  const { storage, sql, lockTable } = options;
  const data = { type: 'postgresql', storage, position: () => positionOf(sql) };
  return lockTable === undefined ? data : { ...data, ...highAvailability(runtime, options, lockTable) };
}

type HaPart = Required<Pick<Physical, 'ha' | 'unsealed' | 'sealing' | 'bootstrap' | 'initialised'>>;

function highAvailability(runtime: Runtime, options: PostgresPhysicalOptions, table: string): HaPart {
  const { storage, sql } = options;
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
        standbyReads: false,
        echo: () => ({ nodeId: '', appliedIndex: 0, term: 0, desiredSuffrage: '' }),
        heard: () => undefined,
        activeDuty: () => Promise.resolve(),
        indexes: () => undefined,
      }),
  };
}

async function positionOf(sql: Sql): Promise<StoragePosition> {
  const value = await currentLsn(sql);
  const own = parseLsn(value);
  return {
    value,
    reached: (text) => {
      const wanted = parseLsn(text);
      return own === undefined || wanted === undefined ? undefined : own >= wanted;
    },
  };
}
