/** Leases in storage, and the index from tokens to the secrets they hold. */
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { duringKey } from '../../fault.ts';
import { StorageView } from '../../storage/view.ts';
import type { ServiceContext } from '../services.ts';
import type { LeaseEntry } from './entry.ts';
import { decodeLease, encodeLease } from './entry.ts';

const ID = 'sys/expire/id/';
const TOKEN = 'sys/expire/token/';

export class LeaseStore {
  readonly #context: ServiceContext;
  readonly #view: StorageView;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#view = new StorageView(context.barrier, ID);
  }

  async load(leaseId: string): Promise<LeaseEntry | undefined> {
    const bytes = await duringKey(`failed to read lease entry ${leaseId}`, this.#view.get(leaseId));
    return bytes === undefined ? undefined : decodeLease(bytes);
  }

  save(entry: LeaseEntry): Promise<void> {
    return this.#context.barrier.put(ID + entry.leaseId, encodeLease(entry));
  }

  remove(leaseId: string): Promise<void> {
    return this.#context.barrier.delete(ID + leaseId);
  }

  /** Names directly under `prefix`; folders end in '/'. */
  names(prefix: string): Promise<string[]> {
    return this.#context.barrier.list(ID + prefix);
  }

  /** All lease ids under `prefix`, which is '' or ends in '/'. */
  async *under(prefix: string): AsyncGenerator<string> {
    for (const name of await this.names(prefix)) {
      if (name.endsWith('/')) yield* this.under(prefix + name);
      else yield prefix + name;
    }
  }

  async #indexKey(token: string, leaseId: string): Promise<string> {
    const { tokens } = this.#context.services;
    return `${TOKEN}${await tokens.saltedId(token)}/${await tokens.saltedId(leaseId)}`;
  }

  async addIndex(token: string, leaseId: string): Promise<void> {
    await this.#context.barrier.put(await this.#indexKey(token, leaseId), encodeUtf8(leaseId));
  }

  async removeIndex(token: string, leaseId: string): Promise<void> {
    await this.#context.barrier.delete(await this.#indexKey(token, leaseId));
  }

  /** Storage names of tokens that hold secrets, each with a trailing '/'. */
  indexedTokens(): Promise<string[]> {
    return this.#context.barrier.list(TOKEN);
  }

  /** `token` is a storage name. */
  async indexed(token: string): Promise<{ readonly key: string; readonly leaseId: string }[]> {
    const found: { key: string; leaseId: string }[] = [];
    for (const name of await this.#context.barrier.list(`${TOKEN}${token}/`)) {
      const key = `${TOKEN}${token}/${name}`;
      const bytes = await this.#context.barrier.get(key);
      if (bytes !== undefined) found.push({ key, leaseId: decodeUtf8(bytes) });
    }
    return found;
  }

  removeKey(key: string): Promise<void> {
    return this.#context.barrier.delete(key);
  }
}
