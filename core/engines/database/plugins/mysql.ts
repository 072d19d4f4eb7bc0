/** MySQL and MariaDB; the older ones among them allow 16 characters for a user's name. */
import { failure } from '../../../fault.ts';
import type { Database, OutgoingTls } from '../../../runtime.ts';
import { filled, split, type Values } from '../statements.ts';
import { usernameTemplate } from '../username.ts';
import { givenTls } from './pem.ts';
import { naming, orUsual, type Plugin, type PluginFactory } from './plugin.ts';
import { openSql, readSqlDetails, sqlTime, type SqlDetails } from './sql.ts';

const USERNAME =
  '{{ printf "v-%s-%s-%s-%s" (.DisplayName | truncate 10) (.RoleName | truncate 10) (random 20) (unix_time) | truncate 32 }}';
const LEGACY_USERNAME = '{{ printf "v-%s-%s-%s" (.RoleName | truncate 4) (random 20) | truncate 16 }}';
const CHANGE_PASSWORD = `ALTER USER '{{username}}'@'%' IDENTIFIED BY '{{password}}';`;
const REVOKE = `REVOKE ALL PRIVILEGES, GRANT OPTION FROM '{{name}}'@'%'; DROP USER '{{name}}'@'%'`;

const plugin =
  (template: string): PluginFactory =>
  (details, runtime) => {
    const names = usernameTemplate(details, template, runtime, '');
    const read = readSqlDetails(details);
    const tls = tlsOf(read);
    let opened: Database | undefined;
    const database = (): Database => (opened ??= openSql('mysql', read, { escapes: false, tls }, runtime));
    const run = (statements: readonly string[], values: Values) =>
      naming(
        '',
        database().run(
          statements.flatMap(split).map((query) => [filled(query, values)]),
          { transaction: true },
        ),
      );
    return {
      async verify() {
        await naming(
          'error verifying - connection',
          Promise.resolve().then(() => database()),
        );
        await naming('error verifying - ping', database().ping());
      },
      async newUser({ name, statements, password, expires }) {
        if (statements.length === 0) throw failure('empty creation statements');
        const username = names(name);
        await run(statements, { name: username, username, password, expiration: sqlTime(expires) });
        return username;
      },
      // There is nothing in MySQL that ends a user by itself.
      async updateUser({ username, password }) {
        if (password === undefined) return;
        const statements = orUsual(password.statements, CHANGE_PASSWORD);
        const values = { name: username, username, password: password.value };
        await naming('failed to change password', run(statements, values));
      },
      async deleteUser(username, statements) {
        await run(orUsual(statements, REVOKE), { name: username, username });
      },
      close: async () => opened?.close(),
    } satisfies Plugin;
  };

function tlsOf(read: SqlDetails): OutgoingTls | undefined {
  const { tls_ca: ca, tls_certificate_key: pair, tls_server_name: serverName, tls_skip_verify: skipVerify } = read;
  const given = givenTls(ca, pair);
  if (ca === '' && pair === '' && serverName === '' && !skipVerify) return undefined;
  return {
    ...given,
    ...(serverName === '' ? {} : { serverName }),
    ...(skipVerify ? { skipVerify } : {}),
  };
}

export const mysql = plugin(USERNAME);
export const mysqlLegacy = plugin(LEGACY_USERNAME);
