/** identity/lookup: entities and groups by whatever is known of them. */
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { identityPaths } from './fields.ts';
import { groupHere } from './membership.ts';
import { showEntity, showGroup } from './show.ts';

const fields = {
  name: field.string('Name to look for.'),
  id: field.string('ID to look for.'),
  alias_id: field.string('ID of an alias to look for.'),
  alias_name: field.string('Name of an alias to look for, with `alias_mount_accessor`.'),
  alias_mount_accessor: field.string('Accessor of the mount of the alias, with `alias_name`.'),
};

type Query = { readonly [K in keyof typeof fields]?: string | undefined };

/** One question at a time: what is sent counts, also when it is empty; only an alias by its name takes two. */
function checkQuery(query: Query): void {
  const sent = Object.values(query).filter((text) => text !== undefined).length;
  const byAlias = (query.alias_name ?? '') !== '' && (query.alias_mount_accessor ?? '') !== '';
  if (sent === 0) throw refuse('query parameter not supplied');
  if (sent > (byAlias ? 2 : 1))
    throw refuse('query parameter conflict; please supply distinct set of query parameters');
  if (!byAlias && ((query.alias_name ?? '') !== '' || (query.alias_mount_accessor ?? '') !== '')) {
    throw refuse("both 'alias_name' and 'alias_mount_accessor' needs to be set");
  }
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
  const { id = '', name = '', alias_id = '', alias_name = '', alias_mount_accessor = '' } = query;
  if (id !== '') return finders.byId(id);
  if (name !== '') return finders.byName(name);
  const alias = alias_id === '' ? finders.aliasOf(alias_mount_accessor, alias_name) : finders.alias(alias_id);
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
