/** Two nodes on one PostgreSQL. */
import { ALONE, type BesideServer, clusteredServer, until } from '../../configurations/beside.ts';
import { startPostgres } from '../../fixtures/postgres.ts';
import { TRACE } from '../common.ts';
import type { Session } from '../session.ts';

export async function postgresql(session: Session): Promise<void> {
  const postgres = await startPostgres();
  try {
    const database = await postgres.database('store');
    const servers = [await session.server(), await session.server()];
    const [first, second] = servers as [BesideServer, BesideServer];
    for (const server of servers) {
      const storage = `storage "postgresql" {\n  connection_url = "${database}"\n  ha_enabled = "true"\n}`;
      await server.configure(clusteredServer(storage, TRACE));
    }
    const status = async (server: BesideServer) => (await server.ask('GET', 'sys/health', { token: '' }))[0];
    await session.step('start', () => first.start());
    await session.step('init', async () => {
      await first.initialise();
      second.root = first.root;
      second.keys = first.keys;
    });
    await session.step('second on PostgreSQL', async () => {
      await second.start();
      await second.unseal();
      await until(async () => (await second.ask('GET', 'sys/mounts', { headers: ALONE }))[0] === 200);
    });
    await session.step('changes on PostgreSQL', async () => {
      await first.ask('POST', 'sys/mounts/kv', { body: { type: 'kv' } });
      await second.ask('POST', 'kv/a', { body: { a: 1 } });
    });
    await session.step('step down on PostgreSQL', async () => {
      await first.ask('PUT', 'sys/step-down', { body: {} });
      await until(async () => (await status(second)) === 200);
      await until(async () => (await first.ask('GET', 'sys/mounts', { headers: ALONE }))[0] === 200);
    });
    await session.step('standby stops on PostgreSQL', () => first.end());
    await session.step('stop', () => second.end());
  } finally {
    await postgres.stop();
  }
}
