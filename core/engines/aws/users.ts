/** Users of IAM: made in several steps, each of which can fail, and taken away again whatever there is of them. */
import { asString } from '../../codec/json-fields.ts';
import { failure } from '../../fault.ts';
import { rollBack } from '../../framework/wal.ts';
import { xmlAt } from '../../codec/xml.ts';
import { MINUTE } from '../../runtime.ts';
import { type AwsAsk, AwsError, listOf, members } from './client.ts';
import { asFailure, type AwsCall, type AwsRunning, clientOf } from './call.ts';
import type { AwsRole } from './role.ts';
import type { AccessKeys } from './static-role.ts';

/** Before this nobody can tell a user that is not there from one that AWS has not told all of its machines about. */
export const SETTLED = 5 * MINUTE;
const PAGE = { MaxItems: '1000' };

/** A step of making a user failed; `message` says which one, and what AWS said. */
export class UserError extends Error {}

/** The user itself, with nothing yet. Rejects with UserError. */
export function createUser(ask: AwsAsk, username: string, role: AwsRole): Promise<unknown> {
  const boundary = role.permissionsBoundaryArn;
  return step('Error creating IAM user', ask, 'CreateUser', {
    UserName: username,
    Path: role.userPath === '' ? '/' : role.userPath,
    ...(boundary === '' ? {} : { PermissionsBoundary: boundary }),
  });
}

/** What the role gives, then a key pair. Rejects with UserError. */
export async function equipUser(ask: AwsAsk, username: string, roleName: string, role: AwsRole): Promise<AccessKeys> {
  const user = { UserName: username };
  for (const PolicyArn of role.policyArns) {
    await step('Error attaching user policy', ask, 'AttachUserPolicy', { ...user, PolicyArn });
  }
  if (role.policyDocument !== '') {
    const policy = { PolicyName: roleName, PolicyDocument: role.policyDocument };
    await step('Error putting user policy', ask, 'PutUserPolicy', { ...user, ...policy });
  }
  for (const GroupName of role.iamGroups) {
    await step('Error adding user to group', ask, 'AddUserToGroup', { ...user, GroupName });
  }
  const tags = Object.entries(role.iamTags).map(([Key, Value]) => ({ Key, Value }));
  if (tags.length > 0) {
    await step('Error adding tags to user', ask, 'TagUser', { ...user, ...listOf('Tags', tags) });
  }
  return keysOf(await step('Error creating access keys', ask, 'CreateAccessKey', user));
}

export function keysOf(result: Awaited<ReturnType<AwsAsk>>): AccessKeys {
  const key = xmlAt(result, 'AccessKey');
  return { accessKey: xmlAt(key, 'AccessKeyId')?.text ?? '', secretKey: xmlAt(key, 'SecretAccessKey')?.text ?? '' };
}

async function step(
  what: string,
  ask: AwsAsk,
  action: string,
  parameters: Readonly<Record<string, string>>,
): ReturnType<AwsAsk> {
  try {
    return await ask('iam', action, parameters);
  } catch (error) {
    throw error instanceof AwsError ? new UserError(`${what}: ${error.message}`) : error;
  }
}

/**
 * Keys, policies, groups and the user. One that is not there is gone only if it is old enough for that to be sure.
 * Rejects with AwsError, and then has to be asked for again.
 */
export async function removeUser(ask: AwsAsk, username: string, settled: boolean): Promise<void> {
  const user = { UserName: username };
  let groups: string[];
  try {
    groups = members(xmlAt(await ask('iam', 'ListGroupsForUser', { ...user, ...PAGE }), 'Groups'), 'GroupName');
  } catch (error) {
    if (settled && error instanceof AwsError && error.code === 'NoSuchEntity') return;
    throw error;
  }
  const listed = async (action: string, list: string, name?: string): Promise<string[]> =>
    members(xmlAt(await ask('iam', action, { ...user, ...PAGE }), list), name);
  const policies = await listed('ListUserPolicies', 'PolicyNames');
  const attached = await listed('ListAttachedUserPolicies', 'AttachedPolicies', 'PolicyArn');
  const keys = await listed('ListAccessKeys', 'AccessKeyMetadata', 'AccessKeyId');
  for (const AccessKeyId of keys) await ask('iam', 'DeleteAccessKey', { ...user, AccessKeyId });
  for (const PolicyArn of attached) await ask('iam', 'DetachUserPolicy', { ...user, PolicyArn });
  for (const PolicyName of policies) await ask('iam', 'DeleteUserPolicy', { ...user, PolicyName });
  for (const GroupName of groups) await ask('iam', 'RemoveUserFromGroup', { ...user, GroupName });
  await ask('iam', 'DeleteUser', user);
}

/** When a lease on a user ends. */
export async function revokeUser(call: AwsCall): Promise<void> {
  const { secret } = call.request;
  const { is_sts: session = false, username } = secret?.internal ?? {};
  if (typeof session !== 'boolean') throw failure('secret has is_sts but value could not be understood');
  // Nobody but time ends a session.
  if (session) return;
  if (typeof username !== 'string') throw failure('secret is missing username internal data');
  const age = secret?.issueTime === undefined ? SETTLED + 1 : call.now() - secret.issueTime;
  await asFailure('', async () => removeUser(await clientOf(call.running), username, age > SETTLED));
}

/** Every minute: users that were about to be made, and that nobody has a lease on. */
export function removeUnleased(running: AwsRunning): Promise<void> {
  return rollBack(running.context.runtime, running.storage, SETTLED, async (_, { UserName }) => {
    await removeUser(await clientOf(running), asString(UserName) ?? '', true);
  });
}
