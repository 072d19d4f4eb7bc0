/** Other people's databases over the real network; each driver is loaded when the first of its kind is opened. */
import { DatabaseError, type Database, type Databases, type DatabaseSpec } from '../../core/runtime.ts';
import { MissingPackage, optionalPackage } from '../optional-package.ts';
import { parseMysqlAddress } from './mysql-address.ts';
import { parseAddress } from './postgresql-address.ts';

const openers: Readonly<Record<DatabaseSpec['kind'], (spec: DatabaseSpec) => Promise<Database>>> = {
  postgresql: async (spec) => (await import('./postgresql.ts')).openPostgresql(spec),
  mysql: async (spec) => (await import('./mysql.ts')).openMysql(spec),
  cassandra: async (spec) => (await import('./cassandra.ts')).openCassandra(spec),
  mongodb: async (spec) => (await import('./mongodb.ts')).openMongodb(spec),
  mssql: async (spec) => (await import('./mssql.ts')).openMssql(spec),
  oracle: async (spec) => (await import('./oracle.ts')).openOracle(spec),
  redis: async (spec) => (await import('./redis.ts')).openRedis(spec),
};

export const hostDatabases: Databases = {
  open(spec) {
    if (spec.kind === 'mysql') parseMysqlAddress(spec.address);
    if (spec.kind === 'postgresql') parseAddress(spec.address);
    let opening: Promise<Database> | undefined;
    const opened = (): Promise<Database> => (opening ??= openers[spec.kind](spec));
    return {
      ping: async () => (await opened()).ping(),
      run: async (statements, options) => (await opened()).run(statements, options),
      close: async () => (await opening)?.close(),
    };
  },
};

/** Rejects with DatabaseError for a package that is not there. */
export async function driver<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await optionalPackage(name, 'this database', load);
  } catch (error) {
    throw error instanceof MissingPackage ? new DatabaseError(error.message) : error;
  }
}
