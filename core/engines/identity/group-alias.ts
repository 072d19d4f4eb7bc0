/** identity/group-alias: what an auth method calls an external group. */
import { quote } from '../../codec/go-quote.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { listing, reply } from '../../framework/reply.ts';
import type { IdentityCall } from './fields.ts';
import { identityPaths, madeUpName } from './fields.ts';
import { newGroup } from './group-change.ts';
import type { StoredAlias, StoredGroup } from './model.ts';
import { clonedGroup } from './model.ts';
import { aliasListing, showAlias } from './show.ts';

interface Sent {
  readonly id: string | undefined;
  readonly name: string;
  readonly mount_accessor: string;
  readonly canonical_id: string;
}

function write(sent: Sent, call: IdentityCall): Promise<Answer> {
  const { directory } = call.context;
  return directory.exclusive(async () => {
    if (sent.id === '') throw refuse('empty group alias ID');
    const old = sent.id === undefined ? undefined : directory.groupAlias(sent.id);
    if (sent.id !== undefined && old === undefined) throw refuse('invalid group alias ID');
    const { name, mount_accessor: mountAccessor } = sent;
    if (name === '') throw refuse('missing alias name');
    if (mountAccessor === '') throw refuse('missing mount_accessor');
    const before = old && directory.group(old.canonicalId);
    const chosen = sent.canonical_id === '' ? before : directory.group(sent.canonical_id);
    if (sent.canonical_id !== '' && chosen === undefined) throw refuse("invalid group ID given in 'canonical_id'");
    if (chosen?.type === 'internal') throw refuse("alias can't be set on an internal group");
    if (directory.isElsewhere(mountAccessor)) {
      throw refuse("mount referenced via 'mount_accessor' not in the same namespace as alias", 403);
    }
    const mount = directory.mount(mountAccessor);
    if (mount === undefined) throw refuse(`invalid mount accessor ${quote(mountAccessor)}`);
    if (mount.local) throw refuse(`mount accessor ${quote(mountAccessor)} is a local mount`);
    const namesake = directory.groupAliasOf(mountAccessor, name);
    if (namesake !== undefined && namesake.id !== old?.id) {
      throw refuse('combination of mount and group alias name is already in use');
    }
    if (namesake !== undefined && chosen?.id === before?.id) return undefined;
    const group: StoredGroup =
      chosen === undefined
        ? { ...newGroup(call, 'external'), name: madeUpName('group', call) }
        : { ...clonedGroup(chosen), lastUpdateTime: directory.now() };
    const alias = aliasFor(old, sent, group, call);
    if (before !== undefined && before.id !== group.id) {
      await directory.putGroup({ ...clonedGroup(before), alias: undefined });
    }
    await directory.putGroup({ ...group, alias });
    return { id: alias.id, canonical_id: group.id };
  });
}

function aliasFor(old: StoredAlias | undefined, sent: Sent, group: StoredGroup, call: IdentityCall): StoredAlias {
  const { directory } = call.context;
  return {
    id: old?.id ?? directory.uuid(),
    canonicalId: group.id,
    mountType: '',
    mountAccessor: sent.mount_accessor,
    mountPath: '',
    metadata: undefined,
    name: sent.name,
    creationTime: old?.creationTime ?? directory.now(),
    lastUpdateTime: directory.now(),
    mergedFromCanonicalIds: [],
    namespaceId: call.request.namespace.id,
    customMetadata: undefined,
    local: false,
    localBucketKey: directory.localAliasBucket(group.id),
  };
}

const fields = {
  name: field.string('Name of the alias: what the auth method calls the group.', { always: true }),
  mount_accessor: field.string('Accessor of the mount that the alias belongs to.', { always: true }),
  canonical_id: field.string('ID of the external group that the alias belongs to.', { always: true }),
};

export const groupAliasPaths = identityPaths()
  .path(
    'group-alias',
    'Makes an alias of a group, or changes one.',
    { id: field.string('ID of the alias.'), ...fields },
    { update: { forward: true, run: write } },
    { id: { prefix: 'group', verb: 'create', suffix: 'alias' } },
  )
  .path(
    'group-alias/id/:id',
    'An alias of a group by its ID.',
    { id: field.string('ID of the alias.', { required: true }), ...fields },
    {
      update: { forward: true, id: { verb: 'update' }, run: write },
      read: {
        run: async (sent, { context: { directory } }) => {
          await directory.ready();
          const alias = directory.groupAlias(sent.id);
          return alias && showAlias(alias, directory);
        },
      },
      delete: {
        forward: true,
        run: (sent, { context: { directory } }) =>
          directory.exclusive(async () => {
            const alias = directory.groupAlias(sent.id);
            const group = alias && directory.group(alias.canonicalId);
            if (group !== undefined) await directory.putGroup({ ...clonedGroup(group), alias: undefined });
          }),
      },
    },
    { id: { prefix: 'group', suffix: 'alias-by-id' } },
  )
  .path(
    'group-alias/id',
    'The IDs of all aliases of groups.',
    {},
    {
      list: {
        run: async (_, { context: { directory } }) => {
          await directory.ready();
          const aliases = directory.groupAliases();
          return reply(
            listing(
              aliases.map((alias) => alias.id),
              aliasListing(aliases, directory),
            ),
          );
        },
      },
    },
    { id: { prefix: 'group', suffix: 'aliases-by-id' } },
  );
