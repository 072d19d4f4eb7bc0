/** Making and changing groups, and who is in them. */
import { compareText } from '../../codec/bytes.ts';
import { quote } from '../../codec/go-quote.ts';
import { failure, refuse } from '../../fault.ts';
import type { Answer } from '../../framework/reply.ts';
import type { Directory } from './directory.ts';
import type { IdentityCall } from './fields.ts';
import { cleanPolicies, madeUpName, metadataAfter } from './fields.ts';
import { checkMetadata } from './limits.ts';
import { isBelow } from './membership.ts';
import type { StoredGroup, Texts } from './model.ts';
import { clonedGroup } from './model.ts';

export interface GroupInput {
  readonly name: string;
  readonly type?: string | undefined;
  readonly policies?: readonly string[] | undefined;
  readonly metadata?: Texts | undefined;
  readonly member_entity_ids?: readonly string[] | undefined;
  readonly member_group_ids?: readonly string[] | undefined;
}

/** A group without anything, not stored yet. */
export function newGroup(call: IdentityCall, type: StoredGroup['type']): StoredGroup {
  const { directory } = call.context;
  const id = directory.uuid();
  const now = directory.now();
  return {
    id,
    name: '',
    policies: undefined,
    parentGroupIds: undefined,
    memberEntityIds: undefined,
    metadata: undefined,
    creationTime: now,
    lastUpdateTime: now,
    modifyIndex: 0,
    bucketKey: directory.groupBucket(id),
    alias: undefined,
    type,
    namespaceId: call.request.namespace.id,
  };
}

/** What is not sent stays. `known` is the group that the path names. Runs under the directory's lock. */
export async function writeGroup(
  known: StoredGroup | undefined,
  input: GroupInput,
  call: IdentityCall,
): Promise<Answer> {
  const { directory } = call.context;
  const namesake = input.name === '' ? undefined : directory.groupByName(input.name);
  if (known !== undefined && namesake !== undefined && namesake.id !== known.id) {
    throw refuse('group name is already in use');
  }
  const old = known ?? namesake;
  const type = typeOf(input.type, old);
  const base = old === undefined ? newGroup(call, type) : clonedGroup(old);
  const policies = input.policies === undefined ? base.policies : cleanPolicies(input.policies);
  if (type === 'external') {
    if (input.member_entity_ids !== undefined) {
      throw refuse("member entities can't be set manually for external groups");
    }
    if (input.member_group_ids !== undefined) throw refuse("member groups can't be set for external groups");
  }
  if (input.metadata !== undefined) checkMetadata(input.metadata, 'group');
  const group: StoredGroup = {
    ...base,
    name: input.name || base.name || madeUpName('group', call),
    policies,
    metadata: metadataAfter(input.metadata, base.metadata, call),
    memberEntityIds: entitiesOf(input.member_entity_ids, directory) ?? base.memberEntityIds,
    lastUpdateTime: old === undefined ? base.creationTime : directory.now(),
    // Upstream writes the alias anew with its group.
    alias: base.alias && { ...base.alias, lastUpdateTime: directory.now() },
  };
  if (input.member_group_ids !== undefined) await setChildren(group, input.member_group_ids, directory);
  await directory.putGroup(group);
  return old === undefined ? { id: group.id, name: group.name } : undefined;
}

function typeOf(given: string | undefined, old: StoredGroup | undefined): StoredGroup['type'] {
  if (given !== undefined && old !== undefined && given !== old.type) throw refuse('group type cannot be changed');
  const type = given ?? old?.type ?? 'internal';
  if (type === '') return 'internal';
  if (type !== 'internal' && type !== 'external') throw refuse(`invalid group type ${quote(type)}`);
  return type;
}

/** Once each, in order; an empty one names nobody. */
const namedOf = (given: readonly string[]): readonly string[] =>
  [...new Set(given)].filter((id) => id !== '').sort(compareText);

function entitiesOf(given: readonly string[] | undefined, directory: Directory): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const ids = namedOf(given);
  for (const id of ids) if (directory.entityAnywhere(id) === undefined) throw failure(`invalid entity ID ${quote(id)}`);
  return ids;
}

/** A group is a member of another by naming it as its parent. */
async function setChildren(group: StoredGroup, given: readonly string[], directory: Directory): Promise<void> {
  const ids = namedOf(given);
  const added: StoredGroup[] = [];
  for (const id of ids) {
    const child = directory.groupAnywhere(id);
    if (child === undefined) throw failure(`invalid member group ID ${quote(id)}`);
    if ((child.parentGroupIds ?? []).includes(group.id)) continue;
    if (id === group.id) throw failure(`member group ID ${quote(id)} is same as the ID of the group`);
    if (directory.group(group.id) !== undefined && isBelow(directory.group(group.id)!, id, directory)) {
      throw refuse(`cyclic relationship detected for member group ID ${quote(id)}`);
    }
    added.push(child);
  }
  for (const child of directory.childrenOf(group.id)) {
    if (ids.includes(child.id)) continue;
    const parentGroupIds = (child.parentGroupIds ?? []).filter((id) => id !== group.id);
    await directory.putGroup({ ...clonedGroup(child), parentGroupIds });
  }
  for (const child of added) {
    const cloned = clonedGroup(child);
    await directory.putGroup({ ...cloned, parentGroupIds: [...(cloned.parentGroupIds ?? []), group.id] });
  }
}
