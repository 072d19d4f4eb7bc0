/** identity/entity-alias, and its older forms identity/alias and identity/persona. */
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { listing, reply } from '../../framework/reply.ts';
import { removeAlias, writeAlias } from './alias-change.ts';
import { writeEntity } from './entity.ts';
import type { IdentityCall } from './fields.ts';
import { identityPaths, metadataField } from './fields.ts';
import type { Texts } from './model.ts';
import { aliasListing, showAlias } from './show.ts';

const id = field.string('ID of the alias.', { always: true });
const pathId = field.string('ID of the alias.', { required: true });
const fields = {
  name: field.string('Name of the alias: what the auth method calls the user.', { always: true }),
  mount_accessor: field.string('Accessor of the mount that the alias belongs to.', { always: true }),
  canonical_id: field.string('ID of the entity that the alias belongs to.', { always: true }),
  entity_id: field.string('The older name of `canonical_id`.', { always: true }),
};
const customFields = { ...fields, custom_metadata: field.kvPairs('Metadata that operators set.') };

interface Sent {
  readonly id: string;
  readonly name: string;
  readonly mount_accessor: string;
  readonly canonical_id: string;
  readonly entity_id: string;
  readonly custom_metadata?: Texts | undefined;
}

const write = (sent: Sent, call: IdentityCall): Promise<Answer> =>
  writeAlias(
    {
      id: sent.id,
      name: sent.name,
      mountAccessor: sent.mount_accessor,
      canonicalId: sent.canonical_id || sent.entity_id,
      customMetadata: sent.custom_metadata,
    },
    call,
  );

const read = {
  id: { verb: 'read' },
  run: async (sent: { readonly id: string }, { context: { directory } }: IdentityCall): Promise<Answer> => {
    await directory.ready();
    const alias = directory.alias(sent.id);
    return alias && showAlias(alias, directory);
  },
};

const remove = {
  id: { verb: 'delete' },
  forward: true,
  run: (sent: { readonly id: string }, { context: { directory } }: IdentityCall): Promise<void> =>
    removeAlias(sent.id, directory),
};

const list = {
  id: { verb: 'list' },
  run: async (_: object, { context: { directory } }: IdentityCall): Promise<Answer> => {
    await directory.ready();
    const aliases = directory.aliases();
    return reply(
      listing(
        aliases.map((alias) => alias.id),
        aliasListing(aliases, directory),
      ),
    );
  },
};

export const aliasPaths = identityPaths()
  .path(
    'entity-alias',
    'Makes an alias of an entity.',
    { id, ...customFields },
    { update: { forward: true, run: write } },
    { id: { prefix: 'entity', verb: 'create', suffix: 'alias' } },
  )
  .path(
    'persona',
    'The older form of entities.',
    {
      id,
      name: fields.name,
      mount_accessor: fields.mount_accessor,
      entity_id: fields.entity_id,
      metadata: metadataField,
    },
    { update: { forward: true, run: writeEntity } },
    { id: { prefix: 'persona', verb: 'create' } },
  )
  .path(
    'alias',
    'The older form of entity-alias.',
    { id, ...fields },
    { update: { forward: true, run: write } },
    { id: { prefix: 'alias', verb: 'create' } },
  )
  .path(
    'entity-alias/id/:id',
    'An alias of an entity by its ID.',
    { id: pathId, ...customFields },
    { update: { forward: true, id: { verb: 'update' }, run: write }, read, delete: remove },
    { id: { prefix: 'entity', suffix: 'alias-by-id' } },
  )
  .path(
    'persona/id/:id',
    'The older form of entities and aliases, by ID.',
    {
      id: pathId,
      name: fields.name,
      mount_accessor: fields.mount_accessor,
      entity_id: fields.entity_id,
      metadata: metadataField,
    },
    { update: { forward: true, id: { verb: 'update' }, run: writeEntity }, read, delete: remove },
    { id: { prefix: 'persona', suffix: 'by-id' } },
  )
  .path(
    'alias/id/:id',
    'The older form of entity-alias, by ID.',
    { id: pathId, ...fields },
    { update: { forward: true, id: { verb: 'update' }, run: write }, read, delete: remove },
    { id: { prefix: 'alias', suffix: 'by-id' } },
  )
  .path(
    'entity-alias/id',
    'The IDs of all aliases of entities.',
    {},
    { list },
    { id: { prefix: 'entity', suffix: 'aliases-by-id' } },
  )
  .path(
    'persona/id',
    'The older form of entity-alias/id.',
    {},
    { list },
    { id: { prefix: 'persona', suffix: 'by-id' } },
  )
  .path('alias/id', 'The older form of entity-alias/id.', {}, { list }, { id: { prefix: 'alias', suffix: 'by-id' } });
