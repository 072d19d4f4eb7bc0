/** Azure's directory and role assignments, as far as credentials are made by them (Microsoft Graph v1.0, Azure RBAC). */
import { escapeStrictly } from '../../codec/go-url.ts';
import { asList, asObject, asString } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { HOUR, type Micros, type Runtime, SECOND } from '../../runtime.ts';
import { type AzureAsk, AzureError } from './client.ts';
import type { AssignedRole } from './role.ts';

const RBAC = 'api-version=2022-04-01';
/** Passwords outlast every lease; the lease ends them. */
export const PASSWORD_LIFETIME: Micros = 10 * 365 * 24 * HOUR;
/** As long as Azure's own machines may take to hear of something new. */
const PATIENCE: Micros = 80 * SECOND;

const text = (object: JsonObject, name: string): string => asString(object[name]) ?? '';
const values = (object: JsonObject): readonly JsonObject[] =>
  (asList(object['value']) ?? []).map((value: JsonValue) => asObject(value) ?? {});

export interface Application {
  readonly appId: string;
  readonly objectId: string;
}

const toApplication = (found: JsonObject): Application => ({
  appId: text(found, 'appId'),
  objectId: text(found, 'id'),
});

export const createApplication = async (ask: AzureAsk, displayName: string): Promise<Application> =>
  toApplication(await ask('graph', 'POST', '/v1.0/applications', { displayName }));

export const getApplication = async (ask: AzureAsk, objectId: string): Promise<Application> =>
  toApplication(await ask('graph', 'GET', `/v1.0/applications/${escapeStrictly(objectId)}`));

/** Of those with this application id, their object ids and the ids of their passwords. */
export async function applicationsOf(
  ask: AzureAsk,
  appId: string,
): Promise<readonly { readonly objectId: string; readonly keyIds: readonly string[] }[]> {
  const filter = escapeStrictly(`appId eq '${appId.replaceAll("'", "''")}'`);
  return values(await ask('graph', 'GET', `/v1.0/applications?$filter=${filter}`)).map((found) => ({
    objectId: text(found, 'id'),
    keyIds: (asList(found['passwordCredentials']) ?? []).map((one) => text(asObject(one) ?? {}, 'keyId')),
  }));
}

/** Gives its id. */
export const createPrincipal = async (runtime: Runtime, ask: AzureAsk, appId: string): Promise<string> =>
  text(
    await patiently(
      runtime,
      (error) => error.message.includes('does not reference a valid application object'),
      () => ask('graph', 'POST', '/v1.0/servicePrincipals', { appId }),
    ),
    'id',
  );

export interface Password {
  readonly keyId: string;
  readonly secret: string;
  /** Wall. */
  readonly ends: Micros;
}

/** `owner` is 'servicePrincipals/<id>' or 'applications/<id>'. */
export async function addPassword(
  { clock }: Runtime,
  ask: AzureAsk,
  owner: string,
  lasts = PASSWORD_LIFETIME,
): Promise<Password> {
  const ends = clock.wall() + lasts;
  const wanted = { displayName: 'vault-plugin-secrets-azure', endDateTime: formatRfc3339(ends) };
  const given = await ask('graph', 'POST', `/v1.0/${owner}/addPassword`, { passwordCredential: wanted });
  return { keyId: text(given, 'keyId'), secret: text(given, 'secretText'), ends };
}

/** One that is gone already is no error. */
export async function removePassword(ask: AzureAsk, owner: string, keyId: string): Promise<void> {
  try {
    await ask('graph', 'POST', `/v1.0/${owner}/removePassword`, { keyId });
  } catch (error) {
    const gone = error instanceof AzureError && error.message.includes('No password credential found with keyId');
    if (!gone) throw error;
  }
}

/** Gives the assignment's id, which is a path. */
export async function assignRole(
  runtime: Runtime,
  ask: AzureAsk,
  principalId: string,
  { scope, role_id: roleDefinitionId }: AssignedRole,
  name: string,
): Promise<string> {
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?${RBAC}`;
  const properties = { roleDefinitionId, principalId };
  const made = await patiently(
    runtime,
    ({ code }) => code === 'PrincipalNotFound',
    () => ask('management', 'PUT', path, { properties }),
  );
  return text(made, 'id');
}

export const unassignRole = (ask: AzureAsk, id: string): Promise<void> =>
  unlessGone(() => ask('management', 'DELETE', `${id}?${RBAC}`));

export async function joinGroup(runtime: Runtime, ask: AzureAsk, groupId: string, principalId: string): Promise<void> {
  const reference = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${principalId}` };
  await patiently(
    runtime,
    ({ code }) => code === 'Request_ResourceNotFound',
    () => ask('graph', 'POST', `/v1.0/groups/${groupId}/members/$ref`, reference),
  );
}

export const leaveGroup = (ask: AzureAsk, groupId: string, principalId: string): Promise<void> =>
  unlessGone(() => ask('graph', 'DELETE', `/v1.0/groups/${groupId}/members/${principalId}/$ref`));

/** `kind` is 'servicePrincipals' or 'applications'; for good, or as Azure does it, for thirty days. */
export async function deleteObject(ask: AzureAsk, kind: string, id: string, forGood: boolean): Promise<void> {
  await unlessGone(() => ask('graph', 'DELETE', `/v1.0/${kind}/${id}`));
  if (forGood) await unlessGone(() => ask('graph', 'DELETE', `/v1.0/directory/deletedItems/${id}`));
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

export async function roleById(ask: AzureAsk, id: string): Promise<Named> {
  const found = await ask('management', 'GET', `${id}?${RBAC}`);
  return toRole(found);
}

export async function rolesByName(ask: AzureAsk, subscription: string, name: string): Promise<readonly Named[]> {
  const filter = escapeStrictly(`roleName eq '${name.replaceAll("'", "''")}'`);
  const path = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions?${RBAC}&$filter=${filter}`;
  return values(await ask('management', 'GET', path)).map(toRole);
}

const toRole = (found: JsonObject): Named => ({
  id: text(found, 'id'),
  name: text(asObject(found['properties']) ?? {}, 'roleName'),
});

const toGroup = (found: JsonObject): Named => ({ id: text(found, 'id'), name: text(found, 'displayName') });

export const groupById = async (ask: AzureAsk, id: string): Promise<Named> =>
  toGroup(await ask('graph', 'GET', `/v1.0/groups/${escapeStrictly(id)}`));

export async function groupsByName(ask: AzureAsk, name: string): Promise<readonly Named[]> {
  const filter = escapeStrictly(`displayName eq '${name.replaceAll("'", "''")}'`);
  return values(await ask('graph', 'GET', `/v1.0/groups?$filter=${filter}`)).map(toGroup);
}

async function unlessGone(body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof AzureError && error.status === 404)) throw error;
  }
}

/** Again after some seconds, as long as what is wrong may only be that Azure has not told all of its machines. */
async function patiently<T>(
  { clock, random }: Runtime,
  passing: (error: AzureError) => boolean,
  body: () => Promise<T>,
): Promise<T> {
  const end = clock.monotonic() + PATIENCE;
  for (;;) {
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof AzureError && passing(error)) || clock.monotonic() >= end) throw error;
      await clock.sleep((2 + random.below(6)) * SECOND);
    }
  }
}
