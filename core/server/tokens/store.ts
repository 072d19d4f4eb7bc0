/** Tokens in storage: their entries, accessors and the index from parents to children. */
import { encodeHex } from '../../codec/hex.ts';
import { noBytes } from '../../codec/bytes.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { StorageFailed } from '../../fault.ts';
import { KeyedLock } from '../keyed-lock.ts';
import type { AccessorEntry, ServiceContext, TokenEntry } from '../services.ts';
import { decodeBatchToken, encodeBatchToken, isBatchToken } from './batch.ts';
import { decodeAccessor, decodeToken, encodeAccessor, encodeToken } from './entry.ts';
import { bareId, inNamespace, namespaceIdOf } from '../namespaces/ids.ts';
import { Salt } from './salt.ts';
import { bareToken } from './signed.ts';

const ID = 'sys/token/id/';
const ACCESSOR = 'sys/token/accessor/';
const PARENT = 'sys/token/parent/';

/** What an entry's numUses says while the token is being revoked. */
export const REVOKING = -1;
/** Decrypted entries kept by id. */
const CACHED = 4096;

/** A token that nobody stores: it ends with the request that it was made for. */
export const fleeting = (token: NewToken, { system, namespace }: ServiceContext): TokenEntry => ({
  ...token,
  id: inNamespace(system.tokenSigning.servicePrefix + system.base62(24), namespace),
  accessor: inNamespace(system.base62(24), namespace),
  cubbyholeId: system.base62(24),
  namespaceId: namespace.id,
});

/** A token to make: what is left out is chosen. */
export type NewToken = Omit<TokenEntry, 'id' | 'accessor' | 'cubbyholeId' | 'namespaceId'> & { readonly id?: string };

export class TokenStore {
  readonly salt: Salt;
  readonly #context: ServiceContext;
  readonly #locks = new KeyedLock();
  /** By storage name. */
  readonly #cache = new Map<string, TokenEntry>();

  constructor(context: ServiceContext) {
    this.#context = context;
    this.salt = new Salt(context);
  }

  /** Of any namespace, without regard to leases: also what is expired. `tainted` includes what is being revoked. */
  async find(given: string, tainted = false): Promise<TokenEntry | undefined> {
    const id = bareToken(given) ?? '';
    if (id === '') return undefined;
    const home = this.home(id);
    if (home !== this.#context) return home?.services.tokens.stored(id, tainted);
    if (!isBatchToken(id)) return this.byName(await this.salt.id(id), tainted);
    const entry = decodeBatchToken(bareId(id), this.#context.system);
    if (entry === undefined || this.#context.in(entry.namespaceId) === undefined) return undefined;
    if (entry.creationTime + entry.ttl < this.#context.runtime.clock.wall()) return undefined;
    // A batch token dies with its parent, since nothing of its own could be revoked.
    if (entry.parent !== '' && (await this.find(entry.parent)) === undefined) return undefined;
    return { ...entry, id };
  }

  /**
   * The services of the namespace that a token, accessor or lease belongs to. A batch token says that inside, so that what
   * it ends in is not needed.
   */
  home(id: string): ServiceContext | undefined {
    return this.#context.in(namespaceIdOf(id)) ?? (isBatchToken(id) ? this.#context : undefined);
  }

  /** By storage name. */
  async byName(name: string, tainted = false): Promise<TokenEntry | undefined> {
    let entry = this.#cache.get(name);
    if (entry === undefined) {
      const bytes = await this.#context.barrier.get(ID + name);
      if (bytes === undefined) return undefined;
      entry = this.#withCubbyhole(name, decodeToken(bytes));
      // What was written meanwhile is newer than what was read.
      entry = this.#cache.get(name) ?? this.#remember(name, entry);
    }
    return entry.numUses < 0 && !tainted ? undefined : entry;
  }

  #remember(name: string, entry: TokenEntry): TokenEntry {
    if (this.#cache.size >= CACHED) this.#cache.delete(this.#cache.keys().next().value!);
    this.#cache.set(name, entry);
    return entry;
  }

  /** Tokens with an id of the user's choice have no random cubbyhole folder; theirs is derived from the storage name. */
  #withCubbyhole(name: string, entry: TokenEntry): TokenEntry {
    if (entry.cubbyholeId !== '') return entry;
    const uuid = this.#context.mounts.match('cubbyhole/')?.entry.uuid;
    if (uuid === undefined) return entry;
    return { ...entry, cubbyholeId: encodeHex(this.#context.runtime.crypto.hash('sha1', encodeUtf8(uuid + name))) };
  }

  /** Writes accessor, parent index and entry, in this order; a batch token is not written at all. */
  create(token: NewToken): Promise<TokenEntry> {
    const { metrics } = this.#context.runtime;
    const create = (): Promise<TokenEntry> => this.#create(token);
    return metrics === undefined ? create() : metrics.time('vault.token.create', create);
  }

  async #create(token: NewToken): Promise<TokenEntry> {
    const { system, barrier, namespace } = this.#context;
    const namespaceId = namespace.id;
    if (token.type === 'batch') {
      const entry: TokenEntry = { ...token, id: '', accessor: '', cubbyholeId: '', namespaceId };
      return { ...entry, id: inNamespace(encodeBatchToken(entry, system), namespace) };
    }
    const chosen = token.id !== undefined && token.id !== '';
    const id = chosen ? token.id : inNamespace(system.tokenSigning.servicePrefix + system.base62(24), namespace);
    const name = await this.salt.id(id);
    if (chosen) {
      // A token that has no lease is ended by being looked up, and its id is free again.
      await this.#context.services.tokens.lookup(id);
      if ((await barrier.get(ID + name)) !== undefined) {
        throw new TokenRefused('cannot create a token with a duplicate ID');
      }
    }
    const cubbyholeId = chosen ? '' : system.base62(24);
    const accessor = inNamespace(system.base62(24), namespace);
    const entry: TokenEntry = this.#withCubbyhole(name, { ...token, id, accessor, cubbyholeId, namespaceId });
    const { metrics } = this.#context.runtime;
    const start = metrics?.now() ?? 0;
    const accessorKey = ACCESSOR + (await this.salt.id(accessor));
    try {
      await barrier.put(accessorKey, encodeAccessor({ tokenId: id, accessorId: accessor, namespaceId }));
    } catch (error) {
      if (!(error instanceof StorageFailed)) throw error;
      throw new TokenRefused(`failed to persist accessor index entry: ${error.message}`);
    }
    metrics?.since('vault.token.createAccessor', start);
    if (entry.parent !== '') {
      if ((await this.find(entry.parent)) === undefined) throw new TokenRefused('parent token not found');
      await this.home(entry.parent)!.services.tokens.adopt(entry.parent, inNamespace(name, namespace));
    }
    await this.#writeEntry(name, entry);
    return entry;
  }

  #write(name: string, entry: TokenEntry): Promise<void> {
    const { metrics } = this.#context.runtime;
    const write = (): Promise<void> => this.#writeEntry(name, entry);
    return metrics === undefined ? write() : metrics.time('vault.token.store', write);
  }

  async #writeEntry(name: string, entry: TokenEntry): Promise<void> {
    try {
      await this.#context.barrier.put(ID + name, encodeToken(entry));
    } catch (error) {
      // Whether the write took place is unknown.
      this.#cache.delete(name);
      throw error;
    }
    this.#cache.delete(name);
    this.#remember(name, entry);
  }

  /** Burns one use. The last one leaves the entry marked for revocation. Undefined: none was left. */
  async use(id: string): Promise<TokenEntry | undefined> {
    const name = await this.salt.id(id);
    return this.#locks.run(name, async () => {
      const entry = await this.byName(name);
      if (entry === undefined || entry.numUses === 0) return entry;
      const used = { ...entry, numUses: entry.numUses === 1 ? REVOKING : entry.numUses - 1 };
      await this.#write(name, used);
      return used;
    });
  }

  /** Replaces an entry by what `make` makes of it, with nobody between. Undefined: it is gone. */
  async change(id: string, make: (entry: TokenEntry) => TokenEntry): Promise<TokenEntry | undefined> {
    const name = await this.salt.id(id);
    return this.#locks.run(name, async () => {
      const entry = await this.byName(name, true);
      if (entry === undefined) return undefined;
      const changed = make(entry);
      if (changed !== entry) await this.#write(name, changed);
      return changed;
    });
  }

  /** From here on look-ups fail; what else there is of the token is still to be removed. */
  async markRevoking(name: string): Promise<TokenEntry | undefined> {
    return this.#locks.run(name, async () => {
      const entry = await this.byName(name, true);
      if (entry === undefined || entry.numUses === REVOKING) return entry;
      const marked = { ...entry, numUses: REVOKING };
      await this.#write(name, marked);
      return marked;
    });
  }

  async removeIndexes(name: string, entry: TokenEntry): Promise<void> {
    const { barrier, namespace } = this.#context;
    if (entry.parent !== '') {
      await this.home(entry.parent)?.services.tokens.disown(entry.parent, inNamespace(name, namespace));
    }
    if (entry.accessor !== '') await barrier.delete(ACCESSOR + (await this.salt.id(entry.accessor)));
  }

  /** The last step of a revocation. */
  async remove(name: string): Promise<void> {
    await this.#context.barrier.delete(ID + name);
    this.#cache.delete(name);
  }

  /** Makes a token the child of another, in the parent's namespace; `child` is a storage name with its namespace. */
  async adopt(parent: string, child: string): Promise<void> {
    await this.#context.barrier.put(`${PARENT}${await this.salt.id(parent)}/${child}`, noBytes);
  }

  async disown(parent: string, child: string): Promise<void> {
    await this.unlinkChild(await this.salt.id(parent), child);
  }

  /** Storage names of the children; those in other namespaces end in '.' and the namespace's id. */
  children(name: string): Promise<string[]> {
    return this.#context.barrier.list(`${PARENT}${name}/`);
  }

  async unlinkChild(parent: string, child: string): Promise<void> {
    await this.#context.barrier.delete(`${PARENT}${parent}/${child}`);
  }

  async orphan(child: string): Promise<void> {
    await this.#locks.run(child, async () => {
      const entry = await this.byName(child, true);
      if (entry !== undefined) await this.#write(child, { ...entry, parent: '' });
    });
  }

  async accessor(accessor: string): Promise<AccessorEntry | undefined> {
    return this.accessorByName(await this.salt.id(accessor));
  }

  async accessorByName(name: string): Promise<AccessorEntry | undefined> {
    const bytes = await this.#context.barrier.get(ACCESSOR + name);
    return bytes === undefined ? undefined : decodeAccessor(bytes);
  }

  accessorNames(): Promise<string[]> {
    return this.#context.barrier.list(ACCESSOR);
  }

  async removeAccessor(name: string): Promise<void> {
    await this.#context.barrier.delete(ACCESSOR + name);
  }

  parentNames(): Promise<string[]> {
    return this.#context.barrier.list(PARENT);
  }

  /** Key relative to 'sys/token/'. */
  invalidate(key: string): void {
    if (key === 'salt') this.salt.forget();
    if (key.startsWith('id/')) this.#cache.delete(key.slice(3));
    else if (key === '' || key === 'salt') this.#cache.clear();
  }
}

/** A refusal whose text is shown to the client as it is, with status 400. */
export class TokenRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TokenRefused';
  }
}
