/** `static-roles/<name>`, `static-creds/<name>`, `rotate-role/<name>`: users that are there already, and whose passwords change. */
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { failure, Fault, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { deleteWal, walsIn } from '../../framework/wal.ts';
import { SECOND } from '../../runtime.ts';
import { configFor, databasePaths, NAME, type DatabaseCall } from './call.ts';
import type { Due } from './queue.ts';
import { notUnique, sharedFields, sharedPart, shownCredential } from './role-paths.ts';
import type { Role, StaticRole } from './role.ts';
import { RETRY_AFTER, rotate } from './rotation.ts';
import { noStatements } from './statements.ts';
import { staticRotationIn } from './wal.ts';

const SHORTEST = 5 * SECOND;

const staticFields = {
  ...sharedFields,
  username: field.string('The user. It cannot be changed.'),
  rotation_period: field.duration('How long a password is good.'),
  rotation_statements: field.strings('Statements that change the password.'),
};

interface StaticInput {
  readonly name: string;
  readonly db_name: string | undefined;
  readonly credential_type: string;
  readonly credential_config: Readonly<Record<string, string>> | undefined;
  readonly username: string | undefined;
  readonly rotation_period: number | undefined;
  readonly rotation_statements: readonly string[] | undefined;
}

function changed(input: StaticInput, old: Role | undefined, call: DatabaseCall): StaticRole {
  const dbName = input.db_name ?? old?.dbName ?? '';
  if (dbName === '') throw refuse('database name is a required field');
  const username = input.username ?? '';
  if (username === '' && old === undefined) throw refuse('username is a required field to create a static account');
  if (old?.account !== undefined && old.account.username !== username) {
    throw refuse('cannot update static account username');
  }
  const period = input.rotation_period ?? old?.account?.rotationPeriod;
  if (period === undefined) throw refuse('rotation_period is required to create static accounts');
  if (period < SHORTEST) throw refuse(`rotation_period must be ${SHORTEST / SECOND} seconds or more`);
  const { credentialType, credentialConfig } = sharedPart(input, old, call);
  return {
    dbName,
    credentialType,
    credentialConfig,
    statements: { ...noStatements, rotation: input.rotation_statements ?? old?.statements.rotation ?? [] },
    defaultTtl: 0,
    maxTtl: 0,
    account: {
      username,
      password: old?.account?.password ?? '',
      lastRotation: old?.account?.lastRotation ?? 0,
      rotationPeriod: period,
    },
  };
}

function write(input: StaticInput, call: DatabaseCall): Promise<Answer> {
  const { running, state, store } = call;
  const { name } = input;
  return state.locks.write(name, async () => {
    if ((await store.roles.get(name)) !== undefined) throw notUnique();
    const old = await store.statics.get(name);
    const role = changed(input, old, call);
    if (old === undefined) {
      const item: Due = { role: name, at: 0 };
      try {
        await rotate(running, role, item);
      } catch (error) {
        // There is no role yet that a later attempt could be for.
        if (item.wal !== undefined) await deleteWal(call.storage, item.wal);
        throw error;
      }
      state.queue.put(item);
      return undefined;
    }
    await store.statics.put(name, role);
    const item = state.queue.take(name);
    const { lastRotation, rotationPeriod } = role.account;
    state.queue.put({ role: name, at: lastRotation + rotationPeriod, wal: item?.wal });
    return undefined;
  });
}

async function remove({ name }: { readonly name: string }, { state, store, storage }: DatabaseCall): Promise<void> {
  await state.locks.write(name, async () => {
    state.queue.take(name);
    await store.statics.delete(name);
    for (const wal of await walsIn(storage)) {
      if (staticRotationIn(wal)?.role === name) await deleteWal(storage, wal.name);
    }
  });
}

function rotateNow({ name }: { readonly name: string }, { running, state, store }: DatabaseCall): Promise<Answer> {
  return state.locks.write(name, async () => {
    const role = await store.statics.get(name);
    if (role?.account === undefined) throw refuse('no static role found for role name');
    const item = state.queue.take(name) ?? { role: name, at: 0 };
    try {
      await rotate(running, { ...role, account: role.account }, item);
    } catch (error) {
      item.at = running.context.runtime.clock.wall() + RETRY_AFTER;
      if (!(error instanceof Fault)) throw error;
      throw failure(
        `unable to finish rotating credentials; retries will continue in the background but it is also safe to retry manually: ${error.message}`,
      );
    } finally {
      state.queue.put(item);
    }
    return undefined;
  });
}

async function credentials({ name }: { readonly name: string }, call: DatabaseCall): Promise<Answer> {
  const role = await call.store.statics.get(name);
  if (role?.account === undefined) throw refuse(`unknown role: ${name}`);
  await configFor(call.running, role.dbName, name);
  const { username, password, lastRotation, rotationPeriod } = role.account;
  const left = Math.max(0, lastRotation + rotationPeriod - call.now());
  const secret = role.credentialType === 'password' ? { password } : { [role.credentialType]: '' };
  return {
    ...secret,
    username,
    ttl: Math.round(left / SECOND),
    rotation_period: rotationPeriod / SECOND,
    last_vault_rotation: formatRfc3339(lastRotation),
  };
}

const name = field.string('Name of the static role.', { always: true });

export const staticRolePaths = databasePaths()
  .path(
    'static-roles/?',
    'Roles of users that are there already.',
    pageFields,
    {
      list: {
        about: 'List them.',
        run: ({ after, limit }, { store }) => store.statics.list({ after, limit }),
      },
    },
    { id: { prefix: 'database', verb: 'list', suffix: 'static-roles' } },
  )
  .path(
    `static-roles/:name${NAME}`,
    'A role of a user that is there already, and whose password is changed again and again.',
    staticFields,
    {
      read: {
        about: 'Read it, without its password.',
        run: async (input, { store }) => {
          const role = await store.statics.get(input.name);
          if (role?.account === undefined) return undefined;
          const { username, rotationPeriod, lastRotation } = role.account;
          return {
            ...shownCredential(role),
            db_name: role.dbName,
            username,
            rotation_period: rotationPeriod / SECOND,
            rotation_statements: [...role.statements.rotation],
            last_vault_rotation: formatRfc3339(lastRotation),
          };
        },
      },
      write: { about: 'Make or change it; its password changes at once when it is made.', run: write },
      delete: { about: 'Delete it; the user stays.', run: remove },
    },
    {
      id: { prefix: 'database', suffix: 'static-role' },
      exists: async (input, { store }) => (await store.statics.get(input.name)) !== undefined,
    },
  )
  .path(
    `static-creds/:name${NAME}`,
    'The present password of a static role.',
    { name },
    { read: { about: 'Read it.', run: credentials } },
    { id: { prefix: 'database', verb: 'read', suffix: 'static-role-credentials' } },
  )
  .path(
    `rotate-role/:name${NAME}`,
    'A new password for a static role, now.',
    { name },
    { update: { about: 'Rotate it.', forward: true, run: rotateNow } },
    { id: { prefix: 'database', verb: 'rotate', suffix: 'static-role-credentials' } },
  );
