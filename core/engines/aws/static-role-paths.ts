/** Users that are there already: their keys are made anew from time to time, the oldest one goes. */
import { quote } from '../../codec/go-quote.ts';
import type { JsonObject } from '../../codec/json.ts';
import { parseRfc3339 } from '../../codec/rfc3339.ts';
import { xmlAt } from '../../codec/xml.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { MINUTE, SECOND } from '../../runtime.ts';
import { asFailure, type AwsCall, awsPaths, type AwsRunning, clientOf } from './call.ts';
import { type AwsAsk, AwsError } from './client.ts';
import type { StaticRole } from './static-role.ts';
import { keysOf } from './users.ts';

/** A user has so many keys and no more. */
const MOST_KEYS = 2;

const shown = ({ name, id, username, rotationPeriod }: StaticRole): JsonObject => ({
  name,
  id,
  username,
  rotation_period: rotationPeriod / SECOND,
});

/** The id of the user that is called so. Rejects with AwsError or a failure. */
async function userId(ask: AwsAsk, username: string): Promise<string> {
  const user = xmlAt(await ask('iam', 'GetUser', { UserName: username }), 'User');
  const found = xmlAt(user, 'UserName')?.text ?? '';
  if (found !== username) {
    throw failure(
      `AWS GetUser returned a username, but it didn't match: ${quote(username)} was requested, but ${quote(found)} was returned`,
    );
  }
  return xmlAt(user, 'UserId')?.text ?? '';
}

const sameUser = (wanted: string, found: string): void => {
  if (wanted === found) return;
  throw failure(
    `AWS GetUser returned a user, but the ID did not match: ${quote(wanted)} was requested, but ${quote(found)} was returned`,
  );
};

/** New keys for the role's user, kept. Rejects with AwsError or a failure. */
async function makeKeys(running: AwsRunning, role: StaticRole): Promise<void> {
  const ask = await clientOf(running);
  const UserName = role.username;
  sameUser(role.id, await userId(ask, UserName));
  const listed = xmlAt(await ask('iam', 'ListAccessKeys', { UserName }), 'AccessKeyMetadata');
  const keys = (listed?.children ?? [])
    .map((key) => ({
      id: xmlAt(key, 'AccessKeyId')?.text ?? '',
      made: parseRfc3339(xmlAt(key, 'CreateDate')?.text ?? '') ?? 0,
    }))
    .toSorted((a, b) => a.made - b.made);
  if (keys.length >= MOST_KEYS) await ask('iam', 'DeleteAccessKey', { UserName, AccessKeyId: keys[0]!.id });
  await running.store.staticKeys.put(role.name, keysOf(await ask('iam', 'CreateAccessKey', { UserName })));
}

interface StaticInput {
  readonly name: string;
  readonly username: string | undefined;
  readonly rotation_period: number | undefined;
}

async function putRole(sent: StaticInput, call: AwsCall): Promise<JsonObject> {
  const { store, state } = call;
  const old = await store.staticRoles.get(sent.name);
  const username = sent.username ?? old?.username;
  if (username === undefined) throw refuse('missing "username" parameter');
  let id = old?.id ?? '';
  if (sent.username !== undefined) {
    id = await asFailure(`unable to validate username ${quote(username)}: `, async () =>
      userId(await clientOf(call.running), username),
    );
    if (old !== undefined) sameUser(old.id, id);
  }
  const rotationPeriod = sent.rotation_period === undefined ? old?.rotationPeriod : sent.rotation_period * SECOND;
  if (rotationPeriod === undefined) throw refuse('missing "rotation_period" parameter');
  if (rotationPeriod < MINUTE) throw failure('role rotation period out of range: must be greater than 60.00 seconds');
  const role = { name: sent.name, id, username, rotationPeriod };
  await store.staticRoles.put(sent.name, role);
  if ((await store.staticKeys.get(sent.name)) === undefined) {
    await asFailure(`failed to create new credentials for role ${quote(sent.name)}: `, () =>
      makeKeys(call.running, role),
    );
    state.set(sent.name, call.now() + rotationPeriod);
  }
  return shown(role);
}

async function deleteRole({ name }: { readonly name: string }, call: AwsCall): Promise<void> {
  const { store, state } = call;
  const role = await store.staticRoles.get(name);
  if (role === undefined) return;
  const keys = await store.staticKeys.get(name);
  if (keys !== undefined) {
    const wanted = { UserName: role.username, AccessKeyId: keys.accessKey };
    // The keys are forgotten last: as long as AWS has them, they are here to be deleted by.
    await asFailure(
      `failed to clean credentials while deleting role ${quote(name)}: couldn't delete from IAM: `,
      async () => (await clientOf(call.running))('iam', 'DeleteAccessKey', wanted),
    ).catch(gone);
    await store.staticKeys.delete(name);
  }
  state.delete(name);
  await store.staticRoles.delete(name);
}

const gone = (error: unknown): void => {
  if (!(error instanceof Error && error.message.includes('NoSuchEntity'))) throw error;
};

/** When the mount is loaded, upstream counts from then. */
export async function scheduleKeys({ store, state, context }: AwsRunning): Promise<void> {
  for (const name of await store.staticRoles.list()) {
    const role = await store.staticRoles.get(name);
    if (role !== undefined) state.set(name, context.runtime.clock.wall() + role.rotationPeriod);
  }
}

/** Every minute. */
export async function renewKeys(running: AwsRunning): Promise<void> {
  const { store, state, context } = running;
  const { clock, log } = context.runtime;
  for (const [name, due] of state) {
    const role = due <= clock.wall() ? await store.staticRoles.get(name) : undefined;
    if (role === undefined) continue;
    try {
      await makeKeys(running, role);
      state.set(name, clock.wall() + role.rotationPeriod);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // Tried again in a minute.
      log.write('error', '', 'error rotating expired static credentials', {
        role: name,
        error: error.message,
      });
    }
  }
}

const name = field.string('Name of the role.', { required: true });

export const staticRolePaths = awsPaths()
  .path(
    'static-roles/:name@',
    'A user that is there already.',
    {
      name,
      username: field.string('Its name.'),
      rotation_period: field.seconds('How long its keys last.'),
    },
    {
      read: {
        about: 'Read a static role.',
        run: async (sent, { store }) => {
          const role = await store.staticRoles.get(sent.name);
          return role && shown(role);
        },
      },
      update: { about: 'Take over a user, or change how long its keys last.', forward: true, run: putRole },
      delete: { about: 'Delete the keys and the role; the user stays.', forward: true, run: deleteRole },
    },
  )
  .path(
    'static-creds/:name@',
    'Keys of a static role.',
    { name },
    {
      read: {
        about: 'Read the keys.',
        run: async (sent, { store }) => {
          const keys = await store.staticKeys.get(sent.name);
          return keys && { access_key: keys.accessKey, secret_key: keys.secretKey };
        },
      },
    },
  );
