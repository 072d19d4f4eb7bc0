/** The paths of static roles: one password of an application that is there, kept here and made anew. */
import type { JsonObject } from '../../codec/json.ts';
import { formatSeconds } from '../../codec/rfc3339.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { SECOND } from '../../runtime.ts';
import { asFailure, type AzureCall, azurePaths, clientOf } from './call.ts';
import type { AzureAsk } from './client.ts';
import { addPassword, getApplication, PASSWORD_LIFETIME, removePassword } from './directory.ts';
import type { StaticPassword, StaticRole } from './static-role.ts';

interface StaticInput {
  readonly name: string;
  readonly application_object_id: string | undefined;
  readonly ttl: number | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** Nobody else changes the role or its password meanwhile. */
const alone = <T>(name: string, { state }: AzureCall, body: () => Promise<T>): Promise<T> =>
  state.staticRoles.write(name, body);

const putRole = (sent: StaticInput, call: AzureCall): Promise<void> => alone(sent.name, call, () => put(sent, call));

async function put(sent: StaticInput, call: AzureCall): Promise<void> {
  const { store, running, state } = call;
  if ((await store.config.get('config')) === undefined) throw failure('config is nil');
  const old = await store.staticRoles.get(sent.name);
  const applicationObjectId = sent.application_object_id ?? old?.applicationObjectId ?? '';
  if (applicationObjectId === '') throw refuse("missing required field 'application_object_id'");
  const ask = await asFailure('', () => clientOf(running));
  const role: StaticRole = {
    applicationObjectId,
    ttl: sent.ttl === undefined ? (old?.ttl ?? 0) : sent.ttl * SECOND,
    metadata: sent.metadata ?? old?.metadata ?? {},
  };
  const kept = await store.staticPasswords.get(sent.name);
  const moved = old !== undefined && old.applicationObjectId !== applicationObjectId;
  await state.applications.write(applicationObjectId, async () => {
    await asFailure('error loading Application: ', () => getApplication(ask, applicationObjectId));
    await store.staticRoles.put(sent.name, role);
    if (kept === undefined || moved) await makePassword(ask, sent.name, role, undefined, call);
  });
  if (kept === undefined || !moved) return;
  // The application that the role left keeps no password of ours.
  await state.applications.write(old.applicationObjectId, () => remove(ask, old.applicationObjectId, kept.keyId));
}

/** Kept before the one before goes: whoever died between the two would have none. */
async function makePassword(
  ask: AzureAsk,
  name: string,
  { applicationObjectId, ttl }: StaticRole,
  before: string | undefined,
  { store, runtime }: AzureCall,
): Promise<StaticPassword> {
  const { appId } = await asFailure('error loading Application: ', () => getApplication(ask, applicationObjectId));
  const owner = `applications/${applicationObjectId}`;
  const lasts = ttl === 0 ? PASSWORD_LIFETIME : ttl;
  const { keyId, secret, ends } = await asFailure('error provisioning new credential for static role: ', () =>
    addPassword(runtime, ask, owner, lasts),
  );
  const made = { clientId: appId, secret, keyId, ends: formatSeconds(ends), before };
  try {
    await store.staticPasswords.put(name, made);
    return made;
  } catch (error) {
    await removePassword(ask, owner, keyId).catch(() => undefined);
    throw error;
  }
}

const remove = (ask: AzureAsk, applicationObjectId: string, keyId: string): Promise<void> =>
  asFailure('error removing credentials: ', () => removePassword(ask, `applications/${applicationObjectId}`, keyId));

const rotate = ({ name }: { readonly name: string }, call: AzureCall): Promise<void> =>
  alone(name, call, async () => {
    const { store } = call;
    const role = await store.staticRoles.get(name);
    if (role === undefined) throw failure('role not found in storage');
    const ask = await asFailure('', () => clientOf(call.running));
    await call.state.applications.write(role.applicationObjectId, async () => {
      const kept = await store.staticPasswords.get(name);
      if (kept === undefined) throw failure('credential not found in storage');
      // What an earlier rotation could not remove goes first, so that at most two are there.
      if (kept.before !== undefined) await remove(ask, role.applicationObjectId, kept.before);
      const made = await makePassword(ask, name, role, kept.keyId, call);
      await remove(ask, role.applicationObjectId, kept.keyId);
      await store.staticPasswords.put(name, { ...made, before: undefined });
    });
  });

const deleteRole = ({ name }: { readonly name: string }, call: AzureCall): Promise<void> =>
  alone(name, call, async () => {
    const { store } = call;
    const role = await store.staticRoles.get(name);
    if (role === undefined) return;
    const kept = await store.staticPasswords.get(name);
    if (kept !== undefined) {
      const ask = await asFailure('', () => clientOf(call.running));
      await call.state.applications.write(role.applicationObjectId, async () => {
        for (const keyId of [kept.before, kept.keyId]) {
          if (keyId !== undefined) await remove(ask, role.applicationObjectId, keyId);
        }
      });
      await store.staticPasswords.delete(name);
    }
    await store.staticRoles.delete(name);
  });

async function shownPassword(
  { name }: { readonly name: string },
  { store }: AzureCall,
): Promise<JsonObject | undefined> {
  const kept = await store.staticPasswords.get(name);
  if (kept === undefined) return undefined;
  const metadata = (await store.staticRoles.get(name))?.metadata ?? {};
  return {
    client_id: kept.clientId,
    client_secret: kept.secret,
    secret_id: kept.keyId,
    expiration: kept.ends,
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
}

const name = field.lowerCase('Name of the static role.', { required: true });

export const staticPaths = azurePaths()
  .path(
    'static-roles',
    'Names of the static roles.',
    {},
    { list: { about: 'List the static roles.', run: (_, { store }) => store.staticRoles.list() } },
  )
  .path(
    'static-roles/:name',
    'A static role.',
    {
      name,
      application_object_id: field.string('The application whose password is kept.'),
      ttl: field.seconds('How long a password lasts; ten years unless said.'),
      metadata: field.kvPairs('What is to be kept with the password.'),
    },
    {
      read: {
        about: 'Read a static role.',
        run: async (sent, { store }) => {
          const role = await store.staticRoles.get(sent.name);
          return (
            role && {
              application_object_id: role.applicationObjectId,
              ttl: role.ttl / SECOND,
              metadata: role.metadata,
            }
          );
        },
      },
      write: {
        about: 'Make a static role and its password, or change what is said of it.',
        forward: true,
        run: putRole,
      },
      delete: { about: 'Delete a static role and its password.', forward: true, run: deleteRole },
    },
    { exists: async (sent, { store }) => (await store.staticRoles.get(sent.name)) !== undefined },
  )
  .path(
    'static-creds/:name',
    'The password of a static role.',
    { name },
    { read: { about: 'Read the password.', run: shownPassword } },
  )
  .path(
    'rotate-role/:name',
    'The password of a static role.',
    { name },
    { update: { about: 'Make a new one; the one before goes.', forward: true, run: rotate } },
    { id: { verb: 'rotate', suffix: 'static-role' } },
  );
