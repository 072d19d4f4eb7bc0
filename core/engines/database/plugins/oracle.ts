/** Oracle, as Vault's plugin of its own has it. */
import { failure } from '../../../fault.ts';
import type { JsonObject } from '../../../codec/json.ts';
import { DatabaseError, type DatabaseStatement } from '../../../runtime.ts';
import { filled, split, type Values } from '../statements.ts';
import { usernameTemplate } from '../username.ts';
import { decodeDetails } from './details.ts';
import { naming, openedLate, orUsual, type Plugin, type PluginFactory } from './plugin.ts';
import { openSql, readSqlDetails, sqlTime } from './sql.ts';

/** 30 bytes are what a name may have before Oracle 12.2, and capitals are what it makes of names without quotes. */
const USERNAME =
  '{{ printf "V_%s_%s_%s_%s" (.DisplayName | truncate 8) (.RoleName | truncate 8) (random 20) (unix_time) | truncate 30 | uppercase | replace "-" "_" | replace "." "_" }}';
const CHANGE_PASSWORD = 'ALTER USER {{username}} IDENTIFIED BY "{{password}}"';
const REVOKE = 'REVOKE CONNECT FROM {{username}}; REVOKE CREATE SESSION FROM {{username}}; DROP USER {{username}};';
const SESSIONS = "SELECT sid, serial#, username FROM gv$session WHERE username = UPPER('{{username}}')";

export const oracle: PluginFactory = (details, runtime) => {
  const read = readSqlDetails(details);
  const splits = unlessSaid(details, 'split_statements');
  const disconnects = unlessSaid(details, 'disconnect_sessions');
  const names = usernameTemplate(details, USERNAME, runtime);
  const database = openedLate(() => openSql('oracle', read, { escapes: true }, runtime));
  const queriesOf = (statements: readonly string[]): string[] =>
    splits ? statements.flatMap(split) : statements.map((statement) => statement.trim());
  const run = (statements: readonly DatabaseStatement[]) => database.run(statements, { transaction: false });
  /** What defines something lasts at once in Oracle; only what changes rows would be taken back. */
  const inTransaction = (queries: readonly string[], values: Values) =>
    database.run(
      queries.map((query) => [filled(query, values)]),
      { transaction: true },
    );

  /** Who is still logged in could not be dropped. */
  async function disconnect(username: string): Promise<void> {
    const [sessions] = await run([[filled(SESSIONS, { username })]]);
    for (const [sid, serial] of sessions!) await run([[`ALTER SYSTEM KILL SESSION '${sid!},${serial!}' IMMEDIATE`]]);
  }

  return {
    verify: () => naming('error verifying connection', database.ping()),
    async newUser({ name, statements, password, expires }) {
      if (statements.every((statement) => statement.trim() === '')) throw failure('empty creation statements');
      const username = names(name);
      const values = { name: username, username, password, expiration: sqlTime(expires) };
      const made = inTransaction(queriesOf(statements), values);
      await naming('failed to execute query', made, 'failed to start a transaction');
      return username;
    },
    // There is nothing in Oracle that ends a user by itself.
    async updateUser({ username, password }) {
      if (password === undefined) return;
      const queries = queriesOf(orUsual(password.statements, CHANGE_PASSWORD));
      if (queries.length === 0) throw failure('failed to change password: no rotation queries found');
      const values = { name: username, username, password: password.value };
      try {
        await inTransaction(queries, values);
      } catch (error) {
        if (!(error instanceof DatabaseError)) throw error;
        const what = error.away
          ? 'unable to create database transaction'
          : `unable to execute query [${queries[error.at]!}]`;
        throw failure(`failed to change password: ${what}: ${error.message}`);
      }
    },
    async deleteUser(username, statements) {
      const away = 'failed to start transaction';
      if (disconnects) await naming(`failed to disconnect user ${username}`, disconnect(username), away);
      const queries = queriesOf(orUsual(statements, REVOKE)).map((query) => [
        filled(query, { name: username, username }),
      ]);
      await naming('failed to execute query', run(queries), away);
    },
    close: () => database.close(),
  } satisfies Plugin;
};

/** True where nothing else is said. */
const unlessSaid = (details: JsonObject, name: string): boolean =>
  details[name] === undefined || decodeDetails(details, { [name]: 'bool' })[name] === true;
