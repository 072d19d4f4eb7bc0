/** Cassandra through `cassandra-driver`; complaints are worded as gocql words them. */
import type { Client } from 'cassandra-driver';
import { DatabaseError, type CassandraSettings, type Database, type DatabaseSpec } from '../../core/runtime.ts';
import { dialError } from '../network.ts';
import { outgoingTlsOptions, tlsComplaint } from '../outgoing-tls.ts';
import { driver } from './databases.ts';

type Driver = typeof import('cassandra-driver');

/** What the driver speaks; the server decides about any of them. */
const NEWEST = 4;
const USUAL_PORT = 9042;
const UNABLE = 'gocql: unable to create session: ';
const CODES: Readonly<Record<string, keyof Driver['types']['consistencies']>> = {
  ANY: 'any',
  ONE: 'one',
  TWO: 'two',
  THREE: 'three',
  ALL: 'all',
  LOCAL_QUORUM: 'localQuorum',
  EACH_QUORUM: 'eachQuorum',
  LOCAL_ONE: 'localOne',
};

export async function openCassandra(spec: DatabaseSpec): Promise<Database> {
  const cql = await driver('cassandra-driver', async () => (await import('cassandra-driver')).default);
  const settings = spec.cassandra!;
  let session: Promise<Client> | undefined;
  const connected = (): Promise<Client> =>
    (session ??= connect(cql, spec, settings).catch((error: unknown) => {
      session = undefined;
      throw error;
    }));
  return {
    ping: async () => void (await connected()),
    async run(statements) {
      const client = await connected();
      const all: string[][][] = [];
      for (const [text] of statements) {
        try {
          const { rows } = await client.execute(text!, [], { isIdempotent: false });
          all.push((rows ?? []).map((row) => row.values().map(String)));
        } catch (error) {
          // The driver would wait longer and longer before it looks for the hosts again.
          if (error instanceof cql.errors.NoHostAvailableError) {
            session = undefined;
            await client.shutdown();
          }
          throw new DatabaseError(asked(cql, error));
        }
      }
      return all;
    },
    close: async () => (await session)?.shutdown(),
  };
}

async function connect(cql: Driver, spec: DatabaseSpec, settings: CassandraSettings): Promise<Client> {
  if (settings.protocol > NEWEST) {
    throw new DatabaseError(`${UNABLE}this driver speaks no protocol version ${settings.protocol}`, { away: true });
  }
  const { loadBalancing } = cql.policies;
  const trying = async (policy: InstanceType<Driver['policies']['loadBalancing']['LoadBalancingPolicy']>) => {
    const client = new cql.Client(optionsOf(cql, spec, settings, policy));
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.shutdown();
      throw error;
    }
  };
  try {
    if (settings.datacenter === '') return await trying(new loadBalancing.RoundRobinPolicy());
    return await trying(new loadBalancing.DCAwareRoundRobinPolicy(settings.datacenter)).catch((error: unknown) => {
      // It is a preference: where there is no such datacenter, any will do.
      if (error instanceof cql.errors.ArgumentError) return trying(new loadBalancing.RoundRobinPolicy());
      throw error;
    });
  } catch (error) {
    throw new DatabaseError(UNABLE + notConnected(cql, error, settings), { away: true });
  }
}

function optionsOf(
  cql: Driver,
  spec: DatabaseSpec,
  { port, protocol, consistency, timeout }: CassandraSettings,
  loadBalancing: InstanceType<Driver['policies']['loadBalancing']['LoadBalancingPolicy']>,
): ConstructorParameters<Driver['Client']>[0] {
  const { username = '', password = '' } = spec.login ?? {};
  const millis = Math.max(1, timeout / 1_000);
  return {
    contactPoints: spec.address.split(','),
    authProvider: new cql.auth.PlainTextAuthProvider(username, password),
    policies: { loadBalancing, retry: new cql.policies.retry.FallthroughRetryPolicy() },
    protocolOptions: { port: port === 0 ? USUAL_PORT : port, maxVersion: protocol },
    socketOptions: { connectTimeout: millis, readTimeout: millis },
    queryOptions: { consistency: cql.types.consistencies[CODES[consistency] ?? 'quorum'] },
    isMetadataSyncEnabled: false,
    ...(spec.tls === undefined ? {} : { sslOptions: outgoingTlsOptions(spec.tls) }),
  };
}

function notConnected(cql: Driver, error: unknown, { protocol }: CassandraSettings): string {
  if (!(error instanceof cql.errors.NoHostAvailableError))
    return error instanceof Error ? error.message : String(error);
  const [first] = Object.entries(error.innerErrors as Readonly<Record<string, unknown>>);
  if (first === undefined) return 'failed to resolve any of the provided hostnames';
  const [address, why] = first;
  return `unable to connect to initial hosts: ${refused(cql, why, address, protocol)}`;
}

function refused(cql: Driver, why: unknown, address: string, protocol: number): string {
  const message = why instanceof Error ? why.message : String(why);
  if (why instanceof cql.errors.AuthenticationError || why instanceof cql.errors.ResponseError) return message;
  if (message.includes('unable to STARTUP using protocol version')) {
    return `Invalid or unsupported protocol version (${protocol})`;
  }
  if (why instanceof cql.errors.OperationTimedOutError) return `dial tcp ${address}: i/o timeout`;
  const tls = tlsComplaint(why);
  if (tls !== undefined) return tls.startsWith('http:') ? 'tls: first record does not look like a TLS handshake' : tls;
  return dialError(why, address).message;
}

function asked(cql: Driver, error: unknown): string {
  if (error instanceof cql.errors.NoHostAvailableError) return 'gocql: no hosts available in the pool';
  if (error instanceof cql.errors.OperationTimedOutError) {
    return 'gocql: no response received from cassandra within timeout period';
  }
  return error instanceof Error ? error.message : String(error);
}
