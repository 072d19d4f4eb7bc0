/** Connections to a PostgreSQL server through `pg`; complaints are worded as pgx words them. */
import { readFileSync } from 'node:fs';
import type { ClientConfig, Pool, PoolClient } from 'pg';
import { DatabaseError } from '../../core/runtime.ts';
import { unknownName } from '../names.ts';
import { dialError } from '../network.ts';
import type { PostgresHost, PostgresTarget } from './postgresql-address.ts';

const CONNECT_SECONDS = 10;

export interface PoolTerms {
  readonly max: number;
  readonly maxLifetimeSeconds?: number;
  /** How many are kept that nobody uses; as many as there are when left out. */
  readonly maxIdle?: number;
  /** PEM, beside what the address names. */
  readonly ca?: string;
}

interface Way extends PostgresHost {
  readonly encrypted: boolean;
}

/** A way that led nowhere. */
interface Attempt {
  readonly way: Way;
  readonly error: unknown;
}

export class PostgresPool {
  readonly #poolClass: typeof Pool;
  readonly #target: PostgresTarget;
  readonly #terms: PoolTerms;
  #pool: Pool | undefined;
  #finding: Promise<{ readonly pool: Pool; readonly way: Way }> | undefined;

  /** `poolClass` is `pg`'s. Nothing is dialled before it is needed. */
  constructor(poolClass: typeof Pool, target: PostgresTarget, terms: PoolTerms) {
    this.#poolClass = poolClass;
    this.#target = target;
    this.#terms = terms;
  }

  /** Rejects with DatabaseError when no server can be reached in any way. */
  async connect(): Promise<PoolClient> {
    if (this.#pool !== undefined) {
      try {
        return await this.#pool.connect();
      } catch (error) {
        const [way, ...others] = waysTo(this.#target);
        if (others.length === 0) throw failed(this.#target, [{ way: way!, error }]);
      }
    }
    // One tries the ways, whoever comes meanwhile goes with it.
    this.#finding ??= this.#find().finally(() => (this.#finding = undefined));
    const found = await this.#finding;
    try {
      return await found.pool.connect();
    } catch (error) {
      throw failed(this.#target, [{ way: found.way, error }]);
    }
  }

  /** The first way that leads to a server, with a connection on which nobody waits. */
  async #find(): Promise<{ readonly pool: Pool; readonly way: Way }> {
    const attempts: Attempt[] = [];
    for (const way of waysTo(this.#target)) {
      const pool = this.#make(way);
      try {
        (await pool.connect()).release();
        void this.#pool?.end();
        this.#pool = pool;
        return { pool, way };
      } catch (error) {
        attempts.push({ way, error });
        await pool.end();
      }
    }
    throw failed(this.#target, attempts);
  }

  /** What `connect` gave. `broken`: it is good for nothing more. */
  release(client: PoolClient, broken: boolean): void {
    const { maxIdle } = this.#terms;
    client.release(broken || (maxIdle !== undefined && (this.#pool?.idleCount ?? 0) >= maxIdle));
  }

  async end(): Promise<void> {
    await this.#pool?.end();
  }

  #make({ host, port, encrypted }: Way): Pool {
    const { user, password, database, words } = this.#target;
    const { max, maxLifetimeSeconds } = this.#terms;
    const settings = [...words]
      .filter(([name]) => !OURS.has(name))
      .map(([name, value]) => `-c ${name}=${escaped(value)}`);
    const options = [words.get('options') ?? '', ...settings].filter((text) => text !== '').join(' ');
    const made = new this.#poolClass({
      host,
      port,
      user,
      password,
      ...(database === '' ? {} : { database }),
      ...(options === '' ? {} : { options }),
      ...(words.has('application_name') ? { application_name: words.get('application_name')! } : {}),
      ssl: encrypted ? tlsOf(this.#target, host, this.#terms.ca) : false,
      connectionTimeoutMillis: Number(words.get('connect_timeout') ?? CONNECT_SECONDS) * 1_000,
      max,
      ...(maxLifetimeSeconds === undefined ? {} : { maxLifetimeSeconds }),
      allowExitOnIdle: true,
    });
    // A connection that breaks while nothing is asked over it is dropped; the next use dials anew.
    made.on('error', () => undefined);
    made.on('connect', (client) => client.on('error', () => undefined));
    return made;
  }
}

/** Words of an address that are no settings of the session. */
const OURS: ReadonlySet<string> = new Set(
  (
    'application_name connect_timeout options passfile service servicefile krbspn krbsrvname channel_binding ' +
    'sslcert sslkey sslpassword sslrootcert sslsni sslnegotiation target_session_attrs min_protocol_version ' +
    'max_protocol_version'
  ).split(' '),
);

const escaped = (value: string): string => value.replaceAll(/[\\ ]/g, String.raw`\$&`);

type Refusal = Error & { readonly severity: string; readonly code: string };

export const isRefusal = (error: unknown): error is Refusal =>
  error instanceof Error && 'severity' in error && 'code' in error;

/** Whether the connection it came over is good for nothing more. */
export const breaksConnection = (error: unknown): boolean =>
  !isRefusal(error) || error.severity === 'FATAL' || error.severity === 'PANIC';

export const refusal = ({ severity, message, code }: Refusal): string => `${severity}: ${message} (SQLSTATE ${code})`;

/** Hosts, and of each TLS and plain as the address wants them, in order. */
const waysTo = ({ hosts, sslMode }: PostgresTarget): readonly Way[] =>
  hosts.flatMap((place) =>
    (place.host.startsWith('/') ? [false] : encryptions(sslMode)).map((encrypted) => ({ ...place, encrypted })),
  );

function encryptions(sslMode: string): readonly boolean[] {
  if (sslMode === 'disable') return [false];
  if (sslMode === 'allow') return [false, true];
  return sslMode === 'prefer' ? [true, false] : [true];
}

function failed({ user, database }: PostgresTarget, attempts: readonly Attempt[]): DatabaseError {
  // All names are looked up before anything is dialled.
  const unknown = attempts.flatMap(({ error }) => unknownName(error)?.message ?? []);
  const dialled = attempts.filter(({ error }) => unknownName(error) === undefined).map(shown);
  const separator = attempts.length > 1 ? '\n\t' : ' ';
  const first = dialled.length > 0 ? separator : `${separator}hostname resolving error: `;
  const said = [...unknown, ...dialled].join(separator);
  return new DatabaseError(`failed to connect to \`user=${user} database=${database}\`:${first}${said}`, {
    away: true,
  });
}

function shown({ way: { host, port }, error }: Attempt): string {
  const socket = `${host}/.s.PGSQL.${port}`;
  const local = host.startsWith('/');
  const { address } = error as { readonly address?: unknown };
  const at = local ? `${socket} (${host})` : `${typeof address === 'string' ? address : host}:${port} (${host})`;
  if (isRefusal(error)) {
    const what = error.code === '28P01' ? 'failed SASL auth' : 'server error';
    return `${at}: ${what}: ${refusal(error)}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('does not support SSL')) return `${at}: tls error: server refused TLS connection`;
  if (message.startsWith('SASL')) return `${at}: failed SASL auth: ${message}`;
  if (local) {
    const why = message.includes('ENOENT') ? 'no such file or directory' : 'connection refused';
    return `${at}: dial error: dial unix ${socket}: connect: ${why}`;
  }
  return `${at}: dial error: ${dialError(error, `${host}:${port}`).message}`;
}

function tlsOf({ sslMode, words }: PostgresTarget, host: string, ca?: string): NonNullable<ClientConfig['ssl']> {
  const file = (name: string): string | undefined => {
    const path = words.get(name) ?? '';
    return path === '' ? undefined : readFileSync(path, 'utf8');
  };
  const [roots, cert, key] = [ca ?? file('sslrootcert'), file('sslcert'), file('sslkey')];
  const verified = sslMode === 'verify-full' || sslMode === 'verify-ca';
  return {
    rejectUnauthorized: verified,
    ...(sslMode === 'verify-full' ? { servername: host } : { checkServerIdentity: () => undefined }),
    ...(roots === undefined ? {} : { ca: roots }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
