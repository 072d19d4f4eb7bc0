/** identity/group: groups of entities and of groups, by id and by name. */
import type { JsonObject } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { listing, reply } from '../../framework/reply.ts';
import type { Directory } from './directory.ts';
import type { IdentityCall } from './fields.ts';
import { identityPaths, metadataField, policiesField } from './fields.ts';
import type { GroupInput } from './group-change.ts';
import { writeGroup } from './group-change.ts';
import { groupHere } from './membership.ts';
import type { StoredGroup } from './model.ts';
import { aliasInfo, showGroup } from './show.ts';

const settings = {
  type: field.string('"internal", or "external" for a group that an auth method knows.'),
  metadata: metadataField,
  policies: policiesField,
  member_group_ids: field.commaStrings('IDs of the groups that are members.'),
  member_entity_ids: field.commaStrings('IDs of the entities that are members.'),
};
const name = field.string('Name of the group.', { always: true });
const id = field.string('ID of the group; with it an existing group is changed.', { always: true });

const writeById = (sent: GroupInput & { readonly id: string }, call: IdentityCall): Promise<Answer> => {
  const { directory } = call.context;
  const isEmpty = (name: 'id' | 'name'): boolean => sent[name] === '' && Object.hasOwn(call.request.data, name);
  return directory.exclusive(async () => {
    if (isEmpty('id')) throw refuse('empty group ID');
    if (sent.id === '' && isEmpty('name')) throw refuse('empty group name');
    const known = sent.id === '' ? undefined : directory.group(sent.id);
    if (sent.id !== '' && known === undefined) {
      if (directory.groupAnywhere(sent.id) === undefined) throw refuse('invalid group ID');
      throw failure('group does not belong to this namespace');
    }
    return writeGroup(known, sent, call);
  });
};

async function read(find: (directory: Directory) => StoredGroup | undefined, call: IdentityCall): Promise<Answer> {
  const { directory } = call.context;
  await directory.ready();
  const group = find(directory);
  return group && showGroup(group, directory);
}

/** Its members keep naming it as a parent, as upstream. A missing one is no error. */
const remove = (find: (directory: Directory) => StoredGroup | undefined, call: IdentityCall): Promise<void> => {
  const { directory } = call.context;
  return directory.exclusive(async () => {
    const group = find(directory);
    if (group !== undefined) await directory.deleteGroup(group.id);
  });
};

export const groupPaths = identityPaths()
  .path(
    'group',
    'Makes a group.',
    { id, name, ...settings },
    { update: { forward: true, run: writeById } },
    { id: { prefix: 'group', verb: 'create' } },
  )
  .path(
    'group/id/:id',
    'A group by its ID.',
    { id: field.string('ID of the group.', { required: true }), name, ...settings },
    {
      update: { forward: true, id: { verb: 'update' }, run: writeById },
      read: { run: (sent, call) => read((directory) => groupHere(sent.id, directory), call) },
      delete: { forward: true, run: (sent, call) => remove((directory) => groupHere(sent.id, directory), call) },
    },
    { id: { prefix: 'group', suffix: 'by-id' } },
  )
  .path(
    'group/id',
    'The IDs of all groups.',
    {},
    {
      list: {
        run: async (_, { context: { directory } }) => {
          await directory.ready();
          const groups = directory.groups();
          const info: JsonObject = {};
          for (const group of groups) {
            info[group.id] = {
              name: group.name,
              num_member_entities: (group.memberEntityIds ?? []).length,
              num_parent_groups: (group.parentGroupIds ?? []).length,
              ...(group.alias && { alias: aliasInfo(group.alias, directory) }),
            };
          }
          return reply(
            listing(
              groups.map((group) => group.id),
              info,
            ),
          );
        },
      },
    },
    { id: { prefix: 'group', suffix: 'by-id' } },
  )
  .path(
    'group/name/:name{.+}',
    'A group by its name.',
    { name: field.string('Name of the group.', { required: true }), id, ...settings },
    {
      update: {
        forward: true,
        id: { verb: 'update' },
        // The name says which group is meant; an ID beside it is not looked at.
        run: (sent, call) => call.context.directory.exclusive(() => writeGroup(undefined, sent, call)),
      },
      read: { run: (sent, call) => read((directory) => directory.groupByName(sent.name), call) },
      delete: { forward: true, run: (sent, call) => remove((directory) => directory.groupByName(sent.name), call) },
    },
    { id: { prefix: 'group', suffix: 'by-name' } },
  )
  .path(
    'group/name',
    'The names of all groups.',
    {},
    {
      list: {
        run: async (_, { context: { directory } }) => {
          await directory.ready();
          return directory.groups().map((group) => group.name);
        },
      },
    },
    { id: { prefix: 'group', suffix: 'by-name' } },
  );
