/** Entities in memory: buckets are read when needed and dropped when they change elsewhere. */
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import type { Storage } from '../../storage/storage.ts';
import { KeyedLock } from '../keyed-lock.ts';
import type { StoredEntity } from './entity-codec.ts';
import { decodeBucket, encodeBucket } from './entity-codec.ts';

const PREFIX = 'packer/buckets/';

type Bucket = Map<string, StoredEntity>;

const aliasKey = (mountAccessor: string, name: string): string => `${mountAccessor}\n${name}`;

export class EntityBuckets {
  readonly #storage: () => Storage;
  readonly #crypto: Crypto;
  readonly #locks = new KeyedLock();
  readonly #buckets = new Map<string, Promise<Bucket>>();
  /** Entity ids by alias, of the buckets that are loaded. */
  readonly #aliases = new Map<string, string>();
  #all: Promise<void> | undefined;

  constructor(storage: () => Storage, crypto: Crypto) {
    this.#storage = storage;
    this.#crypto = crypto;
  }

  /** The first byte of the id's MD5, in decimal. */
  keyOf(id: string): string {
    return PREFIX + String(this.#crypto.hash('md5', encodeUtf8(id))[0]!);
  }

  #bucket(key: string): Promise<Bucket> {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = this.#read(key);
      this.#buckets.set(key, bucket);
      bucket.catch(() => this.#buckets.delete(key));
    }
    return bucket;
  }

  async #read(key: string): Promise<Bucket> {
    const bytes = await this.#storage().get(key);
    const bucket: Bucket = new Map();
    for (const entity of bytes === undefined ? [] : decodeBucket(bytes)) this.#index(bucket, entity);
    return bucket;
  }

  #index(bucket: Bucket, entity: StoredEntity): void {
    bucket.set(entity.id, entity);
    for (const alias of entity.aliases) this.#aliases.set(aliasKey(alias.mountAccessor, alias.name), entity.id);
  }

  async get(id: string): Promise<StoredEntity | undefined> {
    return (await this.#bucket(this.keyOf(id))).get(id);
  }

  async byAlias(mountAccessor: string, name: string): Promise<StoredEntity | undefined> {
    const known = this.#aliases.get(aliasKey(mountAccessor, name));
    const entity = known === undefined ? undefined : await this.get(known);
    if (entity !== undefined) return entity;
    await this.#loadAll();
    const id = this.#aliases.get(aliasKey(mountAccessor, name));
    return id === undefined ? undefined : this.get(id);
  }

  #loadAll(): Promise<void> {
    this.#all ??= (async () => {
      for (const name of await this.#storage().list(PREFIX)) await this.#bucket(PREFIX + name);
    })();
    this.#all.catch(() => {
      this.#all = undefined;
    });
    return this.#all;
  }

  async count(): Promise<number> {
    await this.#loadAll();
    let total = 0;
    for (const bucket of this.#buckets.values()) total += (await bucket).size;
    return total;
  }

  put(entity: StoredEntity): Promise<void> {
    const key = this.keyOf(entity.id);
    return this.#locks.run(key, async () => {
      const bucket = await this.#bucket(key);
      const next = new Map(bucket).set(entity.id, entity);
      await this.#storage().put(key, encodeBucket(key, next.values()));
      this.#index(bucket, entity);
    });
  }

  /** Key relative to the identity mount's view. */
  invalidate(key: string): void {
    if (!key.startsWith(PREFIX)) return;
    this.#buckets.delete(key);
    this.#all = undefined;
  }
}
