/** Credentials: an application with a service principal of its own, or one more password of an application that is there. */
import { asString, asStrings } from '../../codec/json-fields.ts';
import type { JsonObject } from '../../codec/json.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { failure, refuse } from '../../fault.ts';
import { type Answer, reply } from '../../framework/reply.ts';
import type { Secret } from '../../framework/logical.ts';
import { deleteWal, putWal, rollBack } from '../../framework/wal.ts';
import { MINUTE } from '../../runtime.ts';
import { asFailure, type AzureCall, type AzureRunning, clientOf } from './call.ts';
import { type AzureAsk, AzureError } from './client.ts';
import {
  addPassword,
  assignRole,
  createApplication,
  createPrincipal,
  deleteObject,
  joinGroup,
  leaveGroup,
  removePassword,
  unassignRole,
} from './directory.ts';
import type { AzureRole } from './role.ts';

/** What was begun and not finished is undone after it. */
const UNDO_AFTER = 10 * MINUTE;

export async function makeCredentials({ role: name }: { readonly role: string }, call: AzureCall): Promise<Answer> {
  const ask = await asFailure('', () => clientOf(call.running));
  const role = await call.store.roles.get(name);
  if (role === undefined) throw refuse(`role '${name}' does not exist`);
  const own = role.applicationObjectId === '';
  const { data, secret } = own ? await principal(ask, name, role, call) : await password(ask, name, role, call);
  return reply({ data, secret: { ...secret, ttl: role.ttl, maxTtl: role.maxTtl } });
}

interface Made {
  readonly data: JsonObject;
  readonly secret: Secret;
}

async function principal(ask: AzureAsk, name: string, role: AzureRole, call: AzureCall): Promise<Made> {
  const { runtime, storage } = call;
  const uuid = (): string => makeUuid((length) => call.random.bytes(length));
  const app = await asFailure('', () => createApplication(ask, `vault-${uuid()}`));
  // Whatever fails from here on, the application is known and does not stay.
  const appNote = await putWal(runtime, storage, 'application', { AppID: app.appId, AppObjID: app.objectId });
  const made = await asFailure('error creating service principal: ', async () => {
    const id = await createPrincipal(runtime, ask, app.appId);
    return { id, ...(await addPassword(runtime, ask, `servicePrincipals/${id}`)) };
  });
  const names = role.azureRoles.map(uuid);
  const wanted = role.azureRoles.map(({ scope }, index) => assignmentId(scope, names[index]!));
  const rolesNote = await putWal(runtime, storage, 'role_assignment', { SpID: made.id, AssignmentIDs: wanted });
  const assignments: string[] = [];
  await asFailure('error while assigning roles: ', async () => {
    for (const [index, one] of role.azureRoles.entries()) {
      assignments.push(await assignRole(runtime, ask, made.id, one, names[index]!));
    }
  });
  const groups = role.azureGroups.map(({ object_id: id }) => id);
  await asFailure('error while adding group membership: ', async () => {
    for (const group of groups) await joinGroup(runtime, ask, group, made.id);
  });
  await deleteWal(storage, appNote);
  await deleteWal(storage, rolesNote);
  const internal = {
    app_object_id: app.objectId,
    sp_object_id: made.id,
    role_assignment_ids: assignments,
    group_membership_ids: groups,
    role: name,
    permanently_delete: role.permanentlyDelete,
  };
  const data = { client_id: app.appId, client_secret: made.secret };
  return { data, secret: call.secret('service_principal', internal) };
}

const assignmentId = (scope: string, name: string): string =>
  `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;

async function password(ask: AzureAsk, name: string, role: AzureRole, call: AzureCall): Promise<Made> {
  const { applicationObjectId: app } = role;
  const { keyId, secret } = await addPassword(call.runtime, ask, `applications/${app}`).catch((error: unknown) => {
    if (!(error instanceof AzureError)) throw error;
    const full = error.message.includes('size of the object has exceeded its limit');
    const why = full ? 'maximum number of Application passwords reached' : error.message;
    throw failure(`error updating credentials: ${why}`);
  });
  const internal = { app_object_id: app, key_id: keyId, role: name };
  const data = { client_id: role.applicationId, client_secret: secret };
  return { data, secret: call.secret('static_service_principal', internal) };
}

export async function renew(call: AzureCall): Promise<Answer> {
  const { secret } = call.request;
  const name = asString(secret?.internal['role']);
  if (name === undefined) throw failure("internal data 'role' not found");
  const role = await call.store.roles.get(name);
  return role && reply({ secret: { ...secret!, ttl: role.ttl, maxTtl: role.maxTtl } });
}

const idIn = ({ request }: AzureCall, name: string): string => {
  const id = asString(request.secret?.internal[name]);
  if (id === undefined) throw failure(`internal data '${name}' not found`);
  return id;
};

const clientToRevoke = (call: AzureCall): Promise<AzureAsk> =>
  asFailure('error during revoke: ', () => clientOf(call.running));

/** Only without the application the credentials are gone; what else there was of it is cleared up as far as it goes. */
export async function revokePrincipal(call: AzureCall): Promise<Answer> {
  const internal = call.request.secret?.internal ?? {};
  const app = idIn(call, 'app_object_id');
  const id = asString(internal['sp_object_id']) ?? '';
  const groups = asStrings(internal['group_membership_ids']) ?? [];
  const forGood = internal['permanently_delete'] === true;
  if (groups.length > 0 && id === '') throw failure("internal data 'sp_object_id' not found");
  const ask = await clientToRevoke(call);
  const warnings: string[] = [];
  const tidy = async (what: string, body: () => Promise<void>): Promise<void> => {
    await body().catch((error: unknown) => {
      if (!(error instanceof AzureError)) throw error;
      warnings.push(`${what}${error.message}`);
    });
  };
  for (const assignment of asStrings(internal['role_assignment_ids']) ?? []) {
    await tidy('error unassigning role: ', () => unassignRole(ask, assignment));
  }
  for (const group of groups) await tidy('error removing group membership: ', () => leaveGroup(ask, group, id));
  if (id !== '') await tidy('', () => deleteObject(ask, 'servicePrincipals', id, forGood));
  await asFailure('', () => deleteObject(ask, 'applications', app, forGood));
  return warnings.length === 0 ? undefined : reply({ warnings });
}

export async function revokePassword(call: AzureCall): Promise<void> {
  const app = idIn(call, 'app_object_id');
  const ask = await clientToRevoke(call);
  const key = idIn(call, 'key_id');
  await asFailure('error removing credentials: ', () => removePassword(ask, `applications/${app}`, key));
}

/** Every minute: applications that nobody has a lease on, and roles assigned to them. */
export function undo(running: AzureRunning): Promise<void> {
  return rollBack(running.context.runtime, running.storage, UNDO_AFTER, async (kind, data) => {
    const ask = await clientOf(running);
    if (kind === 'application') return deleteObject(ask, 'applications', asString(data['AppObjID']) ?? '', false);
    for (const assignment of asStrings(data['AssignmentIDs']) ?? []) await unassignRole(ask, assignment);
  });
}
