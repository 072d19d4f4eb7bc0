/** Making, changing, moving and removing the aliases of entities. */
import { quote } from '../../codec/go-quote.ts';
import { refuse } from '../../fault.ts';
import type { Answer } from '../../framework/reply.ts';
import type { Directory } from './directory.ts';
import { newEntity } from './entity.ts';
import { madeUpName } from './fields.ts';
import type { IdentityCall } from './fields.ts';
import { checkCustomMetadata } from './limits.ts';
import type { StoredAlias, StoredEntity, Texts } from './model.ts';
import { clonedEntity, filled } from './model.ts';

export interface AliasInput {
  readonly id: string;
  readonly name: string;
  readonly mountAccessor: string;
  /** Of the entity; '': as it is, or a new one. */
  readonly canonicalId: string;
  readonly customMetadata: Texts | undefined;
}

export function writeAlias(input: AliasInput, call: IdentityCall): Promise<Answer> {
  const { directory } = call.context;
  if (input.customMetadata !== undefined) checkCustomMetadata(input.customMetadata);
  return directory.exclusive(async () => {
    if (input.id !== '') {
      const alias = directory.alias(input.id);
      if (alias === undefined) throw refuse('invalid alias ID provided');
      return change(alias, input.customMetadata ?? filled(alias.customMetadata), input, directory);
    }
    const { name, mountAccessor } = input;
    if (name === '' || mountAccessor === '') {
      throw refuse("'id' or 'mount_accessor' and 'name' must be provided");
    }
    if (directory.isElsewhere(mountAccessor)) throw otherNamespace();
    if (directory.mount(mountAccessor) === undefined) throw noMount(mountAccessor);
    const alias = directory.aliasOf(mountAccessor, name);
    return alias === undefined ? create(input, call) : change(alias, input.customMetadata ?? {}, input, directory);
  });
}

const otherNamespace = (): Error => refuse('matching mount is in a different namespace than request', 403);

const noMount = (accessor: string): Error => refuse(`invalid mount accessor ${quote(accessor)}`);

async function create(input: AliasInput, call: IdentityCall): Promise<Answer> {
  const { directory } = call.context;
  const { name, mountAccessor, canonicalId } = input;
  let entity: StoredEntity;
  if (canonicalId === '') {
    entity = newEntity(directory, call.request.namespace.id);
    entity = { ...entity, name: madeUpName('entity', call) };
  } else {
    const known = directory.entity(canonicalId);
    if (known === undefined) {
      if (directory.entityAnywhere(canonicalId) === undefined) throw refuse('invalid canonical ID');
      throw refuse("entity found with 'canonical_id' not in request namespace", 403);
    }
    entity = clonedEntity(known);
    if (entity.aliases.some((alias) => alias.mountAccessor === mountAccessor)) {
      throw refuse('Alias already exists for requested entity and mount accessor');
    }
  }
  const now = directory.now();
  const alias: StoredAlias = {
    id: directory.uuid(),
    canonicalId: entity.id,
    mountType: '',
    mountAccessor,
    mountPath: '',
    metadata: undefined,
    name,
    creationTime: now,
    lastUpdateTime: now,
    mergedFromCanonicalIds: [],
    namespaceId: call.request.namespace.id,
    customMetadata: input.customMetadata ?? {},
    local: directory.mount(mountAccessor)?.local === true,
    localBucketKey: directory.localAliasBucket(entity.id),
  };
  await directory.putEntity({ ...entity, aliases: [...entity.aliases, alias] });
  return { id: alias.id, canonical_id: entity.id };
}

async function change(
  old: StoredAlias,
  customMetadata: Texts | undefined,
  input: AliasInput,
  directory: Directory,
): Promise<Answer> {
  const name = input.name || old.name;
  const mountAccessor = input.mountAccessor || old.mountAccessor;
  const canonicalId = input.canonicalId || old.canonicalId;
  const moved = canonicalId !== old.canonicalId;
  const renamed = name !== old.name || mountAccessor !== old.mountAccessor;
  const told = sameTexts(customMetadata, old.customMetadata);
  if (!renamed && !moved && told) return undefined;
  const owner = directory.entity(old.canonicalId);
  if (owner === undefined) throw refuse('given alias is not associated with an entity');
  if (mountAccessor !== old.mountAccessor && !moved) {
    if (owner.aliases.some((alias) => alias.mountAccessor === mountAccessor)) {
      throw refuse("Alias cannot be updated as the entity already has an alias for the given 'mount_accessor' ");
    }
  }
  const mount = directory.mount(mountAccessor);
  if (mount === undefined) throw noMount(mountAccessor);
  const namesake = directory.aliasOf(mountAccessor, name);
  if (renamed && namesake !== undefined && namesake.id !== old.id) {
    throw refuse('alias with combination of mount accessor and name already exists');
  }
  const alias: StoredAlias = {
    ...old,
    name,
    mountAccessor,
    canonicalId,
    customMetadata: told && input.id === '' ? old.customMetadata : customMetadata,
    lastUpdateTime: directory.now(),
    local: mount.local,
    localBucketKey: directory.localAliasBucket(canonicalId),
  };
  const from = clonedEntity(owner);
  if (moved) {
    const to = directory.entity(canonicalId);
    if (to === undefined) throw refuse("given 'canonical_id' is not associated with an entity");
    if (to.aliases.some((one) => one.mountAccessor === mountAccessor)) {
      throw refuse('Alias cannot be updated as the given entity already has an alias for this mount ');
    }
    const cloned = clonedEntity(to);
    await directory.putEntity({ ...cloned, aliases: [...cloned.aliases, alias] });
    await directory.putEntity({ ...from, aliases: from.aliases.filter((one) => one.id !== old.id) });
  } else {
    await directory.putEntity({ ...from, aliases: from.aliases.map((one) => (one.id === old.id ? alias : one)) });
  }
  return { id: alias.id, canonical_id: canonicalId };
}

/** A missing one is no error. */
export function removeAlias(id: string, directory: Directory): Promise<void> {
  return directory.exclusive(async () => {
    const alias = directory.alias(id);
    const owner = alias && directory.entity(alias.canonicalId);
    if (owner === undefined) return;
    await directory.putEntity({ ...clonedEntity(owner), aliases: owner.aliases.filter((one) => one.id !== id) });
  });
}

export function sameTexts(a: Texts | undefined, b: Texts | undefined): boolean {
  const keys = Object.keys(a ?? {});
  return keys.length === Object.keys(b ?? {}).length && keys.every((key) => a?.[key] === b?.[key]);
}
