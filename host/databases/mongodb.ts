/** MongoDB through `mongodb`; complaints are worded as Go's driver words them. */
import type { MongoClient, MongoClientOptions } from 'mongodb';
import { DatabaseError, type Database, type DatabaseSpec } from '../../core/runtime.ts';
import { dialError } from '../network.ts';
import { outgoingTlsOptions, tlsComplaint } from '../outgoing-tls.ts';
import { driver } from './databases.ts';

type Driver = typeof import('mongodb');

export async function openMongodb(spec: DatabaseSpec): Promise<Database> {
  const mongo = await driver('mongodb', () => import('mongodb'));
  const client = clientOf(mongo, spec);
  const command = async (database: string, fields: Readonly<Record<string, unknown>>): Promise<string> => {
    const ask = () => client.db(database).command(fields);
    try {
      return JSON.stringify(await ask().catch((error: unknown) => again(mongo, error, ask)));
    } catch (error) {
      throw failed(mongo, error);
    }
  };
  return {
    ping: async () => void (await command('admin', { ping: 1 })),
    async run(statements) {
      const all: string[][][] = [];
      for (const [database, name, about, fields] of statements) {
        const rest = JSON.parse(fields!) as Readonly<Record<string, unknown>>;
        all.push([[await command(database!, { [name!]: about, ...rest })]]);
      }
      return all;
    },
    close: () => client.close(),
  };
}

/** Once more over a new connection, where the old one broke. */
function again<T>(mongo: Driver, error: unknown, ask: () => Promise<T>): Promise<T> {
  if (error instanceof mongo.MongoNetworkError) return ask();
  throw error;
}

function clientOf(mongo: Driver, { address, login, tls }: DatabaseSpec): MongoClient {
  const options: MongoClientOptions = {
    ...(tls === undefined ? {} : { tls: true, ...outgoingTlsOptions(tls) }),
    ...(login === undefined ? {} : { auth: { username: login.username }, authMechanism: 'MONGODB-X509' }),
  };
  try {
    return new mongo.MongoClient(address, options);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const scheme = message.startsWith('Invalid scheme') ? 'scheme must be "mongodb" or "mongodb+srv"' : message;
    throw new DatabaseError(`error parsing uri: ${scheme}`);
  }
}

function failed(mongo: Driver, error: unknown): DatabaseError {
  if (error instanceof mongo.MongoServerError) {
    const text = error.codeName === undefined ? error.message : `(${error.codeName}) ${error.message}`;
    if (error.codeName !== 'AuthenticationFailed') return new DatabaseError(text);
    const during = 'connection() error occurred during connection handshake: auth error: sasl conversation error';
    return new DatabaseError(`${during}: ${text}`, { away: true });
  }
  if (error instanceof mongo.MongoServerSelectionError) {
    const why = [...error.reason!.servers.values()].map((server) => unreached(server.address, server.error));
    return new DatabaseError(`server selection error: ${why.join(', ')}`, { away: true });
  }
  return new DatabaseError(error instanceof Error ? error.message : String(error), { away: true });
}

function unreached(address: string, error: Error | null): string {
  const cause = error?.cause ?? error;
  return tlsComplaint(cause) ?? dialError(cause, address).message;
}
