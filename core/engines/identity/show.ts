/** What the API shows of entities, aliases and groups. */
import type { JsonObject } from '../../codec/json.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import type { Directory } from './directory.ts';
import { groupsOf } from './membership.ts';
import type { StoredAlias, StoredEntity, StoredGroup } from './model.ts';

const listOrNull = (list: readonly string[]): readonly string[] | null => (list.length > 0 ? list : null);

const idsOf = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id);

/** Type and path of the mount, as long as it is there. */
function mountOf(alias: StoredAlias, directory: Directory): JsonObject {
  const mount = directory.mount(alias.mountAccessor);
  return mount === undefined ? {} : { mount_type: mount.type, mount_path: mount.path };
}

function aliasOfEntity(alias: StoredAlias, directory: Directory): JsonObject {
  return {
    id: alias.id,
    canonical_id: alias.canonicalId,
    mount_accessor: alias.mountAccessor,
    ...mountOf(alias, directory),
    metadata: alias.metadata ?? null,
    name: alias.name,
    merged_from_canonical_ids: listOrNull(alias.mergedFromCanonicalIds),
    creation_time: formatRfc3339(alias.creationTime),
    last_update_time: formatRfc3339(alias.lastUpdateTime),
    local: alias.local,
    custom_metadata: alias.customMetadata ?? null,
  };
}

/** Of an entity or of a group. */
export const showAlias = (alias: StoredAlias, directory: Directory): JsonObject => ({
  ...aliasOfEntity(alias, directory),
  namespace_id: alias.namespaceId,
});

export function showEntity(entity: StoredEntity, directory: Directory): JsonObject {
  const { direct, inherited } = groupsOf(entity.id, directory);
  return {
    id: entity.id,
    name: entity.name,
    metadata: entity.metadata ?? null,
    merged_entity_ids: listOrNull(entity.mergedEntityIds),
    policies: entity.policies,
    disabled: entity.disabled,
    namespace_id: entity.namespaceId,
    creation_time: formatRfc3339(entity.creationTime),
    last_update_time: formatRfc3339(entity.lastUpdateTime),
    aliases: entity.aliases.map((alias) => aliasOfEntity(alias, directory)),
    direct_group_ids: idsOf(direct),
    inherited_group_ids: idsOf(inherited),
    group_ids: idsOf([...direct, ...inherited]),
  };
}

export function showGroup(group: StoredGroup, directory: Directory): JsonObject {
  const children = directory.childrenOf(group.id);
  return {
    id: group.id,
    name: group.name,
    policies: group.policies ?? null,
    member_entity_ids: group.memberEntityIds ?? null,
    parent_group_ids: group.parentGroupIds ?? null,
    member_group_ids: listOrNull(idsOf(children)),
    metadata: group.metadata ?? null,
    creation_time: formatRfc3339(group.creationTime),
    last_update_time: formatRfc3339(group.lastUpdateTime),
    modify_index: group.modifyIndex,
    type: group.type,
    namespace_id: group.namespaceId,
    alias: group.alias === undefined ? {} : aliasOfGroup(group.alias, directory),
  };
}

function aliasOfGroup(alias: StoredAlias, directory: Directory): JsonObject {
  const { custom_metadata: _custom, local: _local, ...shown } = aliasOfEntity(alias, directory);
  return shown;
}

/** What listings say of an alias that belongs to a listed entity or group. */
export const aliasInfo = (alias: StoredAlias, directory: Directory): JsonObject => ({
  id: alias.id,
  name: alias.name,
  mount_accessor: alias.mountAccessor,
  ...mountOf(alias, directory),
});

/** Listings of aliases. Of a mount that is gone the first alias shows nothing, all others empty texts, as upstream. */
export function aliasListing(aliases: readonly StoredAlias[], directory: Directory): JsonObject {
  const info: JsonObject = {};
  const gone = new Set<string>();
  for (const alias of aliases) {
    const mount = directory.mount(alias.mountAccessor);
    const known = mount ?? (gone.has(alias.mountAccessor) ? { type: '', path: '' } : undefined);
    if (mount === undefined) gone.add(alias.mountAccessor);
    info[alias.id] = {
      name: alias.name,
      canonical_id: alias.canonicalId,
      mount_accessor: alias.mountAccessor,
      custom_metadata: alias.customMetadata ?? null,
      local: alias.local,
      metadata: alias.metadata ?? null,
      ...(known && { mount_type: known.type, mount_path: known.path }),
    };
  }
  return info;
}
