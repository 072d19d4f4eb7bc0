/**
 * Where KV version 2 keeps things, all under the mount's backend UUID so that data of version 1 can lie beside it:
 *
 *   config               settings of the mount
 *   salt                 a UUID, for the names of versions
 *   metadata/<name>…     per key, names encrypted
 *   versions/abc/def…    the data, by SHA-256 of salt, key and version number
 *   policy/, archive/    the key that encrypts the names
 *   upgrading            whether the upgrade from version 1 is done
 */
import { compareText } from '../../codec/bytes.ts';
import { encodeHex } from '../../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { KeyLocks } from '../../framework/key-locks.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { Runtime } from '../../runtime.ts';
import type { Reader, Storage, Writer } from '../../storage/storage.ts';
import { inTransaction } from '../../storage/storage.ts';
import { newKeyPolicy, readKeyPolicy } from './key-policy.ts';
import type { Configuration, KeyMetadata, Timestamp, Version } from './messages.ts';
import { decodeConfiguration, decodeMetadata, decodeVersion } from './messages.ts';
import { encodeConfiguration, encodeMetadata, encodeVersion } from './messages.ts';
import { EncryptedNames } from './names.ts';

type ReadWrite = Reader & Writer;

/** A mount's memory: caches that `invalidate` empties. */
export class VersionedStore {
  readonly runtime: Runtime;
  readonly storage: Storage;
  readonly root: string;
  readonly locks = new KeyLocks();
  /** While data of version 1 is moved, requests are refused. */
  upgrading = false;
  stopped = false;
  #config: Configuration | undefined;
  /** Grows with each change of the configuration: what was read before one must not be kept after it. */
  #configChanges = 0;
  #salt: Uint8Array | undefined;
  #names: EncryptedNames | undefined;

  constructor(context: BackendContext) {
    this.runtime = context.runtime;
    this.storage = context.storage;
    this.root = `${context.backendUuid ?? context.mount.uuid}/`;
  }

  now(): Timestamp {
    const micros = this.runtime.clock.wall();
    const seconds = Math.floor(micros / 1_000_000);
    return { seconds, nanos: (micros - seconds * 1_000_000) * 1_000 };
  }

  /** Runs `body` alone among the writers of `key`, in one transaction where the storage has them. */
  change<T>(key: string, body: (storage: ReadWrite) => Promise<T>): Promise<T> {
    return this.locks.write(key, () => this.transaction(body));
  }

  /** What `body` put into the caches is forgotten when it fails. */
  async transaction<T>(body: (storage: ReadWrite) => Promise<T>): Promise<T> {
    const salt = this.#salt;
    try {
      return await inTransaction(this.storage, body);
    } catch (error) {
      if (salt === undefined) this.#salt = undefined;
      throw error;
    }
  }

  async config(storage: Reader): Promise<Configuration> {
    if (this.#config !== undefined) return { ...this.#config };
    const changes = this.#configChanges;
    const config = decodeConfiguration((await storage.get(`${this.root}config`)) ?? new Uint8Array());
    if (changes === this.#configChanges) this.#config = config;
    return { ...config };
  }

  async changeConfig(change: (config: Configuration) => void): Promise<void> {
    const config = await inTransaction(this.storage, async (storage) => {
      const changed = await this.config(storage);
      change(changed);
      await storage.put(`${this.root}config`, encodeConfiguration(changed));
      return changed;
    });
    this.#config = config;
    this.#configChanges++;
  }

  async metadata(storage: Reader, key: string): Promise<KeyMetadata | undefined> {
    const stored = await storage.get((await this.names(storage)).locate(key));
    return stored === undefined ? undefined : decodeMetadata(stored);
  }

  async putMetadata(storage: ReadWrite, metadata: KeyMetadata): Promise<void> {
    await storage.put((await this.names(storage)).locate(metadata.key), encodeMetadata(metadata));
  }

  async deleteMetadata(storage: ReadWrite, key: string): Promise<void> {
    await storage.delete((await this.names(storage)).locate(key));
  }

  /** Plain names directly under `folder`, sorted; sub-folders with a trailing '/'. */
  async list(storage: Reader, folder: string, after = '', limit = 0): Promise<string[]> {
    const names = await this.names(storage);
    const place = names.locate(folder);
    const found = names.reveal(folder, await storage.list(place.endsWith('/') ? place : `${place}/`)).sort(compareText);
    const rest = after === '' ? found : found.filter((name) => compareText(name, after) > 0);
    return limit > 0 ? rest.slice(0, limit) : rest;
  }

  async version(storage: Reader & Partial<Writer>, key: string, number: number): Promise<Version | undefined> {
    const stored = await storage.get(await this.versionPlace(storage, key, number));
    return stored === undefined ? undefined : decodeVersion(stored);
  }

  async putVersion(storage: ReadWrite, key: string, number: number, version: Version): Promise<void> {
    await storage.put(await this.versionPlace(storage, key, number), encodeVersion(version));
  }

  async versionPlace(storage: Reader & Partial<Writer>, key: string, number: number): Promise<string> {
    const salt = this.#salt ?? (await this.#loadSalt(storage));
    const id = encodeHex(this.runtime.crypto.hash('sha256', salt, encodeUtf8(`${key}|${number}`)));
    return `${this.root}versions/${id.slice(0, 3)}/${id.slice(3)}`;
  }

  // The salt is a UUID's text; its bytes are hashed before the name's.
  async #loadSalt(storage: Reader & Partial<Writer>): Promise<Uint8Array> {
    const place = `${this.root}salt`;
    const stored = await storage.get(place);
    if (stored !== undefined) return (this.#salt = encodeUtf8(decodeUtf8(stored)));
    const fresh = encodeUtf8(makeUuid((length) => this.runtime.random.bytes(length)));
    await (storage.put === undefined ? this.storage.put(place, fresh) : storage.put(place, fresh));
    return (this.#salt = fresh);
  }

  names(storage: Reader & Partial<Writer>): EncryptedNames | Promise<EncryptedNames> {
    return this.#names ?? this.#loadNames(storage);
  }

  async #loadNames(storage: Reader & Partial<Writer>): Promise<EncryptedNames> {
    const place = `${this.root}policy/metadata`;
    let stored = await storage.get(place);
    if (stored === undefined) {
      const { random, clock } = this.runtime;
      const fresh = newKeyPolicy(random.bytes(32), random.bytes(32), this.root, clock.wall());
      // Outside any transaction: what is written under this key must never outlive it.
      await this.storage.put(`${this.root}archive/metadata`, fresh.archive);
      await this.storage.put(place, fresh.policy);
      stored = fresh.policy;
    }
    return (this.#names = new EncryptedNames(this.runtime.crypto, readKeyPolicy(stored), `${this.root}metadata/`));
  }

  /** A key of the mount's view changed on another node. */
  invalidate(key: string): void {
    if (key === `${this.root}salt`) this.#salt = undefined;
    else if (key === `${this.root}policy/metadata`) this.#names = undefined;
    else if (key === `${this.root}config`) {
      this.#config = undefined;
      this.#configChanges++;
    }
  }
}
