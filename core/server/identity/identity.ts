/** Identity as logins, tokens, policies and templates need it, over the directory that the `identity/` mount works on. */
import { encodeHex } from '../../codec/hex.ts';
import { assert } from '../../assert.ts';
import { sameTexts } from '../../engines/identity/alias-change.ts';
import { newEntity } from '../../engines/identity/entity.ts';
import { createIdentityBackend } from '../../engines/identity/identity.ts';
import type { Directory } from '../../engines/identity/directory.ts';
import { groupsOf, policiesElsewhere, policiesOf } from '../../engines/identity/membership.ts';
import type { StoredAlias, StoredEntity } from '../../engines/identity/model.ts';
import { clonedEntity } from '../../engines/identity/model.ts';
import type { Alias, Backend, BackendContext } from '../../framework/logical.ts';
import type { Entity, Identity, IdentityGroup, LoginMfa, ServiceContext } from '../services.ts';
import { refreshGroups } from './external-groups.ts';
import { LoginMfaService } from './login-mfa.ts';
import { LoginMfaStore } from './mfa-store.ts';
import { IdentityDirectory } from './identity-directory.ts';

export const createIdentity = (context: ServiceContext): IdentityService => new IdentityService(context);

const nowhere: ReadonlyMap<string, readonly string[]> = new Map();

interface Found {
  readonly entity: Entity;
  readonly created: boolean;
}

export class IdentityService implements Identity {
  readonly #context: ServiceContext;
  readonly #directory: IdentityDirectory;
  readonly mfa: LoginMfaStore;
  readonly loginMfa: LoginMfa;
  #backend: Backend | undefined;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#directory = new IdentityDirectory(context);
    this.mfa = new LoginMfaStore(context);
    this.loginMfa = new LoginMfaService(context, this.mfa);
  }

  mount(context: BackendContext): Backend {
    const { services, system } = this.#context;
    this.#backend = createIdentityBackend({
      ...context,
      directory: this.#directory,
      mfa: this.mfa,
      server: {
        apiAddr: system.apiAddr,
        token: (id) => services.tokens.lookup(id),
        accessToken: (token) => services.tokens.createAccessToken(token),
      },
    });
    return this.#backend;
  }

  async load(): Promise<void> {
    await this.#directory.ready();
    const namespace = this.#context.namespace.path;
    this.#context.runtime.log.write('debug', 'core', 'identity loading OIDC clients', { namespace });
  }

  get backend(): Backend {
    assert(this.#backend !== undefined, 'identity is mounted');
    return this.#backend;
  }

  /** The same object until the entity changes, so that ACLs built for it can be kept. */
  async entity(id: string): Promise<Entity | undefined> {
    if (id === '') return undefined;
    await this.#directory.ready();
    return this.#directory.entity(id) ?? this.#directory.entityByMergedId(id);
  }

  async policies(entity: Entity): Promise<readonly string[]> {
    await this.#directory.ready();
    return policiesOf(entity as StoredEntity, this.#directory);
  }

  async policiesElsewhere(entity: Entity): Promise<ReadonlyMap<string, readonly string[]>> {
    if (!this.#context.system.crossNamespaceIdentity) return nowhere;
    await this.#directory.ready();
    const { path } = this.#context.namespace;
    // Groups above the entity, or beside it, may have it as a member, and give it nothing.
    const below = (id: string): boolean => this.#context.in(id)?.namespace.path.startsWith(path) === true;
    return policiesElsewhere(entity as StoredEntity, this.#directory, below);
  }

  get directory(): Directory {
    return this.#directory;
  }

  async groups(entity: Entity): Promise<readonly IdentityGroup[]> {
    await this.#directory.ready();
    const { direct, inherited } = groupsOf(entity.id, this.#directory);
    return [...direct, ...inherited];
  }

  get changes(): number {
    return this.#directory.changes;
  }

  async refreshGroups(entityId: string, names: readonly string[], mountAccessor: string): Promise<void> {
    await this.#directory.ready();
    if (this.#context.active) await refreshGroups(entityId, names, mountAccessor, this.#directory);
  }

  async forAlias(alias: Alias): Promise<Found | undefined> {
    await this.#directory.ready();
    const known = this.#find(alias);
    if (known !== undefined && !this.#isNews(known, alias)) return { entity: known, created: false };
    if (!this.#context.active) return known && { entity: known, created: false };
    return this.#directory.exclusive(async () => {
      const again = this.#find(alias);
      if (again !== undefined) return { entity: await this.#refresh(again, alias), created: false };
      const entity = this.#make(alias);
      await this.#directory.putEntity(entity);
      return { entity, created: true };
    });
  }

  #find({ mountAccessor, name }: Alias): StoredEntity | undefined {
    const alias = this.#directory.aliasOf(mountAccessor, name);
    return alias && this.#directory.entity(alias.canonicalId);
  }

  /** A login may bring new metadata for its alias. */
  #isNews(entity: StoredEntity, { mountAccessor, name, metadata }: Alias): boolean {
    if (metadata === undefined) return false;
    // A name in another case is the same alias, but, as upstream has it, no news.
    const old = entity.aliases.find((one) => one.name === name && isAlias(one, mountAccessor, name));
    return old !== undefined && !sameTexts(metadata, old.metadata);
  }

  async #refresh(entity: StoredEntity, alias: Alias): Promise<StoredEntity> {
    if (!this.#isNews(entity, alias)) return entity;
    const lastUpdateTime = this.#directory.now();
    const cloned = clonedEntity(entity);
    const aliases = cloned.aliases.map((one) =>
      isAlias(one, alias.mountAccessor, alias.name) ? { ...one, metadata: alias.metadata, lastUpdateTime } : one,
    );
    await this.#directory.putEntity({ ...cloned, aliases });
    return this.#directory.entity(entity.id) ?? entity;
  }

  #make(alias: Alias): StoredEntity {
    const { runtime, namespace } = this.#context;
    const directory = this.#directory;
    const named = directory.now();
    const entity = newEntity(directory, namespace.id);
    const mount = directory.mount(alias.mountAccessor);
    return {
      ...entity,
      name: `entity_${encodeHex(runtime.random.bytes(4))}.${namespace.id}`,
      aliases: [
        {
          id: directory.uuid(),
          canonicalId: entity.id,
          mountType: alias.mountType,
          mountAccessor: alias.mountAccessor,
          mountPath: mount?.path ?? '',
          metadata: alias.metadata,
          name: alias.name,
          creationTime: named,
          lastUpdateTime: named,
          mergedFromCanonicalIds: [],
          namespaceId: namespace.id,
          customMetadata: undefined,
          local: mount?.local === true,
          localBucketKey: directory.localAliasBucket(entity.id),
        },
      ],
    };
  }

  async aliasCounts(): Promise<ReadonlyMap<string, number>> {
    await this.#directory.ready();
    const counts = new Map<string, number>();
    for (const { aliases } of this.#directory.entities())
      for (const { mountAccessor } of aliases) counts.set(mountAccessor, (counts.get(mountAccessor) ?? 0) + 1);
    return counts;
  }

  async count(): Promise<number> {
    await this.#directory.ready();
    return this.#directory.entityCount();
  }

  invalidateMfa(key: string): void {
    this.mfa.invalidate(key);
  }

  invalidate(key: string): void {
    this.#directory.invalidate(key);
    this.#backend?.invalidate?.(key);
  }
}

const isAlias = (alias: StoredAlias, mountAccessor: string, name: string): boolean =>
  alias.mountAccessor === mountAccessor && alias.name.toLowerCase() === name.toLowerCase();
