/** Cassandra, over CQL's binary protocol. */
import { parseObject, type JsonObject } from '../../../codec/json.ts';
import { multierror, nestedMultierror } from '../../../codec/multierror.ts';
import type { Crypto } from '../../../crypto/crypto.ts';
import { failure, Fault } from '../../../fault.ts';
import { SECOND, type Database, type OutgoingTls, type Runtime, type TlsVersion } from '../../../runtime.ts';
import { filled, split, type Values } from '../statements.ts';
import { usernameTemplate } from '../username.ts';
import { decodeDetails, durationDetail } from './details.ts';
import { tlsOfBundle } from './pem-bundle.ts';
import { issuedTls } from './pem.ts';
import { naming, orUsual, runAll, textOf, type Plugin, type PluginFactory } from './plugin.ts';

const USERNAME =
  '{{ printf "v_%s_%s_%s_%s" (.DisplayName | truncate 15) (.RoleName | truncate 15) (random 20) (unix_time) | truncate 100 | replace "-" "_" | lowercase }}';
const CREATE = `CREATE USER '{{username}}' WITH PASSWORD '{{password}}' NOSUPERUSER;`;
const DROP = `DROP USER IF EXISTS '{{username}}';`;
const CHANGE_PASSWORD = `ALTER USER '{{username}}' WITH PASSWORD '{{password}}';`;
const MAY_CREATE = `LIST CREATE ON ALL ROLES OF '{{username}}';`;

const STARTING = 'failed to initialize';
const USUAL_TIMEOUT = 5 * SECOND;
const USUAL_PROTOCOL = 2;
const CONSISTENCIES = ['ANY', 'ONE', 'TWO', 'THREE', 'QUORUM', 'ALL', 'LOCAL_QUORUM', 'EACH_QUORUM', 'LOCAL_ONE'];
const TLS_VERSIONS: ReadonlyMap<string, TlsVersion> = new Map([
  ['tls10', 'TLSv1'],
  ['tls11', 'TLSv1.1'],
  ['tls12', 'TLSv1.2'],
  ['tls13', 'TLSv1.3'],
]);

const FIELDS = {
  hosts: 'text',
  port: 'int',
  username: 'text',
  password: 'text',
  tls: 'bool',
  insecure_tls: 'bool',
  tls_server_name: 'text',
  tls_min_version: 'text',
  pem_bundle: 'text',
  pem_json: 'text',
  protocol_version: 'int',
  consistency: 'text',
  local_datacenter: 'text',
  skip_verification: 'bool',
} as const;

type Read = ReturnType<typeof decodeDetails<typeof FIELDS>>;

export const cassandra: PluginFactory = (details, runtime) => {
  const names = usernameTemplate(details, USERNAME, runtime);
  const { read, ...opening } = checked(details, runtime.crypto);
  let session: Promise<Database> | undefined;
  const connected = (): Promise<Database> =>
    (session ??= connect(runtime, read, opening).catch((error: unknown) => {
      session = undefined;
      throw error;
    }));
  const query = async (text: string, values: Values): Promise<void> => {
    const database = await connected();
    await naming('', database.run([[filled(text, values)]], { transaction: false }));
  };
  const all = async (statements: readonly string[], values: Values): Promise<void> => {
    await connected();
    await runAll(statements.flatMap(split), (text) => query(text, values));
  };
  return {
    verify: () =>
      naming(
        `${STARTING}: error verifying connection`,
        connected().then(() => undefined),
      ),
    async newUser({ name, statements, rollback, password }) {
      const username = names(name);
      await connected();
      try {
        for (const text of orUsual(statements, CREATE).flatMap(split)) await query(text, { username, password });
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        for (const text of orUsual(rollback, DROP).flatMap(split)) {
          await query(text, { username }).catch((again: unknown) => {
            const both = multierror(error.message, `failed to roll back user ${username}: ${textOf(again)}`);
            throw failure(nestedMultierror(both));
          });
        }
        throw error;
      }
      return username;
    },
    // There is nothing in Cassandra that ends a user by itself.
    async updateUser({ username, password }) {
      if (password === undefined) return;
      await all(orUsual(password.statements, CHANGE_PASSWORD), { username, password: password.value });
    },
    async deleteUser(username, statements) {
      await all(orUsual(statements, DROP), { username });
    },
    close: async () => (await session)?.close(),
  } satisfies Plugin;
};

interface Opening {
  readonly timeout: number;
  readonly tls: OutgoingTls | undefined;
}

function checked(details: JsonObject, crypto: Crypto): Opening & { readonly read: Read } {
  try {
    const read = decodeDetails(details, FIELDS);
    const timeout =
      details['connect_timeout'] === undefined ? USUAL_TIMEOUT : durationDetail(details, 'connect_timeout');
    durationDetail(details, 'socket_keep_alive');
    for (const name of ['hosts', 'username', 'password'] as const) {
      if (read[name] === '') throw failure(`${name} cannot be empty`);
    }
    return { read, timeout, tls: tlsOf(read, crypto) };
  } catch (error) {
    throw error instanceof Fault ? failure(`${STARTING}: ${error.message}`) : error;
  }
}

/** `tls` alone changes nothing, as with upstream. */
function tlsOf(read: Read, crypto: Crypto): OutgoingTls | undefined {
  const least = TLS_VERSIONS.get(read.tls_min_version);
  if (read.tls_min_version !== '' && least === undefined) {
    throw failure(`unrecognized TLS version [${read.tls_min_version}]`);
  }
  const given = certificates(read, crypto);
  if (given === undefined && !read.insecure_tls) return undefined;
  return {
    ...given,
    ...(read.tls_server_name === '' ? {} : { serverName: read.tls_server_name }),
    ...(least === undefined ? {} : { minVersion: least }),
    skipVerify: read.insecure_tls,
  };
}

function certificates({ pem_bundle, pem_json }: Read, crypto: Crypto): OutgoingTls | undefined {
  if (pem_json !== '') {
    try {
      return issuedTls(parseObject(pem_json));
    } catch (error) {
      throw failure(`failed to parse pem_json: failed to parse JSON: ${textOf(error)}`);
    }
  }
  if (pem_bundle === '') return undefined;
  try {
    return tlsOfBundle(crypto, pem_bundle);
  } catch (error) {
    throw error instanceof Fault ? failure(`failed to parse pem_bundle: ${error.message}`) : error;
  }
}

/** A session of one that may make users: who may see all permissions, or else is allowed to create roles. */
async function connect({ databases }: Runtime, read: Read, { timeout, tls }: Opening): Promise<Database> {
  if (databases === undefined) throw failure('no databases can be reached from here');
  const { hosts, username, password } = read;
  const consistency = read.consistency.toUpperCase();
  const database = databases.open({
    kind: 'cassandra',
    address: hosts,
    login: { username, password },
    maxOpen: 0,
    maxLifetime: 0,
    ...(tls === undefined ? {} : { tls }),
    cassandra: {
      port: read.port,
      protocol: read.protocol_version === 0 ? USUAL_PROTOCOL : read.protocol_version,
      consistency: CONSISTENCIES.includes(consistency) ? consistency : '',
      datacenter: read.local_datacenter,
      timeout,
    },
  });
  try {
    await naming('error creating session', database.ping());
    if (consistency !== '' && !CONSISTENCIES.includes(consistency)) {
      throw failure(`invalid consistency "${consistency}"`);
    }
    if (!read.skip_verification) await naming('error validating connection info', mayCreate(database, username));
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

async function mayCreate(database: Database, username: string): Promise<void> {
  const ask = (text: string) => naming('', database.run([[text]], { transaction: false }));
  try {
    await ask('LIST ALL');
  } catch (error) {
    if (!textOf(error).includes('not authorized')) throw error;
    const rows = await ask(filled(MAY_CREATE, { username })).catch(() => [[]]);
    if (rows[0]!.length > 0) return;
    throw failure(`No role create permissions found, previous error: ${textOf(error)}`);
  }
}
