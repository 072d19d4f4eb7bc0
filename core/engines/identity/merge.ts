/** identity/entity/merge: several entities become one. */
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import type { Directory } from './directory.ts';
import { identityPaths } from './fields.ts';
import type { StoredAlias, StoredEntity } from './model.ts';
import { clonedEntity, clonedGroup } from './model.ts';

/** Both sides have an alias on the same mount. */
interface Clash {
  readonly from: StoredEntity;
  readonly fromAlias: StoredAlias;
  readonly toAlias: StoredAlias;
}

function clashesOf(to: StoredEntity, sources: readonly StoredEntity[]): Clash[] {
  return sources.flatMap((from) =>
    from.aliases.flatMap((fromAlias) =>
      to.aliases
        .filter((toAlias) => toAlias.mountAccessor === fromAlias.mountAccessor)
        .map((toAlias) => ({ from, fromAlias, toAlias })),
    ),
  );
}

function clashReply(to: StoredEntity, clashes: readonly Clash[], directory: Directory): Answer {
  const side = (entity: StoredEntity, alias: StoredAlias): JsonObject => {
    const mount = directory.mount(alias.mountAccessor);
    return {
      alias: alias.name,
      entity: entity.name,
      entity_id: entity.id,
      mount: mount?.type ?? '',
      mount_path: mount?.path ?? '',
    };
  };
  const lines = clashes.map(
    ({ from, fromAlias, toAlias }) =>
      `\t* mountAccessor: ${fromAlias.mountAccessor}, toEntity ID: ${to.id}, fromEntity ID: ${from.id}, conflicting toEntity alias ID: ${toAlias.id}, conflicting fromEntity alias ID: ${fromAlias.id}\n`,
  );
  const head =
    '\t* toEntity and at least one fromEntity have aliases with the same mount accessor, repeat the merge request specifying exactly one fromEntity, clashes: \n';
  const errors = [`${lines.length + 1} errors occurred:\n${head}${lines.join('')}\n`];
  const data = clashes.flatMap(({ from, fromAlias, toAlias }) => [side(to, toAlias), side(from, fromAlias)]);
  const body = encodeUtf8(
    `${print(
      new Map<string, JsonValue>([
        ['errors', errors],
        ['data', data],
      ]),
    )}
`,
  );
  return reply({ raw: { status: 400, contentType: 'application/json', body } });
}

/** The aliases of `to` that give way. Those of `from` come along even when told not to keep them, as upstream. */
function losersOf(clashes: readonly Clash[], keep: readonly string[]): ReadonlySet<string> {
  const losers = new Set<string>();
  for (const { fromAlias, toAlias } of clashes) {
    if (keep.includes(toAlias.id)) continue;
    if (!keep.includes(fromAlias.id)) {
      throw refuse(
        `conflicting mount accessors in following alias IDs and neither were present in conflicting_alias_ids_to_keep: ${fromAlias.id}, ${toAlias.id}`,
      );
    }
    losers.add(toAlias.id);
  }
  return losers;
}

async function moveMembership(from: StoredEntity, to: StoredEntity, directory: Directory): Promise<void> {
  for (const { id } of directory.groupsOf(from.id)) {
    const group = clonedGroup(directory.groupAnywhere(id)!);
    const without = (group.memberEntityIds ?? []).filter((member) => member !== from.id);
    await directory.putGroup({ ...group, memberEntityIds: without });
    if (without.includes(to.id)) continue;
    await directory.putGroup({ ...directory.groupAnywhere(id)!, memberEntityIds: [...without, to.id] });
  }
}

async function merge(
  target: string,
  sources: readonly StoredEntity[],
  losers: ReadonlySet<string>,
  directory: Directory,
): Promise<void> {
  let to = clonedEntity(directory.entity(target)!);
  for (const source of sources) {
    const from = clonedEntity(source);
    const moved = from.aliases.map((alias) => ({
      ...alias,
      canonicalId: to.id,
      mergedFromCanonicalIds: [...alias.mergedFromCanonicalIds, from.id],
      localBucketKey: directory.localAliasBucket(to.id),
    }));
    to = {
      ...to,
      aliases: [...to.aliases, ...moved],
      mergedEntityIds: [...to.mergedEntityIds, ...from.mergedEntityIds, from.id],
      mfaSecrets: { ...from.mfaSecrets, ...to.mfaSecrets },
    };
    await moveMembership(from, to, directory);
    await directory.deleteEntity(from.id);
  }
  await directory.putMerged(to);
  for (const id of losers) directory.dropAlias(id);
}

export const mergePaths = identityPaths().path(
  'entity/merge/?',
  'Merges entities into one.',
  {
    from_entity_ids: field.commaStrings('IDs of the entities that are merged and go.', { always: true }),
    to_entity_id: field.string('ID of the entity that they become.', { always: true }),
    conflicting_alias_ids_to_keep: field.commaStrings('Of two aliases on one mount, the IDs of those to keep.', {
      always: true,
    }),
    force: field.bool('Merge even where MFA secrets of the same method are lost.', { always: true }),
  },
  {
    update: {
      forward: true,
      run: (sent, { context: { directory } }) => {
        const { to_entity_id: target, conflicting_alias_ids_to_keep: keep } = sent;
        const ids = [...new Set(sent.from_entity_ids)].sort();
        if (target === '') throw refuse('missing entity id to merge to');
        if (ids.length === 0) throw refuse('missing entity ids to merge from');
        return directory.exclusive(async () => {
          const to = directory.entity(target);
          if (to === undefined) {
            const elsewhere = directory.entityAnywhere(target) !== undefined;
            throw refuse(
              elsewhere
                ? "entity id to merge into does not belong to the request's namespace"
                : 'entity id to merge to is invalid',
            );
          }
          if (sent.from_entity_ids.length > 1 && keep.length > 1) {
            throw refuse(
              'aliases conflicts cannot be resolved with multiple from entity ids - merge one entity at a time',
            );
          }
          const sources = ids
            .filter((id) => id !== '')
            .map((id) => {
              if (id === target) throw refuse('to_entity_id should not be present in from_entity_ids');
              const from = directory.entity(id);
              if (from === undefined) throw refuse('entity id to merge from is invalid');
              return from;
            });
          const clashes = clashesOf(to, sources);
          if (clashes.length > 0 && keep.length === 0) return clashReply(to, clashes, directory);
          await merge(target, sources, losersOf(clashes, keep), directory);
          return undefined;
        });
      },
    },
  },
  { id: { prefix: 'entity', verb: 'merge' } },
);
