/** The kinds of databases, by the names of upstream's plugins; MongoDB's, Oracle's and SQL Server's are external there. */
import { cassandra } from './cassandra.ts';
import { influxdb } from './influxdb.ts';
import { mongodb } from './mongodb.ts';
import { mssql } from './mssql.ts';
import { mysql, mysqlLegacy } from './mysql.ts';
import { oracle } from './oracle.ts';
import type { PluginFactory } from './plugin.ts';
import { postgresql } from './postgresql.ts';
import { redis } from './redis.ts';

export const plugins: ReadonlyMap<string, PluginFactory> = new Map([
  ['cassandra-database-plugin', cassandra],
  ['influxdb-database-plugin', influxdb],
  ['mongodb-database-plugin', mongodb],
  ['mssql-database-plugin', mssql],
  ['mysql-aurora-database-plugin', mysqlLegacy],
  ['mysql-database-plugin', mysql],
  ['mysql-legacy-database-plugin', mysqlLegacy],
  ['mysql-rds-database-plugin', mysqlLegacy],
  ['oracle-database-plugin', oracle],
  ['postgresql-database-plugin', postgresql],
  ['redis-database-plugin', redis],
  ['valkey-database-plugin', redis],
  // The name that Vault's documentation registers it under; the one above is that of earlier pages.
  ['vault-plugin-database-oracle', oracle],
]);
