/**
 * Keys outside: which servers hold them (`configs/<config>`), which key of a server is meant, and which mounts may use
 * it (`keys/<config>/<key>`), under `sys/external-keys/`.
 */
import { asObject, asString } from '../../codec/json-fields.ts';
import { emptyObject, parseObject } from '../../codec/json.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { encodeEntry } from '../../framework/collection.ts';
import type { Page, Storage } from '../../storage/storage.ts';
import { StorageView } from '../../storage/view.ts';

export interface KeyConfig {
  /** Of the plugin that reaches the server. */
  readonly plugin: string;
  readonly values: JsonObject;
}

export interface ExternalKey {
  readonly values: JsonObject;
  /** Mount points with a trailing '/'. */
  readonly grants: readonly string[];
}

/** Those of a namespace, from its storage. */
export const externalKeysOf = (storage: Storage): ExternalKeys =>
  new ExternalKeys(new StorageView(storage, 'sys/external-keys/'));

export class ExternalKeys {
  readonly #storage: Storage;

  /** `storage` is what is below sys/external-keys/. */
  constructor(storage: Storage) {
    this.#storage = storage;
  }

  configs(page?: Page): Promise<readonly string[]> {
    return this.#storage.list('configs/', page);
  }

  async config(name: string): Promise<KeyConfig | undefined> {
    const bytes = await this.#storage.get(`configs/${name}`);
    if (bytes === undefined) return undefined;
    const stored = parseObject(bytes);
    return { plugin: asString(stored['plugin']) ?? '', values: asObject(stored['values']) ?? emptyObject() };
  }

  putConfig(name: string, { plugin, values }: KeyConfig): Promise<void> {
    const entry = new Map<string, JsonValue>([
      ['plugin', plugin],
      ['values', values],
    ]);
    return this.#storage.put(`configs/${name}`, encodeEntry(entry));
  }

  /** With the keys that it has. */
  async deleteConfig(name: string): Promise<void> {
    for (const key of await this.keys(name)) await this.deleteKey(name, key);
    await this.#storage.delete(`configs/${name}`);
  }

  keys(config: string, page?: Page): Promise<readonly string[]> {
    return this.#storage.list(`keys/${config}/`, page);
  }

  async key(config: string, name: string): Promise<ExternalKey | undefined> {
    const bytes = await this.#storage.get(`keys/${config}/${name}`);
    if (bytes === undefined) return undefined;
    const stored = parseObject(bytes);
    const grants = Object.keys(asObject(stored['grants']) ?? {}).sort();
    return { values: asObject(stored['values']) ?? emptyObject(), grants };
  }

  putKey(config: string, name: string, { values, grants }: ExternalKey): Promise<void> {
    const entry = new Map<string, JsonValue>([['values', values]]);
    entry.set('grants', Object.fromEntries(grants.map((mount) => [mount, emptyObject()])));
    return this.#storage.put(`keys/${config}/${name}`, encodeEntry(entry));
  }

  deleteKey(config: string, name: string): Promise<void> {
    return this.#storage.delete(`keys/${config}/${name}`);
  }
}
