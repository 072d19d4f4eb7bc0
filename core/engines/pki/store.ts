/** Reading and writing what a mount stores, by reference where clients give one. */
import type { Micros } from '../../runtime.ts';
import type { JsonObject } from '../../codec/json.ts';
import { failure, refuse, type Fault } from '../../fault.ts';
import { Collection } from '../../framework/collection.ts';
import type { SigningKey } from '../../crypto/keys/key.ts';
import type { Reader, Writer } from '../../storage/storage.ts';
import {
  COLLECTIONS,
  DEFAULT_CRL,
  NO_CRLS,
  NO_URLS,
  urlsForm,
  type AiaUrls,
  type ClusterConfig,
  type CrlConfig,
  type CrlState,
  type Issuer,
  type IssuersConfig,
  type Key,
  type Revocation,
} from './model.ts';
import type { KeysElsewhere } from './external-keys.ts';
import { signingKeyOf } from './key-spec.ts';

export const DEFAULT_REF = 'default';
const ENTRY_NAME = /^\w(([\w-.]+)?\w)?$/;
export const isEntryName = (name: string): boolean => ENTRY_NAME.test(name);

/** A reference that leads nowhere; paths differ in what they make of it. */
export class Unresolved extends Error {}

/** What an unresolved reference is to a path that only asked for it. */
export const unresolvedFailure = (error: unknown): unknown =>
  error instanceof Unresolved ? failure(error.message) : error;

export class PkiStore {
  readonly storage: Reader & Writer;
  readonly #system: KeysElsewhere;
  readonly issuers: Collection<Issuer>;
  readonly keys: Collection<Key>;
  readonly revoked: Collection<Revocation>;
  readonly #settings: Collection<JsonObject>;
  readonly #crl: Collection<CrlConfig>;
  readonly #crlState: Collection<CrlState>;

  constructor(storage: Reader & Writer, system: KeysElsewhere) {
    this.#system = system;
    this.storage = storage;
    this.issuers = new Collection(COLLECTIONS.issuers, storage);
    this.keys = new Collection(COLLECTIONS.keys, storage);
    this.revoked = new Collection(COLLECTIONS.revoked, storage);
    this.#settings = new Collection(COLLECTIONS.settings, storage);
    this.#crl = new Collection(COLLECTIONS.crlSettings, storage);
    this.#crlState = new Collection(COLLECTIONS.crlState, storage);
  }

  async issuersConfig(): Promise<IssuersConfig> {
    const stored = await this.#settings.get('issuers');
    return {
      default: typeof stored?.['default'] === 'string' ? stored['default'] : '',
      followsLatest: stored?.['default_follows_latest_issuer'] === true,
    };
  }

  /** Another issuer is the default: both it and the former one count as changed. */
  async changeDefault(config: IssuersConfig, now: Micros): Promise<void> {
    const former = (await this.issuersConfig()).default;
    await this.putIssuersConfig(config);
    for (const id of former === '' || former === config.default ? [] : [former, config.default]) {
      const issuer = await this.issuers.get(id);
      if (issuer !== undefined) await this.issuers.put(id, { ...issuer, lastModified: now });
    }
  }

  putIssuersConfig(config: IssuersConfig): Promise<void> {
    return this.#settings.put('issuers', {
      default: config.default,
      default_follows_latest_issuer: config.followsLatest,
    });
  }

  async defaultKey(): Promise<string> {
    const stored = await this.#settings.get('keys');
    return typeof stored?.['default'] === 'string' ? stored['default'] : '';
  }

  putDefaultKey(id: string): Promise<void> {
    return this.#settings.put('keys', { default: id });
  }

  async urls(): Promise<AiaUrls> {
    const stored = await this.#settings.get('urls');
    return stored === undefined ? NO_URLS : urlsForm.decode(stored);
  }

  putUrls(urls: AiaUrls): Promise<void> {
    return this.#settings.put('urls', urlsForm.encode(urls));
  }

  async cluster(): Promise<ClusterConfig> {
    const stored = await this.#settings.get('cluster');
    const text = (name: string): string => (stored?.[name] ?? '') as string;
    return { path: text('path'), aiaPath: text('aia_path') };
  }

  putCluster({ path, aiaPath }: ClusterConfig): Promise<void> {
    return this.#settings.put('cluster', { path, aia_path: aiaPath });
  }

  autoTidy(): Promise<JsonObject | undefined> {
    return this.#settings.get('auto-tidy');
  }

  putAutoTidy(config: JsonObject): Promise<void> {
    return this.#settings.put('auto-tidy', config);
  }

  acme(): Promise<JsonObject | undefined> {
    return this.#settings.get('acme');
  }

  putAcme(config: JsonObject): Promise<void> {
    return this.#settings.put('acme', config);
  }

  async crlConfig(): Promise<CrlConfig> {
    const config = (await this.#crl.get('crl')) ?? DEFAULT_CRL;
    return config.expiry === '' ? { ...config, expiry: DEFAULT_CRL.expiry } : config;
  }

  putCrlConfig(config: CrlConfig): Promise<void> {
    return this.#crl.put('crl', config);
  }

  async crlState(): Promise<CrlState> {
    return (await this.#crlState.get('config')) ?? NO_CRLS;
  }

  putCrlState(state: CrlState): Promise<void> {
    return this.#crlState.put('config', state);
  }

  async allIssuers(): Promise<Issuer[]> {
    const all: Issuer[] = [];
    for (const id of await this.issuers.list()) all.push((await this.issuers.get(id))!);
    return all;
  }

  async allKeys(): Promise<Key[]> {
    const all: Key[] = [];
    for (const id of await this.keys.list()) all.push((await this.keys.get(id))!);
    return all;
  }

  /** By id, name or 'default'. Throws Unresolved. */
  async issuer(reference: string): Promise<Issuer> {
    if (reference === DEFAULT_REF) {
      const id = (await this.issuersConfig()).default;
      if (id === '') throw new Unresolved('no default issuer currently configured');
      const issuer = await this.issuers.get(id);
      if (issuer === undefined) throw new Unresolved(`pki issuer id ${id} does not exist`);
      return issuer;
    }
    const direct = await this.issuers.get(reference);
    if (direct !== undefined) return direct;
    const named = (await this.allIssuers()).find(({ name }) => name === reference);
    if (named === undefined) throw new Unresolved(`unable to find PKI issuer for reference: ${reference}`);
    return named;
  }

  async findIssuer(reference: string): Promise<Issuer | undefined> {
    try {
      return await this.issuer(reference);
    } catch (error) {
      if (error instanceof Unresolved) return undefined;
      throw error;
    }
  }

  /** What a stored key signs with; undefined where there is none. Throws a Fault for one elsewhere that cannot be had. */
  async signingKey(id: string): Promise<SigningKey | undefined> {
    const key = await this.keys.get(id);
    return key === undefined ? undefined : signingKeyOf(key, this.#system);
  }

  /** By id, name or 'default'. Throws Unresolved. */
  async key(reference: string): Promise<Key> {
    if (reference === DEFAULT_REF) {
      const id = await this.defaultKey();
      if (id === '') throw new Unresolved('no default key currently configured');
      const key = await this.keys.get(id);
      if (key === undefined) throw new Unresolved(`pki key id ${id} does not exist`);
      return key;
    }
    const direct = await this.keys.get(reference);
    if (direct !== undefined) return direct;
    const named = (await this.allKeys()).find(({ name }) => name === reference);
    if (named === undefined) throw new Unresolved(`unable to find PKI key for reference: ${reference}`);
    return named;
  }

  async findKey(reference: string): Promise<Key | undefined> {
    try {
      return await this.key(reference);
    } catch (error) {
      if (error instanceof Unresolved) return undefined;
      throw error;
    }
  }

  /** Refuses what cannot be the name of a new issuer; undefined is no name. */
  async checkIssuerName(name: string | undefined): Promise<Fault | undefined> {
    if (name === undefined) return undefined;
    if (name === '') return refuse('expected non-empty issuer name');
    if (name.toLowerCase() === DEFAULT_REF) return refuse("reserved keyword 'default' can not be used as issuer name");
    if (!ENTRY_NAME.test(name)) return refuse('issuer name contained invalid characters');
    return (await this.findIssuer(name)) === undefined ? undefined : refuse(ISSUER_NAME_IN_USE);
  }

  async checkKeyName(name: string | undefined): Promise<Fault | undefined> {
    if (name === undefined) return undefined;
    if (name.toLowerCase() === DEFAULT_REF) return refuse("reserved keyword 'default' can not be used as key name");
    if (!ENTRY_NAME.test(name)) return refuse('key name contained invalid characters');
    return (await this.findKey(name)) === undefined ? undefined : refuse(KEY_NAME_IN_USE);
  }
}

export const ISSUER_NAME_IN_USE = 'issuer name already in use';
export const KEY_NAME_IN_USE = 'key name already in use';
