/** identity/lookup: entities and groups by whatever is known of them. */
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { identityPaths } from './fields.ts';
import { groupHere } from './membership.ts';
import { showEntity, showGroup } from './show.ts';

const fields = {
  name: field.string('Name to look for.', { always: true }),
  id: field.string('ID to look for.', { always: true }),
  alias_id: field.string('ID of an alias to look for.', { always: true }),
  alias_name: field.string('Name of an alias to look for, with `alias_mount_accessor`.', { always: true }),
  alias_mount_accessor: field.string('Accessor of the mount of the alias, with `alias_name`.', { always: true }),
};

interface Query {
  readonly name: string;
  readonly id: string;
  readonly alias_id: string;
  readonly alias_name: string;
  readonly alias_mount_accessor: string;
}

/** One question at a time. */
function checkQuery(query: Query): void {
  const given = [query.id, query.name, query.alias_id, query.alias_name || query.alias_mount_accessor];
  const count = given.filter((text) => text !== '').length;
  if (count === 0) throw refuse('query parameter not supplied');
  if (count > 1) throw refuse('query parameter conflict; please supply distinct set of query parameters');
  if ((query.alias_name === '') !== (query.alias_mount_accessor === '')) {
    throw refuse("both 'alias_name' and 'alias_mount_accessor' needs to be set");
  }
}

interface Query {
  readonly id: string;
  readonly name: string;
  readonly alias_id: string;
  readonly alias_name: string;
  readonly alias_mount_accessor: string;
}

/** Where entities, or groups, are found. */
interface Finders<T> {
  byId(id: string): T | undefined;
  byName(name: string): T | undefined;
  alias(id: string): { readonly canonicalId: string } | undefined;
  aliasOf(accessor: string, name: string): { readonly canonicalId: string } | undefined;
}

/** The id decides, then the name, then the alias by its id or by its mount and name. */
function find<T>(query: Query, finders: Finders<T>): T | undefined {
  if (query.id !== '') return finders.byId(query.id);
  if (query.name !== '') return finders.byName(query.name);
  const alias =
    query.alias_id === ''
      ? finders.aliasOf(query.alias_mount_accessor, query.alias_name)
      : finders.alias(query.alias_id);
  return alias && finders.byId(alias.canonicalId);
}

export const lookupPaths = identityPaths()
  .path(
    'lookup/entity',
    'Finds an entity.',
    fields,
    {
      update: {
        run: async (query, { context: { directory } }) => {
          checkQuery(query);
          await directory.ready();
          const entity = find(query, {
            byId: (id) => directory.entity(id),
            byName: (name) => directory.entityByName(name),
            alias: (id) => directory.alias(id),
            aliasOf: (accessor, name) => directory.aliasOf(accessor, name),
          });
          return entity && showEntity(entity, directory);
        },
      },
    },
    { id: { prefix: 'entity', verb: 'look-up' } },
  )
  .path(
    'lookup/group',
    'Finds a group.',
    fields,
    {
      update: {
        run: async (query, { context: { directory } }) => {
          checkQuery(query);
          await directory.ready();
          const group = find(query, {
            byId: (id) => groupHere(id, directory),
            byName: (name) => directory.groupByName(name),
            alias: (id) => directory.groupAlias(id),
            aliasOf: (accessor, name) => directory.groupAliasOf(accessor, name),
          });
          return group && showGroup(group, directory);
        },
      },
    },
    { id: { prefix: 'group', verb: 'look-up' } },
  );
