/** The `storage "postgresql"` and `ha_storage "postgresql"` stanzas. */
import { hostname } from 'node:os';
import { Backoff } from '../../core/backoff.ts';
import { type Micros, MILLISECOND, type Runtime, SECOND } from '../../core/runtime.ts';
import type { Configuration, Stanza } from '../../core/server/configuration/configuration.ts';
import { postgresPhysical } from '../../core/server/ha/postgresql-physical.ts';
import { PostgresStorage } from '../../core/storage/postgresql/backend.ts';
import {
  makeLockTable,
  makeStoreIndex,
  makeStoreTable,
  type Sql,
  type SqlConnections,
} from '../../core/storage/postgresql/sql.ts';
import { clusterListeners } from '../cluster-address.ts';
import { addressFault } from '../databases/postgresql-address.ts';
import type { OpenedPhysical } from '../physical.ts';
import { openConnections } from './connections.ts';
import { type PostgresSettings, postgresSettings } from './settings.ts';

const FIRST_PAUSE: Micros = 15 * MILLISECOND;
const LONGEST_PAUSE: Micros = 5 * SECOND;

/** `logger`: 'storage.postgresql' or 'ha.postgresql'. Rejects with an Error in upstream's words. */
export async function openPostgresql(
  configuration: Configuration,
  stanza: Stanza,
  runtime: Runtime,
  logger: string,
  holdsData: boolean,
): Promise<OpenedPhysical> {
  const settings = postgresSettings(stanza, (name, value) =>
    runtime.log.write('debug', logger, `${name} set`, { [name]: value }),
  );
  const connections = await reached(settings, runtime, logger);
  try {
    if (!settings.skipsTables()) await makeTables(connections, settings, runtime, logger);
  } catch (error) {
    await connections.close();
    throw error;
  }
  const physical = postgresPhysical(runtime, {
    storage: new PostgresStorage(connections, settings),
    sql: connections,
    lockTable: settings.haEnabled ? settings.haTable : undefined,
    listenAddresses: configuration.disableClustering ? [] : clusterListeners(configuration),
    hostname: hostname(),
    holdsData,
    standbyReads: holdsData && !configuration.disableStandbyReads,
  });
  return { physical, close: () => connections.close() };
}

/** Connected, after as many attempts as it takes or as are allowed. */
async function reached(settings: PostgresSettings, { log, clock, random }: Runtime, logger: string) {
  const { attempts } = settings;
  const backoff = new Backoff(random, FIRST_PAUSE, LONGEST_PAUSE);
  for (let attempt = 1; ; attempt++) {
    try {
      return await dialled(settings);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.write('debug', logger, 'database not ready', { err: why });
      if (attempt === attempts) {
        throw new Error(`failed to connect to postgres: unable to verify connection: ${why}`, { cause: error });
      }
      await clock.sleep(backoff.next());
    }
  }
}

async function dialled({ address, maxParallel, transactions, maxIdle }: PostgresSettings) {
  const fault = addressFault(address);
  if (fault !== undefined) throw new Error(fault);
  const connections = await openConnections(address, {
    // A transaction keeps its connection while others are asked for beside it.
    max: maxParallel + transactions,
    ...(maxIdle === undefined ? {} : { maxIdle }),
  });
  try {
    await connections.query('-- ping');
    return connections;
  } catch (error) {
    await connections.close();
    throw error;
  }
}

async function makeTables(
  connections: SqlConnections,
  { table, haTable, haEnabled }: PostgresSettings,
  { log }: Runtime,
  logger: string,
): Promise<void> {
  const session = await connections.session();
  const step = async (what: string, statement: string): Promise<void> => {
    try {
      await session.query(statement);
    } catch (error) {
      throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  };
  try {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await step('failed to execute create query', makeStoreTable(table));
    await step('failed to create index on table', makeStoreIndex(table));
    if (haEnabled) await step('failed to create ha table', makeLockTable(haTable));
    await session.query('COMMIT');
  } catch (error) {
    await undone(session);
    const text = error instanceof Error ? error.message : String(error);
    if (text.endsWith('(SQLSTATE 25006)')) {
      // A replica: its primary has them.
      const err = text.replace(/^failed to [a-z ]+: /, '');
      log.write('warn', logger, 'Skipping table creation as database is marked read-only', { err });
    } else if (!text.endsWith('(SQLSTATE 23505)')) {
      // Otherwise another node has just made them.
      throw new Error(`failed to create tables: ${text}`, { cause: error });
    }
  } finally {
    session.release();
  }
}

/** The connection may be gone, and the transaction with it. */
async function undone(session: Sql): Promise<void> {
  try {
    await session.query('ROLLBACK');
  } catch {
    return;
  }
}
