/** identity/entity: people and machines, by id and by name. */
import type { JsonObject } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import type { Answer } from '../../framework/reply.ts';
import { listing, reply } from '../../framework/reply.ts';
import { field } from '../../framework/field.ts';
import type { Directory } from './directory.ts';
import type { IdentityCall } from './fields.ts';
import {
  cleanPolicies,
  identityPaths,
  madeUpName,
  metadataAfter,
  metadataField,
  named,
  policiesField,
} from './fields.ts';
import { checkMetadata } from './limits.ts';
import { groupsToLeave } from './membership.ts';
import type { StoredEntity, Texts } from './model.ts';
import { clonedEntity, clonedGroup } from './model.ts';
import { aliasInfo, showEntity } from './show.ts';

export interface EntityInput {
  readonly id: string;
  readonly name: string;
  readonly metadata?: Texts | undefined;
  readonly policies?: readonly string[] | undefined;
  readonly disabled?: boolean | undefined;
}

/** An entity without anything, not stored yet. */
export function newEntity(directory: Directory, namespaceId: string): StoredEntity {
  const id = directory.uuid();
  const now = directory.now();
  return {
    id,
    name: '',
    aliases: [],
    metadata: undefined,
    creationTime: now,
    lastUpdateTime: now,
    mergedEntityIds: [],
    policies: [],
    bucketKey: directory.entityBucket(id),
    mfaSecrets: {},
    disabled: false,
    namespaceId,
  };
}

/** Makes or changes one; what is not sent stays. */
export function writeEntity(input: EntityInput, call: IdentityCall): Promise<Answer> {
  const { directory } = call.context;
  return directory.exclusive(async () => {
    let known = input.id === '' ? undefined : directory.entity(input.id);
    if (input.id !== '' && known === undefined) throw refuse('entity not found from id');
    const namesake = input.name === '' ? undefined : directory.entityByName(input.name);
    if (known !== undefined && namesake !== undefined && namesake.id !== known.id) {
      throw refuse('entity name is already in use');
    }
    known ??= namesake;
    const base = known === undefined ? newEntity(directory, call.request.namespace.id) : clonedEntity(known);
    const policies = input.policies === undefined ? base.policies : cleanPolicies(input.policies);
    if (input.metadata !== undefined) checkMetadata(input.metadata, 'entity');
    const entity: StoredEntity = {
      ...base,
      name: input.name || base.name || madeUpName('entity', call),
      policies,
      metadata: metadataAfter(input.metadata, base.metadata, call),
      disabled: input.disabled ?? base.disabled,
      lastUpdateTime: known === undefined ? base.creationTime : directory.now(),
    };
    await directory.putEntity(entity);
    return known === undefined ? { id: entity.id, name: entity.name, aliases: null } : undefined;
  });
}

/** With its aliases and its places in groups; a missing one is no error. */
async function removeEntity(entity: StoredEntity | undefined, directory: Directory): Promise<void> {
  if (entity === undefined) return;
  for (const group of groupsToLeave(entity, directory)) {
    const memberEntityIds = (group.memberEntityIds ?? []).filter((id) => id !== entity.id);
    await directory.putGroup({ ...clonedGroup(group), memberEntityIds });
  }
  await directory.deleteEntity(entity.id);
}

async function read(find: (directory: Directory) => StoredEntity | undefined, call: IdentityCall): Promise<Answer> {
  const { directory } = call.context;
  await directory.ready();
  const entity = find(directory);
  return entity && showEntity(entity, directory);
}

const name = field.string('Name of the entity.', { always: true });
const disabled = field.bool('Tokens of a disabled entity are refused, but not revoked.');
const settings = { metadata: metadataField, policies: policiesField, disabled };
const id = field.string('ID of the entity; with it an existing entity is changed.', { always: true });

export const entityPaths = identityPaths()
  .path(
    'entity',
    'Makes an entity.',
    { id, name, ...settings },
    { update: { forward: true, id: { verb: 'create' }, run: writeEntity } },
    { id: { prefix: 'entity' } },
  )
  .path(
    'entity/name/:name{.+}',
    'An entity by its name.',
    { name: field.string('Name of the entity.', { required: true }), id, ...settings },
    {
      update: { forward: true, id: { verb: 'update' }, run: writeEntity },
      read: {
        id: { verb: 'read' },
        run: (sent, call) => read((directory) => directory.entityByName(sent.name), call),
      },
      delete: {
        forward: true,
        id: { verb: 'delete' },
        run: (sent, { context: { directory } }) =>
          directory.exclusive(() => removeEntity(directory.entityByName(sent.name), directory)),
      },
    },
    { id: { prefix: 'entity', suffix: 'by-name' } },
  )
  .path(
    'entity/id/:id',
    'An entity by its ID.',
    { id: field.string('ID of the entity.', { required: true }), name, ...settings },
    {
      update: { forward: true, id: { verb: 'update' }, run: writeEntity },
      read: { id: { verb: 'read' }, run: (sent, call) => read((directory) => directory.entity(sent.id), call) },
      delete: {
        forward: true,
        id: { verb: 'delete' },
        run: (sent, { context: { directory } }) =>
          directory.exclusive(() => removeEntity(directory.entity(sent.id), directory)),
      },
    },
    { id: { prefix: 'entity', suffix: 'by-id' } },
  )
  .path(
    'entity/batch-delete',
    'Deletes several entities.',
    { entity_ids: field.commaStrings('IDs of the entities.', { always: true }) },
    {
      update: {
        forward: true,
        run: async ({ entity_ids }, { context: { directory } }) => {
          if (entity_ids.length === 0) throw refuse('missing entity ids to delete');
          await directory.exclusive(async () => {
            for (const one of entity_ids) await removeEntity(directory.entity(named(one, 'entity id')), directory);
          });
        },
      },
    },
    { id: { prefix: 'entity', verb: 'batch-delete' } },
  )
  .path(
    'entity/name',
    'The names of all entities.',
    {},
    {
      list: {
        run: async (_, { context: { directory } }) => {
          await directory.ready();
          return directory.entities().map((entity) => entity.name);
        },
      },
    },
    { id: { prefix: 'entity', suffix: 'by-name' } },
  )
  .path(
    'entity/id',
    'The IDs of all entities.',
    {},
    {
      list: {
        run: async (_, { context: { directory } }) => {
          await directory.ready();
          const info: JsonObject = {};
          const entities = directory.entities();
          for (const entity of entities) {
            const aliases = entity.aliases.map((alias) => aliasInfo(alias, directory));
            info[entity.id] = { name: entity.name, ...(aliases.length > 0 && { aliases }) };
          }
          return reply(
            listing(
              entities.map((entity) => entity.id),
              info,
            ),
          );
        },
      },
    },
    { id: { prefix: 'entity', suffix: 'by-id' } },
  );
