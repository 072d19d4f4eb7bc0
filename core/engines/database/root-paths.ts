/** `rotate-root/<name>`: a new password for the user that a connection logs in with; nobody knows it afterwards. */
import { asString } from '../../codec/json-fields.ts';
import { failure } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { deleteWal, getWal, walsIn } from '../../framework/wal.ts';
import { MINUTE } from '../../runtime.ts';
import { configOf, databasePaths, NAME, newPassword, pluginOf, type Mounted } from './call.ts';
import type { ConnectionConfig } from './config.ts';
import { naming, textOf } from './plugins/plugin.ts';
import { noteRotation, rootRotationIn, type RootRotation } from './wal.ts';

const withPassword = (config: ConnectionConfig, password: string): ConnectionConfig => ({
  ...config,
  details: { ...config.details, password },
});

async function rotateRoot(running: Mounted, name: string): Promise<void> {
  const { state, store, storage } = running;
  const config = await configOf(running, name);
  const username = asString(config.details['username']) ?? '';
  const oldPassword = asString(config.details['password']) ?? '';
  if (username === '') throw failure('unable to rotate root credentials: no username in configuration');
  if (oldPassword === '') throw failure('unable to rotate root credentials: no password in configuration');
  const plugin = await pluginOf(running, name);
  try {
    const password = await newPassword(running, config.passwordPolicy);
    const what = { kind: 'rotateRootWALKey', connection: name, username, oldPassword, newPassword: password } as const;
    const note = await noteRotation(running, what);
    const change = plugin.updateUser({ username, password: { value: password, statements: config.rotation } });
    await naming('failed to update user', change);
    await store.configs.put(name, withPassword(config, password));
    await deleteWal(storage, note);
  } finally {
    // Whatever has become of the password, the connection was made with the old one.
    state.connections.close(name);
  }
}

/** Younger ones may belong to a rotation that is under way elsewhere. */
const YOUNGEST = MINUTE;

/** Ends what rotations of root passwords have left behind: the old password again, where storage has only that. */
export async function settleRootRotations(running: Mounted): Promise<void> {
  const { storage, state, context } = running;
  const { clock, log } = context.runtime;
  for (const wal of await walsIn(storage)) {
    const what = rootRotationIn(wal);
    if (what === undefined || clock.wall() - wal.created < YOUNGEST) continue;
    await state.locks.write(`config/${what.connection}`, async () => {
      // It may have been settled while this waited for the lock.
      if ((await getWal(storage, wal.name)) === undefined) return;
      try {
        await settle(running, what);
        await deleteWal(storage, wal.name);
      } catch (error) {
        log.write('error', '', 'error rolling back WAL entry', { id: wal.name, error: textOf(error) });
      }
    });
  }
}

async function settle(running: Mounted, what: RootRotation): Promise<void> {
  const { store, state } = running;
  const config = await store.configs.get(what.connection);
  if (config === undefined || config.details['password'] === what.newPassword) return;
  state.connections.close(what.connection);
  if (await isGood(running, what.connection)) return;
  const plugin = await state.connections.verified(withPassword(config, what.newPassword));
  try {
    const password = { value: what.oldPassword, statements: config.rotation };
    await plugin.updateUser({ username: what.username, password });
  } finally {
    state.connections.dispose(plugin);
  }
}

async function isGood(running: Mounted, name: string): Promise<boolean> {
  try {
    await pluginOf(running, name);
    return true;
  } catch {
    return false;
  }
}

export const rootPaths = databasePaths().path(
  `rotate-root/:name${NAME}`,
  'A new password for the user that a connection logs in with.',
  { name: field.string('Name of the connection.', { always: true }) },
  {
    update: {
      about: 'Rotate it; only the server knows it then.',
      forward: true,
      run: ({ name }, { running, state }) => state.locks.write(`config/${name}`, () => rotateRoot(running, name)),
    },
  },
  { id: { prefix: 'database', verb: 'rotate', suffix: 'root-credentials' } },
);
