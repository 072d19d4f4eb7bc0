/** Microsoft SQL Server, as upstream's external plugin has it. */
import { failure } from '../../../fault.ts';
import type { DatabaseStatement } from '../../../runtime.ts';
import { filled, split, type Values } from '../statements.ts';
import { usernameTemplate } from '../username.ts';
import { decodeDetails } from './details.ts';
import { naming, openedLate, orUsual, refusals, runAll, type Plugin, type PluginFactory } from './plugin.ts';
import { openSql, readSqlDetails, sqlTime } from './sql.ts';

const USERNAME =
  '{{ printf "v-%s-%s-%s-%s" (.DisplayName | truncate 20) (.RoleName | truncate 20) (random 20) (unix_time) | truncate 128 }}';
const CHANGE_LOGIN = `ALTER LOGIN [{{username}}] WITH PASSWORD = '{{password}}'`;
const CHANGE_CONTAINED = `ALTER USER [{{username}}] WITH PASSWORD = '{{password}}'`;

/** A statement about a name cannot take it as a parameter: it is made on the server, where its quotes are minded. */
const executed = (statement: string): string => `DECLARE @stmt nvarchar(max); SET @stmt = ${statement}; EXEC(@stmt);`;
const DROP_CONTAINED = executed(`'DROP USER IF EXISTS ' + QUOTENAME(@p1)`);
const DISABLE = executed(`'ALTER LOGIN ' + QUOTENAME(@p1) + ' DISABLE'`);
const DROP_LOGIN = `IF EXISTS (SELECT name FROM master.sys.server_principals WHERE name = @p1) BEGIN ${executed(
  `'DROP LOGIN ' + QUOTENAME(@p1)`,
)} END`;
const SESSIONS = 'SELECT session_id FROM sys.dm_exec_sessions WHERE login_name = @p1;';
const MAPPINGS = 'EXEC master.dbo.sp_msloginmappings @p1;';

const bracketed = (name: string): string => `[${name.replaceAll(']', ']]')}]`;
const literal = (text: string): string => `N'${text.replaceAll("'", "''")}'`;

export const mssql: PluginFactory = (details, runtime) => {
  const read = readSqlDetails(details);
  const { contained_db: contained } = decodeDetails(details, { contained_db: 'bool' });
  const names = usernameTemplate(details, USERNAME, runtime);
  const database = openedLate(() => openSql('mssql', read, { escapes: true }, runtime));
  const run = (statements: readonly DatabaseStatement[], transaction = false) =>
    naming('', database.run(statements, { transaction }));
  const inTransaction = (statements: readonly string[], values: Values) =>
    run(
      statements.flatMap(split).map((query) => [filled(query, values)]),
      true,
    );
  return {
    verify: () => naming('error verifying connection', database.ping()),
    async newUser({ name, statements, password, expires }) {
      if (statements.length === 0) throw failure('empty creation statements');
      const username = names(name);
      await inTransaction(statements, { name: username, username, password, expiration: sqlTime(expires) });
      return username;
    },
    // There is nothing in SQL Server that ends a login by itself.
    async updateUser({ username, password }) {
      if (password === undefined) return;
      const statements = orUsual(password.statements, contained ? CHANGE_CONTAINED : CHANGE_LOGIN);
      const values = { name: username, username, password: password.value };
      await naming('failed to execute query', inTransaction(statements, values));
    },
    async deleteUser(username, statements) {
      if (statements.length === 0) {
        if (contained) await run([[DROP_CONTAINED, username]]);
        else await dropLogin(run, username);
        return;
      }
      const values = { name: username, username };
      await runAll(statements.flatMap(split), (query) => run([[filled(query, values)]]));
    },
    close: () => database.close(),
  } satisfies Plugin;
};

type Run = (statements: readonly DatabaseStatement[]) => Promise<readonly (readonly (readonly string[])[])[]>;

/** Nobody logs in any more; then sessions end, users of databases go, and the login last: what is left cannot be used. */
async function dropLogin(run: Run, username: string): Promise<void> {
  await run([[DISABLE, username]]);
  const [sessions] = await run([[SESSIONS, username]]);
  const [mappings] = await run([[MAPPINGS, username]]);
  const queries = [
    ...sessions!.map(([id]) => `KILL ${id!};`),
    ...mappings!
      .filter(([, name]) => name !== undefined && name !== 'null')
      .map(([, name]) => dropUser(name!, username)),
  ];
  const wrong = await refusals(queries, (query) => run([[query]]));
  if (wrong.length > 0) throw failure(`could not perform all sql statements: ${wrong.at(-1)!}`);
  await run([[DROP_LOGIN, username]]);
}

const dropUser = (where: string, username: string): string =>
  `USE ${bracketed(where)} IF EXISTS (SELECT name FROM sys.database_principals WHERE name = ${literal(username)}) ` +
  `BEGIN DROP USER ${bracketed(username)} END`;
