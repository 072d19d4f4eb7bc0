/** Users that a database engine lends, and what becomes of a revocation that finds no database: it is tried again. */
import { expect } from 'vitest';
import { eventually } from '../cluster.ts';
import { oursInProcess } from '../targets/ours.ts';
import { Side, type Data } from './side.ts';

interface Server {
  /** Ends it as it is; its data stay for `start`. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

const PATIENCE_MILLIS = 120_000;
const AWAY_MILLIS = 2_000;

interface Lent {
  readonly username: string;
  readonly password: string;
  readonly lease: string;
}

/** A server of ours with the engine at the mount `database`, and a connection of that name. */
export async function lender(name: string, connection: Data): Promise<Side> {
  const bao = new Side('ours', await oursInProcess().start('dev'));
  try {
    await bao.call('POST', 'sys/mounts/database', { type: 'database' });
    await bao.call('POST', `database/config/${name}`, connection);
    return bao;
  } catch (error) {
    await bao.stop();
    throw error;
  }
}

/** A user of the role at the mount `database`; the role has no other lease. */
export async function lent(bao: Side, role: string): Promise<Lent> {
  const { username, password } = await bao.call('GET', `database/creds/${role}`);
  const [id] = (await bao.call('LIST', `sys/leases/lookup/database/creds/${role}`))['keys'] as string[];
  return { username: String(username), password: String(password), lease: `database/creds/${role}/${id!}` };
}

export async function lentAndTakenBack(
  server: Server,
  plugin: string,
  users: () => Promise<readonly string[]>,
  connection: Data,
  role: Data = {},
): Promise<void> {
  const bao = await lender('c', { plugin_name: plugin, allowed_roles: '*', ...connection });
  try {
    await bao.call('POST', 'database/roles/r', { db_name: 'c', ...role });
    const { username, lease } = await lent(bao, 'r');
    expect(await users()).toContain(username);
    await server.kill();
    await expect(bao.call('PUT', 'sys/leases/revoke-prefix/database/creds/r')).rejects.toThrow('failed to revoke');
    await bao.call('PUT', 'sys/leases/revoke', { lease_id: lease, sync: false });
    // The revocation in the background fails meanwhile; only the log could tell.
    await new Promise((resolve) => setTimeout(resolve, AWAY_MILLIS));
    await server.start();
    await eventually(
      `${username} is gone`,
      async () => !(await users()).includes(username) || undefined,
      PATIENCE_MILLIS,
    );
    // The lease goes after the user.
    await eventually('its lease is gone', () =>
      bao.call('LIST', 'sys/leases/lookup/database/creds/r').then(
        () => undefined,
        (error: unknown) => String(error).includes('404') || undefined,
      ),
    );
  } finally {
    await bao.stop();
  }
}
