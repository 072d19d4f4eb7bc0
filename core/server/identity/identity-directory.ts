/**
 * All entities and groups of the server: read from storage once, kept in memory, and read again bucket by bucket
 * where another node changed them.
 */
import { makeUuid } from '../../codec/uuid.ts';
import type { AliasMount, Directory } from '../../engines/identity/directory.ts';
import type { StoredAlias, StoredEntity, StoredGroup } from '../../engines/identity/model.ts';
import { failure } from '../../fault.ts';
import { Mutex } from '../../mutex.ts';
import type { Storage } from '../../storage/storage.ts';
import { measure } from '../../telemetry/measure.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';
import { inNamespace, namespaceIdOf } from '../namespaces/ids.ts';
import type { ServiceContext } from '../services.ts';
import { decodeLocalAliases, encodeLocalAliases } from './alias-codec.ts';
import { decodeEntity, encodeEntity } from './entity-codec.ts';
import { byId, EntityIndex } from './entity-index.ts';
import { decodeGroup, encodeGroup } from './group-codec.ts';
import { GroupIndex } from './group-index.ts';
import { Packer } from './packer.ts';

const PREFIX = 'packer/';
/** Moments this near, in micros, are told apart; a clock that was set back further is believed. */
const SAME = 1_000;

export class IdentityDirectory implements Directory {
  readonly #context: ServiceContext;
  readonly #entityPacker: Packer;
  readonly #localPacker: Packer;
  readonly #groupPacker: Packer;
  readonly #entities = new EntityIndex();
  readonly #groups = new GroupIndex();
  readonly #writing = new Mutex();
  /** Names of buckets ('7') that have to be read again; undefined: all, nothing was read yet. */
  #staleEntities: Set<string> | undefined;
  #staleGroups: Set<string> | undefined;
  /** The moment that was told last. */
  #told = 0;
  #reading: Promise<void> | undefined;
  #changes = 0;

  readonly #crossing: boolean;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#crossing = context.system.crossNamespaceIdentity;
    const { crypto } = context.runtime;
    const storage = (): Storage => {
      const mount = context.mounts.match('identity/');
      if (mount === undefined) throw failure('identity is not mounted');
      return mount.storage;
    };
    this.#entityPacker = new Packer(storage, crypto, `${PREFIX}buckets/`, 'identity.Entity');
    this.#localPacker = new Packer(storage, crypto, `${PREFIX}local-aliases/buckets/`, 'identity.LocalAliases');
    this.#groupPacker = new Packer(storage, crypto, `${PREFIX}group/buckets/`, 'identity.Group');
    if (context.runtime.metrics !== undefined) this.#measure(context.runtime.metrics);
  }

  /** Grows with every change: what was derived from entities and groups holds as long as it stays. */
  get changes(): number {
    if (!this.#crossing) return this.#changes;
    return [...this.#everywhere()].reduce((sum, directory) => sum + directory.#changes, 0);
  }

  // What upstream does in two steps, and measures twice, is one here.
  #measure(metrics: Metrics): void {
    measure<IdentityDirectory>(this, metrics, {
      putEntity: 'vault.identity.upsert_entity_txn',
      putGroup: 'vault.identity.upsert_group_txn',
    });
    measure<IdentityDirectory>(this, metrics, { putEntity: 'vault.identity.upsert_entity' });
    for (const packer of [this.#entityPacker, this.#localPacker, this.#groupPacker]) {
      measure(packer, metrics, { put: 'vault.storage_packer.put_bucket' });
      measure(packer, metrics, { put: 'vault.storage_packer.put_item' });
    }
  }

  // ---- reading from storage

  ready(): Promise<void> {
    return this.#crossing ? this.#readyEverywhere() : this.#readyHere();
  }

  async #readyEverywhere(): Promise<void> {
    for (const directory of this.#everywhere()) await directory.#readyHere();
  }

  /** The directories of all namespaces that are not sealed, where groups may have members from any. */
  *#everywhere(): Iterable<IdentityDirectory> {
    for (const { services } of this.#context.all()) yield services.identity.directory as IdentityDirectory;
  }

  /** Of the namespace that an id names; undefined: it is none that members may be from. */
  #home(id: string): IdentityDirectory | undefined {
    const namespace = namespaceIdOf(id);
    if (namespace === '' ? this.#context.namespace.id === rootNamespace.id : namespace === this.#context.namespace.id)
      return this;
    return this.#crossing ? (this.#context.in(namespace)?.services.identity.directory as IdentityDirectory) : undefined;
  }

  #readyHere(): Promise<void> {
    if (this.#staleEntities?.size === 0 && this.#staleGroups?.size === 0) return done;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    if (this.#staleEntities === undefined) await this.#readAll();
    await drain((this.#staleEntities ??= new Set()), (name) => this.#readEntities(name));
    await drain((this.#staleGroups ??= new Set()), (name) => this.#readGroups(name));
  }

  /** For the first time, which is told. */
  async #readAll(): Promise<void> {
    const { log } = this.#context.runtime;
    const namespace = this.#context.namespace.path;
    log.write('debug', 'core', 'loading entities', { namespace });
    const buckets = (await this.#entityPacker.keys()).map(nameOf);
    this.#staleEntities = new Set([...buckets, ...(await this.#localPacker.keys()).map(nameOf)]);
    log.write('debug', 'core', 'entities collected', { num_existing: buckets.length });
    if (buckets.length > 0) log.write('debug', 'core', 'entities loading', { progress: 0 });
    await drain(this.#staleEntities, (name) => this.#readEntities(name));
    log.write('info', 'core', 'entities restored');
    log.write('debug', 'core', 'identity loading groups', { namespace });
    this.#staleGroups = new Set((await this.#groupPacker.keys()).map(nameOf));
    log.write('debug', 'core', 'groups collected', { num_existing: this.#staleGroups.size });
    await drain(this.#staleGroups, (name) => this.#readGroups(name));
    log.write('info', 'core', 'groups restored');
  }

  async #readEntities(name: string): Promise<void> {
    const key = this.#entityPacker.prefix + name;
    const before = this.#entityPacker.idsOf(key);
    const stored = await this.#entityPacker.load(key);
    const locals = await this.#localPacker.load(this.#localPacker.prefix + name);
    for (const id of before) this.#entities.remove(id);
    for (const [id, message] of stored) {
      const entity = decodeEntity(message);
      const more = locals.get(id);
      const aliases = more === undefined ? entity.aliases : [...entity.aliases, ...decodeLocalAliases(more)];
      this.#entities.put({ ...entity, aliases, bucketKey: key });
    }
    this.#changes++;
  }

  async #readGroups(name: string): Promise<void> {
    const key = this.#groupPacker.prefix + name;
    const before = this.#groupPacker.idsOf(key);
    const stored = await this.#groupPacker.load(key);
    for (const id of before) this.#groups.remove(id);
    for (const message of stored.values()) this.#groups.put({ ...decodeGroup(message), bucketKey: key });
    this.#changes++;
  }

  /** A key of the identity mount changed elsewhere. */
  invalidate(key: string): void {
    if (!key.startsWith(PREFIX)) return;
    if (key.startsWith(this.#groupPacker.prefix)) this.#staleGroups?.add(nameOf(key));
    else this.#staleEntities?.add(nameOf(key));
  }

  exclusive<T>(body: () => Promise<T>): Promise<T> {
    // Where a change may reach other namespaces, all wait for one another.
    const first = this.#crossing ? (this.#home('') ?? this) : this;
    return first.#writing.run(async () => {
      await this.ready();
      return body();
    });
  }

  // ---- entities

  entity(id: string): StoredEntity | undefined {
    return this.#entities.entities.get(id);
  }
  entityByName(name: string): StoredEntity | undefined {
    return this.#entities.byName(name);
  }
  entityByMergedId(id: string): StoredEntity | undefined {
    return this.#entities.byMergedId(id);
  }
  entities(): readonly StoredEntity[] {
    return byId(this.#entities.entities.values());
  }
  entityCount(): number {
    return this.#entities.entities.size;
  }
  alias(id: string): StoredAlias | undefined {
    return this.#entities.aliases.get(id);
  }
  aliasOf(mountAccessor: string, name: string): StoredAlias | undefined {
    return this.#entities.byAlias(mountAccessor, name);
  }
  aliases(): readonly StoredAlias[] {
    return byId(this.#entities.aliases.values());
  }
  dropAlias(id: string): void {
    this.#entities.dropAlias(id);
  }

  async putEntity(entity: StoredEntity): Promise<void> {
    await this.#entityPacker.put(entity.id, encodeEntity(entity));
    const locals = entity.aliases.filter((alias) => alias.local);
    if (locals.length > 0) await this.#localPacker.put(entity.id, encodeLocalAliases(locals));
    else await this.#localPacker.delete(entity.id);
    // Aliases that a merge hid stay hidden.
    const before = this.#entities.entities.get(entity.id);
    const hidden = before?.aliases.map(({ id }) => id).filter((id) => !this.#entities.aliases.has(id));
    this.#entities.put(entity, new Set(hidden));
    this.#changes++;
  }

  async putMerged(entity: StoredEntity): Promise<void> {
    const { aliases } = this.#entities;
    const known = entity.aliases.flatMap(({ id }) => aliases.get(id) ?? []);
    await this.putEntity(entity);
    for (const alias of known) if (alias.canonicalId === entity.id) aliases.set(alias.id, alias);
  }

  async deleteEntity(id: string): Promise<void> {
    await this.#entityPacker.delete(id);
    await this.#localPacker.delete(id);
    this.#entities.remove(id);
    this.#changes++;
  }

  // ---- groups

  group(id: string): StoredGroup | undefined {
    return this.#groups.groups.get(id);
  }
  groupByName(name: string): StoredGroup | undefined {
    return this.#groups.byName(name);
  }
  groups(): readonly StoredGroup[] {
    return byId(this.#groups.groups.values());
  }
  groupAlias(id: string): StoredAlias | undefined {
    return this.#groups.aliases.get(id);
  }
  groupAliasOf(mountAccessor: string, name: string): StoredAlias | undefined {
    return this.#groups.byAlias(mountAccessor, name);
  }
  groupAliases(): readonly StoredAlias[] {
    return byId(this.#groups.aliases.values());
  }
  groupsOf(entityId: string): readonly StoredGroup[] {
    return this.#ofAll((groups) => groups.withMember(entityId));
  }
  childrenOf(groupId: string): readonly StoredGroup[] {
    return this.#ofAll((groups) => groups.withParent(groupId));
  }

  #ofAll(find: (groups: GroupIndex) => readonly StoredGroup[]): readonly StoredGroup[] {
    if (!this.#crossing) return find(this.#groups);
    return byId([...this.#everywhere()].flatMap((directory) => find(directory.#groups)));
  }

  entityAnywhere(id: string): StoredEntity | undefined {
    return this.#home(id)?.entity(id);
  }
  groupAnywhere(id: string): StoredGroup | undefined {
    return this.#home(id)?.group(id);
  }

  async putGroup(group: StoredGroup): Promise<void> {
    const home = this.#home(group.id);
    if (home !== undefined && home !== this) return home.putGroup(group);
    const next = { ...group, modifyIndex: group.modifyIndex + 1 };
    await this.#groupPacker.put(group.id, encodeGroup(next));
    this.#groups.put(next);
    this.#changes++;
  }

  async deleteGroup(id: string): Promise<void> {
    await this.#groupPacker.delete(id);
    this.#groups.remove(id);
    this.#changes++;
  }

  // ---- around them

  entityBucket(id: string): string {
    return this.#entityPacker.keyOf(id);
  }
  localAliasBucket(id: string): string {
    return this.#localPacker.keyOf(id);
  }
  groupBucket(id: string): string {
    return this.#groupPacker.keyOf(id);
  }
  uuid(): string {
    const uuid = makeUuid((length) => this.#context.runtime.random.bytes(length));
    return inNamespace(uuid, this.#context.namespace);
  }
  now(): number {
    const wall = this.#context.runtime.clock.wall();
    const near = wall <= this.#told && this.#told - wall < SAME;
    return (this.#told = near ? this.#told + 1 : wall);
  }
  mount(accessor: string): AliasMount | undefined {
    const mount = this.#context.mounts.byAccessor(accessor);
    if (mount === undefined) return undefined;
    const { type, local, accessor: own } = mount.entry;
    return { type, path: mount.point, local, accessor: own };
  }
  isElsewhere(accessor: string): boolean {
    return this.mount(accessor) === undefined && this.#context.namespaceOfMount(accessor) !== undefined;
  }
}

const done = Promise.resolve();

const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** What is marked again while it is being read is read again. */
async function drain(stale: Set<string>, read: (name: string) => Promise<void>): Promise<void> {
  for (const name of stale) {
    stale.delete(name);
    try {
      await read(name);
    } catch (error) {
      stale.add(name);
      throw error;
    }
  }
}
