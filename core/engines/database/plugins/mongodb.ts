/** MongoDB, as upstream's external plugin has it: statements are JSON and say a database and roles in it. */
import { asList, asObject, asString } from '../../../codec/json-fields.ts';
import { JsonError, parseObject, print, type JsonObject, type JsonValue } from '../../../codec/json.ts';
import { plainText } from '../../../codec/plain-text.ts';
import { decodePem } from '../../../codec/pem.ts';
import { failure } from '../../../fault.ts';
import { type Database, type OutgoingTls, type Runtime } from '../../../runtime.ts';
import { filled } from '../statements.ts';
import { usernameTemplate } from '../username.ts';
import { decodeDetails } from './details.ts';
import { givenTls } from './pem.ts';
import { naming, openedLate, type Plugin, type PluginFactory } from './plugin.ts';

const USERNAME =
  '{{ printf "v-%s-%s-%s-%s" (.DisplayName | truncate 15) (.RoleName | truncate 15) (random 20) (unix_time) | replace "." "-" | truncate 100 }}';
const USUAL_DATABASE = 'admin';
const NOT_FOUND = '(UserNotFound)';

const FIELDS = {
  connection_url: 'text',
  username: 'text',
  password: 'text',
  write_concern: 'text',
  tls_ca: 'text',
  tls_certificate_key: 'text',
} as const;

type Read = ReturnType<typeof decodeDetails<typeof FIELDS>>;

export const mongodb: PluginFactory = (details, runtime) => {
  const read = decodeDetails(details, FIELDS);
  const names = usernameTemplate(details, USERNAME, runtime);
  if (read.connection_url === '') throw failure('connection_url cannot be empty');
  const concern = concernOf(read.write_concern);
  const tls = tlsOf(read);
  const database = openedLate(() => open(runtime, read, tls));
  const command = async (where: string, what: string, username: string, fields: JsonObject): Promise<void> => {
    await naming('', database.run([[where, what, username, print(fields)]], { transaction: false }));
  };
  return {
    verify: () => naming('failed to verify connection', database.ping()),
    async newUser({ name, statements, password }) {
      if (statements.length === 0) throw failure('empty creation statements');
      const username = names(name);
      const { db, roles } = wanted(statements[0]!);
      if (roles.length === 0) throw failure('roles array is required in creation statement');
      await command(db, 'createUser', username, { pwd: password, roles });
      return username;
    },
    // There is nothing in MongoDB that ends a user by itself, and statements of one's own for passwords there are none.
    async updateUser({ username, password }) {
      if (password === undefined) return;
      const own = username === read.username;
      await command(own ? USUAL_DATABASE : databaseIn(read.connection_url), 'updateUser', username, {
        pwd: password.value,
      });
    },
    async deleteUser(username, statements) {
      if (statements.length > 1) throw failure(`expected 0 or 1 revocation statements, got ${statements.length}`);
      const { db } = wanted(statements[0] ?? '{}');
      try {
        await command(db, 'dropUser', username, { writeConcern: concern });
      } catch (error) {
        if (!(error instanceof Error) || !error.message.includes(NOT_FOUND)) throw error;
        const message = 'MongoDB user was deleted prior to lease revocation';
        runtime.log.write('warn', '', message, { user: username });
      }
    },
    close: () => database.close(),
  } satisfies Plugin;
};

function open({ databases }: Runtime, read: Read, tls: OutgoingTls | undefined): Database {
  if (databases === undefined) throw failure('no databases can be reached from here');
  const { connection_url, username, password } = read;
  return databases.open({
    kind: 'mongodb',
    address: filled(connection_url, { username, password }),
    // With a certificate for a login.
    ...(read.tls_certificate_key === '' ? {} : { login: { username, password: '' } }),
    maxOpen: 0,
    maxLifetime: 0,
    ...(tls === undefined ? {} : { tls }),
  });
}

/** The one that the address names. */
const databaseIn = (address: string): string =>
  /^mongodb(?:\+srv)?:\/\/[^/]*\/([^?]+)/.exec(address)?.[1] ?? USUAL_DATABASE;

interface Wanted {
  readonly db: string;
  readonly roles: JsonValue[];
}

/** `{"db": "admin", "roles": [{"role": "readWrite", "db": "app"}, {"role": "read"}]}`; a role without a database is of `db`. */
function wanted(statement: string): Wanted {
  const read = objectOf(statement);
  const db = asString(read['db']) ?? '';
  const roles = (asList(read['roles']) ?? []).map((one): JsonValue => {
    const role = asObject(one) ?? {};
    const [name, where] = [asString(role['role']) ?? '', asString(role['db']) ?? ''];
    return where === '' ? name : { role: name, db: where };
  });
  return { db: db === '' ? USUAL_DATABASE : db, roles };
}

function objectOf(text: string, prefix = ''): JsonObject {
  try {
    return parseObject(text);
  } catch (error) {
    throw error instanceof JsonError ? failure(prefix + error.message) : error;
  }
}

const isUnset = (value: JsonValue): boolean => value === 0 || value === '' || value === null;

/** `{"w": 3}`, `{"wmode": "majority", "wtimeout": 5000, "j": true}`, also in base64: in the server's own words. */
function concernOf(text: string): JsonObject {
  if (text === '') return { w: 'majority' };
  const { w = 0, wmode = 0, wtimeout = 0, j, fsync } = objectOf(plainText(text), 'error unmarshalling write_concern: ');
  const mode = isUnset(w) ? wmode : w;
  return {
    ...(isUnset(mode) ? {} : { w: mode }),
    ...(j === true || fsync === true ? { j: true } : {}),
    ...(isUnset(wtimeout) ? {} : { wtimeout }),
  };
}

function tlsOf({ tls_ca: ca, tls_certificate_key: pair }: Read): OutgoingTls | undefined {
  const tls = givenTls(ca, pair);
  if (pair !== '' && decodePem(pair) === undefined) {
    throw failure('unable to load tls_certificate_key_data: tls: failed to find any PEM data in certificate input');
  }
  return ca === '' && pair === '' ? undefined : tls;
}
