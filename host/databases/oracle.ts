/** Oracle through `oracledb` without its client libraries; complaints are worded as Oracle's own client words them. */
import type { Connection } from 'oracledb';
import { DatabaseError, type Database, type DatabaseSpec, type DatabaseStatement } from '../../core/runtime.ts';
import { driver } from './databases.ts';

type Driver = typeof import('oracledb');

const CONNECT_SECONDS = 15;
const UNRESOLVED = 'ORA-12154: TNS:could not resolve the connect identifier specified';

/** What the driver says in numbers of its own, as the client libraries say it. */
const clientTexts: Readonly<Record<string, string>> = {
  'NJS-500': 'ORA-03113: end-of-file on communication channel',
  'NJS-503': 'ORA-12541: TNS:no listener',
  'NJS-510': 'ORA-12170: TNS:Connect timeout occurred',
  'NJS-511': 'ORA-12541: TNS:no listener',
  'NJS-514': UNRESOLVED,
  'NJS-515': UNRESOLVED,
  'NJS-516': UNRESOLVED,
  'NJS-517': UNRESOLVED,
  'NJS-518': 'ORA-12514: TNS:listener does not currently know of service requested in connect descriptor',
  'NJS-519': 'ORA-12505: TNS:listener does not currently know of SID given in connect descriptor',
  'NJS-530': 'ORA-12545: Connect failed because target host or object does not exist',
};

/** One connection a use: users are changed too seldom for keeping any. */
export async function openOracle(spec: DatabaseSpec): Promise<Database> {
  const oracledb = await driver('oracledb', async () => (await import('oracledb')).default);
  const target = parseOracleAddress(spec.address);
  const using = async <T>(body: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = await connect(oracledb, target);
    try {
      return await body(connection);
    } catch (error) {
      throw error instanceof DatabaseError ? error : new DatabaseError(wordsOf(error));
    } finally {
      // What broke is told already.
      await connection.close().catch(() => undefined);
    }
  };
  return {
    ping: () => using((connection) => connection.ping()),
    run: (statements, { transaction }) => using((connection) => runAll(oracledb, connection, statements, transaction)),
    close: () => Promise.resolve(),
  };
}

interface OracleTarget {
  readonly user: string;
  readonly password: string;
  /** `host:port/service`, or a name or a description in parentheses. */
  readonly connectString: string;
}

/** `user/password@//host:port/service?…`, percent signs in the first two. Throws DatabaseError. */
export function parseOracleAddress(address: string): OracleTarget {
  const text = address.replace(/^oracle:\/\//, '');
  const at = text.lastIndexOf('@');
  const login = text.slice(0, Math.max(at, 0));
  const [user = '', ...password] = login.split('/');
  try {
    return {
      user: decodeURIComponent(user),
      password: decodeURIComponent(password.join('/')),
      connectString: text
        .slice(at + 1)
        .replace(/^\/\//, '')
        .replace(/\?.*$/, ''),
    };
  } catch {
    throw new DatabaseError('invalid connection URL: the login is not escaped');
  }
}

async function connect(oracledb: Driver, target: OracleTarget): Promise<Connection> {
  try {
    return await oracledb.getConnection({ ...target, transportConnectTimeout: CONNECT_SECONDS });
  } catch (error) {
    throw new DatabaseError(wordsOf(error), { away: true });
  }
}

/** What defines something lasts at once whether there is a transaction or not. */
async function runAll(
  oracledb: Driver,
  connection: Connection,
  statements: readonly DatabaseStatement[],
  transaction: boolean,
): Promise<string[][][]> {
  const all: string[][][] = [];
  for (const [at, [text]] of statements.entries()) {
    try {
      const options = { autoCommit: !transaction, outFormat: oracledb.OUT_FORMAT_ARRAY };
      const { rows } = await connection.execute<unknown[]>(text!, [], options);
      all.push((rows ?? []).map((row) => row.map(String)));
    } catch (error) {
      if (transaction) await connection.rollback().catch(() => undefined);
      throw new DatabaseError(wordsOf(error), { at });
    }
  }
  if (transaction) await connection.commit();
  return all;
}

/** The server's own line, without the help that the driver adds. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message.split('\n').find((line) => /^ORA-\d+: /.test(line));
  const code = /^NJS-\d+/.exec(error.message)?.[0] ?? '';
  return own ?? clientTexts[code] ?? error.message;
}
