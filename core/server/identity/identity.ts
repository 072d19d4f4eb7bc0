/** Identity, as far as logins, policies and templates need it: entities and their aliases. Groups and endpoints follow. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import { encodeHex } from '../../codec/hex.ts';
import { failure } from '../../fault.ts';
import type { Alias, Backend } from '../../framework/logical.ts';
import { KeyedLock } from '../keyed-lock.ts';
import type { Entity, Identity, IdentityGroup, ServiceContext } from '../services.ts';
import { EntityBuckets } from './buckets.ts';
import type { StoredEntity } from './entity-codec.ts';

export const createIdentity = (context: ServiceContext): IdentityService => new IdentityService(context);

const identityEngine = engine({ type: 'identity', about: 'Who people and machines are, across auth methods.' });

export class IdentityService implements Identity {
  readonly #context: ServiceContext;
  readonly #entities: EntityBuckets;
  readonly #locks = new KeyedLock();
  #backend: Backend | undefined;

  constructor(context: ServiceContext) {
    this.#context = context;
    const storage = () => {
      const mount = context.mounts.match('identity/');
      if (mount === undefined) throw failure('identity is not mounted');
      return mount.storage;
    };
    this.#entities = new EntityBuckets(storage, context.runtime.crypto);
  }

  get backend(): Backend {
    const { runtime, barrier, system, active } = this.#context;
    this.#backend ??= createBackend(identityEngine, {
      runtime,
      mount: { point: 'identity/', type: 'identity', accessor: '', class: 'secret', uuid: '' },
      storage: barrier,
      options: {},
      system: {
        defaultLeaseTtl: () => system.defaultLeaseTtl,
        maxLeaseTtl: () => system.maxLeaseTtl,
        active,
        clusterId: '',
        entity: () => Promise.resolve(undefined),
        generatePassword: () => Promise.reject(failure('not available')),
      },
    });
    return this.#backend;
  }

  /** The same object until the entity changes, so that ACLs built for it can be kept. */
  entity(id: string): Promise<Entity | undefined> {
    return id === '' ? Promise.resolve(undefined) : this.#entities.get(id);
  }

  policies(entity: Entity): Promise<readonly string[]> {
    return Promise.resolve(entity.policies);
  }

  groups(_entity: Entity): Promise<readonly IdentityGroup[]> {
    return Promise.resolve([]);
  }

  forAlias(alias: Alias): Promise<{ entity: Entity; created: boolean } | undefined> {
    return this.#locks.run(`${alias.mountAccessor}\n${alias.name}`, async () => {
      const known = await this.#entities.byAlias(alias.mountAccessor, alias.name);
      if (known !== undefined) return { entity: await this.#refresh(known, alias), created: false };
      if (!this.#context.active) return undefined;
      const entity = this.#make(alias);
      await this.#entities.put(entity);
      return { entity, created: true };
    });
  }

  /** A login may bring new metadata for its alias. */
  async #refresh(entity: StoredEntity, alias: Alias): Promise<StoredEntity> {
    const { metadata } = alias;
    const old = entity.aliases.find((one) => one.mountAccessor === alias.mountAccessor && one.name === alias.name);
    if (old === undefined || metadata === undefined || sameMap(metadata, old.metadata ?? {}) || !this.#context.active) {
      return entity;
    }
    const lastUpdateTime = this.#context.runtime.clock.wall();
    const aliases = entity.aliases.map((one) => (one === old ? { ...old, metadata, lastUpdateTime } : one));
    const changed = { ...entity, aliases };
    await this.#entities.put(changed);
    return changed;
  }

  #make(alias: Alias): StoredEntity {
    const { system, runtime, mounts } = this.#context;
    const id = system.uuid();
    const now = runtime.clock.wall();
    const bucketKey = this.#entities.keyOf(id);
    return {
      id,
      name: `entity_${encodeHex(runtime.random.bytes(4))}.root`,
      aliases: [
        {
          id: system.uuid(),
          canonicalId: id,
          mountType: alias.mountType,
          mountAccessor: alias.mountAccessor,
          mountPath: mounts.byAccessor(alias.mountAccessor)?.point ?? '',
          ...(alias.metadata && { metadata: alias.metadata }),
          name: alias.name,
          creationTime: now,
          lastUpdateTime: now,
          namespaceId: 'root',
          local: false,
          localBucketKey: bucketKey.replace('packer/', 'packer/local-aliases/'),
        },
      ],
      metadata: {},
      creationTime: now,
      lastUpdateTime: now,
      mergedEntityIds: [],
      policies: [],
      bucketKey,
      disabled: false,
      namespaceId: 'root',
    };
  }

  count(): Promise<number> {
    return this.#entities.count();
  }

  invalidate(key: string): void {
    this.#entities.invalidate(key);
  }
}

function sameMap(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
