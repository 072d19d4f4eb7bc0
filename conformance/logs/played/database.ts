/** The database engine with a PostgreSQL that refuses, goes away and comes back. */
import { clusteredServer } from '../../configurations/beside.ts';
import { startPostgres } from '../../fixtures/postgres.ts';
import { asked, TRACE } from '../common.ts';
import type { Session } from '../session.ts';

const CREATE = `CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}'`;

export async function database(session: Session): Promise<void> {
  const postgres = await startPostgres();
  try {
    const server = await session.server();
    const ask = asked(server);
    await server.configure(clusteredServer('storage "inmem" {}', TRACE));
    await server.start();
    await server.initialise();
    await ask('POST', 'sys/mounts/db', { type: 'database' });
    await session.step('alone in memory', () => Promise.resolve());
    const url = await postgres.database('users');
    await session.step('configured', async () => {
      await ask('POST', 'db/config/pg', {
        plugin_name: 'postgresql-database-plugin',
        connection_url: 'postgres://127.0.0.1:1/x',
        allowed_roles: '*',
      });
      await ask('POST', 'db/config/pg', {
        plugin_name: 'postgresql-database-plugin',
        connection_url: url,
        allowed_roles: '*',
      });
      await ask('POST', 'db/config/none', { plugin_name: 'none-database-plugin', connection_url: url });
      await ask('POST', 'db/roles/r', { db_name: 'pg', creation_statements: [CREATE], default_ttl: '1h' });
      await ask('POST', 'db/roles/bad', {
        db_name: 'pg',
        creation_statements: ['no such statement'],
        default_ttl: '1h',
      });
      await ask('POST', 'db/roles/stays', {
        db_name: 'pg',
        creation_statements: [CREATE],
        revocation_statements: ['no such statement'],
        default_ttl: '1h',
      });
    });
    await session.step('users', async () => {
      const [, text] = await ask('GET', 'db/creds/r');
      const lease = (JSON.parse(text) as { lease_id: string }).lease_id;
      await ask('GET', 'db/creds/bad');
      await ask('PUT', 'sys/leases/renew', { lease_id: lease });
      await ask('PUT', 'sys/leases/revoke', { lease_id: lease, sync: true });
    });
    await session.step('not revoked', async () => {
      const [, text] = await ask('GET', 'db/creds/stays');
      const lease = (JSON.parse(text) as { lease_id: string }).lease_id;
      await ask('PUT', 'sys/leases/revoke', { lease_id: lease, sync: true });
      await ask('PUT', 'sys/leases/revoke', { lease_id: lease });
      await ask('PUT', 'sys/leases/revoke-prefix/db/creds/stays', {});
      await ask('PUT', 'sys/leases/revoke-force/db/creds/stays', {});
    });
    await session.step('connection', async () => {
      await ask('POST', 'db/reset/pg', {});
      await ask('POST', 'db/rotate-root/pg', {});
      await ask('DELETE', 'db/config/pg');
    });
    await session.step('unmounted', () => ask('DELETE', 'sys/mounts/db'));
    await session.step('stop in memory', () => server.end());
  } finally {
    await postgres.stop();
  }
}
