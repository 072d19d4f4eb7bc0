/** PostgreSQL through `pg`; complaints are worded as pgx words them. */
import type { ClientConfig, Pool, PoolClient } from 'pg';
import { DatabaseError, type Database, type DatabaseSpec, type DatabaseStatement } from '../../core/runtime.ts';
import { dialError } from '../network.ts';
import { driver } from './databases.ts';
import { parseAddress, type PostgresTarget as Target } from './postgresql-address.ts';

const CONNECT_SECONDS = 10;

export async function openPostgresql(spec: DatabaseSpec): Promise<Database> {
  const { Pool: PoolClass } = await driver('pg', async () => (await import('pg')).default);
  const target = parseAddress(spec.address);
  let pool: Pool | undefined;
  const make = (encrypted: boolean): Pool => {
    const { host, port, user, password, database } = target;
    const made = new PoolClass({
      host,
      port,
      user,
      password,
      database,
      ssl: encrypted ? tlsOf(spec, target) : false,
      connectionTimeoutMillis: CONNECT_SECONDS * 1_000,
      max: spec.maxOpen > 0 ? spec.maxOpen : 100,
      ...(spec.maxLifetime > 0 ? { maxLifetimeSeconds: spec.maxLifetime / 1_000_000 } : {}),
      allowExitOnIdle: true,
    });
    // A connection that breaks while it is idle is dropped from the pool; the next use dials anew.
    made.on('error', () => undefined);
    return made;
  };
  const connect = async (): Promise<PoolClient> => {
    if (pool !== undefined) {
      try {
        return await pool.connect();
      } catch (error) {
        throw failed(target, [shown(target, error)]);
      }
    }
    const attempts: string[] = [];
    for (const encrypted of ways(target.sslMode)) {
      const candidate = make(encrypted);
      try {
        const client = await candidate.connect();
        pool = candidate;
        return client;
      } catch (error) {
        attempts.push(shown(target, error));
        await candidate.end();
      }
    }
    throw failed(target, attempts);
  };
  return {
    async ping() {
      (await connect()).release();
    },
    async run(statements, { transaction }) {
      const client = await connect();
      let broken: Error | undefined;
      try {
        return await runAll(client, statements, transaction);
      } catch (error) {
        if (!isRefusal(error)) broken = error instanceof Error ? error : new Error(String(error));
        throw new DatabaseError(isRefusal(error) ? refusal(error) : (broken?.message ?? ''));
      } finally {
        client.release(broken);
      }
    },
    close: async () => pool?.end(),
  };
}

async function runAll(client: PoolClient, statements: readonly DatabaseStatement[], transaction: boolean) {
  const all: string[][][] = [];
  if (transaction) await client.query('begin');
  try {
    for (const [text, ...values] of statements) {
      const query = { text: text!, values, rowMode: 'array' as const };
      // With parameters there can be only one statement in a text, without them many.
      const answer = await client.query<unknown[]>(values.length > 0 ? query : { text: text!, rowMode: 'array' });
      const last = Array.isArray(answer) ? (answer.at(-1) as typeof answer) : answer;
      all.push((last?.rows ?? []).map((row) => row.map(String)));
    }
    if (transaction) await client.query('commit');
  } catch (error) {
    if (transaction) await client.query('rollback').catch(() => undefined);
    throw error;
  }
  return all;
}

type Refusal = Error & { readonly severity: string; readonly code: string };

const isRefusal = (error: unknown): error is Refusal =>
  error instanceof Error && 'severity' in error && 'code' in error;

const refusal = ({ severity, message, code }: Refusal): string => `${severity}: ${message} (SQLSTATE ${code})`;

/** Which of TLS and plain are tried, in order. */
function ways(sslMode: string): readonly boolean[] {
  if (sslMode === 'disable') return [false];
  if (sslMode === 'allow') return [false, true];
  return sslMode === 'prefer' ? [true, false] : [true];
}

function failed({ user, database }: Target, attempts: readonly string[]): DatabaseError {
  const separator = attempts.length > 1 ? '\n\t' : ' ';
  return new DatabaseError(
    `failed to connect to \`user=${user} database=${database}\`:${attempts.map((one) => separator + one).join('')}`,
    { away: true },
  );
}

function shown({ host, port }: Target, error: unknown): string {
  const at = `${host}:${port} (${host})`;
  if (isRefusal(error)) {
    const what = error.code === '28P01' ? 'failed SASL auth' : 'server error';
    return `${at}: ${what}: ${refusal(error)}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('does not support SSL')) return `${at}: tls error: server refused TLS connection`;
  if (message.startsWith('SASL')) return `${at}: failed SASL auth: ${message}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return `hostname resolving error: lookup ${host}: no such host`;
  return `${at}: dial error: ${dialError(error, `${host}:${port}`).message}`;
}

function tlsOf({ tls }: DatabaseSpec, { host, sslMode }: Target): NonNullable<ClientConfig['ssl']> {
  const verified = sslMode === 'verify-full' || sslMode === 'verify-ca';
  return {
    rejectUnauthorized: verified,
    ...(sslMode === 'verify-full' ? { servername: host } : { checkServerIdentity: () => undefined }),
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
  };
}
