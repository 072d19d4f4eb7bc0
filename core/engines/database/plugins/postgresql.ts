/** PostgreSQL. */
import { assert } from '../../../assert.ts';
import { failure } from '../../../fault.ts';
import { multierror } from '../../../codec/multierror.ts';
import type { Database, DatabaseStatement, OutgoingTls } from '../../../runtime.ts';
import { filled, queries, type Values } from '../statements.ts';
import { type Names, usernameTemplate } from '../username.ts';
import { naming, orUsual, refusals, textOf, type Plugin, type PluginFactory, type UserChange } from './plugin.ts';
import { scramVerifier } from './scram.ts';
import { openSql, readSqlDetails, sqlTime } from './sql.ts';

const USERNAME =
  '{{ printf "v-%s-%s-%s-%s" (.DisplayName | truncate 8) (.RoleName | truncate 8) (random 20) (unix_time) | truncate 63 }}';
const CHANGE_PASSWORD = `ALTER ROLE "{{username}}" WITH PASSWORD '{{password}}';`;
const CHANGE_EXPIRATION = `ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}';`;
const EXISTS = 'SELECT exists (SELECT rolname FROM pg_roles WHERE rolname=$1);';
const SCHEMAS = 'SELECT DISTINCT table_schema FROM information_schema.role_column_grants WHERE grantee=$1;';

const REFUSED = 'failed to execute query';
const AWAY = 'unable to start transaction';
const SCRAM = 'scram-sha-256';

export const postgresql: PluginFactory = (details, runtime) => {
  const read = readSqlDetails(details);
  const authentication = read.password_authentication;
  let names: Names | undefined;
  let opened: Database | undefined;
  const database = (): Database =>
    (opened ??= openSql('postgresql', read, { escapes: true, tls: tlsOf(read) }, runtime));
  const stored = (password: string): string => (authentication === SCRAM ? scramVerifier(password, runtime) : password);
  const inTransaction = (statements: readonly string[], values: Values) =>
    database().run(
      queries(statements).map((query) => [filled(query, values)]),
      { transaction: true },
    );
  const change = async ({ username, password, expires }: UserChange): Promise<void> => {
    if (password !== undefined) {
      const looking = database().run([[EXISTS, username]], { transaction: false });
      await naming('user does not appear to exist', looking);
      const statements = orUsual(password.statements, CHANGE_PASSWORD);
      const values = { name: username, username, password: stored(password.value) };
      await naming(REFUSED, inTransaction(statements, values), AWAY);
    }
    if (expires !== undefined) {
      const statements = orUsual(expires.statements, CHANGE_EXPIRATION);
      const values = { name: username, username, expiration: sqlTime(expires.at) };
      await naming('', inTransaction(statements, values), AWAY);
    }
  };
  /** An address that is none is told as it is. */
  const readable = () => naming('', Promise.resolve().then(database));
  return {
    async verify() {
      await readable();
      await naming('error verifying connection', database().ping());
    },
    settle() {
      names = usernameTemplate(details, USERNAME, runtime);
      if (authentication !== '' && authentication !== 'password' && authentication !== SCRAM) {
        throw failure(`'${authentication}' is not a valid password authentication type`);
      }
    },
    async newUser({ name, statements, password, expires }) {
      if (statements.length === 0) throw failure('empty creation statements');
      assert(names !== undefined, 'a connection that is used has been settled');
      const username = names(name);
      const values = { name: username, username, password: stored(password), expiration: sqlTime(expires) };
      await naming(REFUSED, inTransaction(statements, values), AWAY);
      return username;
    },
    async updateUser(wanted) {
      await readable();
      try {
        await naming('', change(wanted));
      } catch (error) {
        throw failure(multierror(textOf(error)));
      }
    },
    deleteUser: async (username, statements) => {
      if (statements.length === 0) return dropUser(database(), username);
      await naming('', inTransaction(statements, { name: username, username }));
    },
    close: async () => opened?.close(),
  } satisfies Plugin;
};

const tlsOf = (read: ReturnType<typeof readSqlDetails>): OutgoingTls | undefined =>
  read.tls_ca === '' ? undefined : { ca: read.tls_ca };

const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

/**
 * Takes everything from the user before it is dropped: PostgreSQL drops nobody who still may do something. One grant
 * that cannot be taken back keeps none of the others.
 */
async function dropUser(database: Database, username: string): Promise<void> {
  const ask = async (...statement: DatabaseStatement): Promise<readonly string[]> => {
    const [rows] = await naming('', database.run([statement], { transaction: false }));
    return rows!.map(([first]) => first!);
  };
  const [exists] = await ask(EXISTS, username);
  if (exists !== 't' && exists !== 'true') return;
  const role = quoted(username);
  const statements = (await ask(SCHEMAS, username)).flatMap((schema) => [
    `REVOKE ALL PRIVILEGES ON ALL TABLES IN SCHEMA ${quoted(schema)} FROM ${role};`,
    `REVOKE USAGE ON SCHEMA ${quoted(schema)} FROM ${role};`,
  ]);
  statements.push(
    `REVOKE ALL PRIVILEGES ON ALL TABLES IN SCHEMA public FROM ${role};`,
    `REVOKE ALL PRIVILEGES ON ALL SEQUENCES IN SCHEMA public FROM ${role};`,
    `REVOKE USAGE ON SCHEMA public FROM ${role};`,
  );
  const [name] = await ask('SELECT current_database();');
  if (name !== undefined) statements.push(`REVOKE CONNECT ON DATABASE ${quoted(name)} FROM ${role};`);
  const wrong = await refusals(statements, (statement) => ask(statement));
  if (wrong.length > 0) throw failure(`could not perform all revocation statements: ${wrong.at(-1)!}`);
  await ask(`DROP ROLE IF EXISTS ${role};`);
}
