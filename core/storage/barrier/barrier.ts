/**
 * Encryption at rest: a Storage over a Storage whose values it encrypts under the keyring's newest key. Key names,
 * deletes and listings pass as they are. Sealed, it refuses everything; read-only (a standby), it refuses writes.
 */
import { encodeHex } from '../../codec/hex.ts';
import { AuthenticationFailed, type AesGcm } from '../../crypto/crypto.ts';
import { Fault, failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { ReadOnly, type Page, type Reader, type Storage, type Transaction, type Writer } from '../storage.ts';
import { entryTerm, hasTerm, nonceBytes, openEntry, sealEntry } from './entry.ts';
import { Keyring } from './keyring.ts';

/** Also what the request path answers with 503. */
export class BarrierSealed extends Fault {
  constructor(message = 'Vault is sealed') {
    super('error', message);
    this.name = 'BarrierSealed';
  }
}

/** The only entries that a barrier reads and writes for itself; a namespace's lie under its prefix. */
export const keyringPath = 'core/keyring';

export class Barrier implements Storage {
  readonly transactional: boolean;
  readonly runtime: Runtime;
  /** '' or 'namespaces/<uuid>/': where this barrier's own entries lie. */
  readonly prefix: string;
  /** What lies below: plain entries (seal config, stored keys, locks) are read and written there. */
  readonly physical: Storage;
  /** Of the namespace around this one's: what it may not write, this may not either. */
  readonly #above: Barrier | undefined;
  #keyring: Keyring | undefined;
  #ciphers = new Map<number, AesGcm>();
  #readOnly = false;
  #unaccounted = 0;
  /** While the keyring is being written, everybody else waits, as behind upstream's lock. */
  #exclusive: Promise<void> | undefined;

  constructor(runtime: Runtime, physical: Storage, prefix = '', above?: Barrier) {
    this.runtime = runtime;
    this.physical = physical;
    this.prefix = prefix;
    this.#above = above;
    this.transactional = physical.transactional;
  }

  get sealed(): boolean {
    return this.#keyring === undefined;
  }

  get readOnly(): boolean {
    return this.#above?.readOnly ?? this.#readOnly;
  }

  /** A standby's barrier rejects writes with ReadOnly. */
  set readOnly(value: boolean) {
    this.#readOnly = value;
  }

  /** Throws BarrierSealed. */
  get keyring(): Keyring {
    if (this.#keyring === undefined) throw new BarrierSealed();
    return this.#keyring;
  }

  /** Takes a keyring into use; undefined seals. Only for the modules beside this one. */
  install(keyring: Keyring | undefined): void {
    const old = this.#keyring;
    const sameKeys =
      keyring !== undefined &&
      old !== undefined &&
      [...old.keys].every(([term, key]) => keyring.keys.get(term) === key);
    if (!sameKeys) this.#ciphers = new Map();
    this.#keyring = keyring;
    const held = !this.sealed || this.#ciphers.size > 0;
    if (held !== (old !== undefined)) this.runtime.trace({ kind: 'barrier.keys', held, ...this.realm });
  }

  /** How a trace event names it. */
  get realm(): { readonly realm?: string } {
    return this.prefix === '' ? {} : { realm: this.prefix };
  }

  /** Encryptions of the active term: counted in the keyring, and not yet. */
  get encryptions(): number {
    return (this.#keyring?.activeKey.encryptions ?? 0) + this.#unaccounted;
  }

  get unaccounted(): number {
    return this.#unaccounted;
  }

  /** Adds to `unaccounted`, or takes from it. Only for the modules beside this one. */
  count(encryptions: number): void {
    this.#unaccounted += encryptions;
  }

  /** Runs `change` while no other read, write or change starts: the keyring and its copies in storage move together. */
  async exclusively<T>(change: () => Promise<T>): Promise<T> {
    while (this.#exclusive !== undefined) await this.#exclusive;
    let done: (() => void) | undefined;
    this.#exclusive = new Promise((resolve) => {
      done = resolve;
    });
    try {
      return await change();
    } finally {
      this.#exclusive = undefined;
      done?.();
    }
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#getFrom(this.physical, key);
  }

  put(key: string, value: Uint8Array): Promise<void> {
    return this.#putTo(this.physical, key, value);
  }

  delete(key: string): Promise<void> {
    return this.#deleteFrom(this.physical, key);
  }

  list(prefix: string, page?: Page): Promise<string[]> {
    return this.#listFrom(this.physical, prefix, page);
  }

  async begin(options?: { readOnly?: boolean }): Promise<Transaction> {
    const inner = await this.physical.begin(options);
    return {
      get: (key) => this.#getFrom(inner, key),
      put: (key, value) => this.#putTo(inner, key, value),
      delete: (key) => this.#deleteFrom(inner, key),
      list: (prefix, page) => this.#listFrom(inner, prefix, page),
      commit: () => inner.commit(),
      rollback: () => inner.rollback(),
    };
  }

  /** Encrypts outside of storage (batch tokens): the AAD is `name`. */
  encrypt(name: string, plaintext: Uint8Array): Uint8Array {
    const { activeTerm } = this.keyring;
    return this.sealUnder(activeTerm, name, plaintext);
  }

  /** Throws a Fault with upstream's text. */
  decrypt(name: string, entry: Uint8Array): Uint8Array {
    if (this.#keyring === undefined) throw new BarrierSealed();
    if (entry.length === 0) throw failure('empty ciphertext');
    if (!hasTerm(entry)) throw failure('invalid ciphertext term');
    return this.#open(name, entry);
  }

  /** An entry for storage under a term's key, counted. */
  sealUnder(term: number, key: string, plaintext: Uint8Array): Uint8Array {
    const cipher = this.#cipher(term);
    if (cipher === undefined) throw failure(`no encryption key available for term ${term}`);
    this.#unaccounted++;
    return this.sealWith(cipher, term, term, key, plaintext);
  }

  /** Encrypts with a given key; `traced` is the term that the trace shows (0 for the root key). */
  sealWith(cipher: AesGcm, term: number, traced: number, key: string, plaintext: Uint8Array): Uint8Array {
    const nonce = this.runtime.random.bytes(nonceBytes);
    this.runtime.trace({ kind: 'barrier.encrypt', term: traced, nonce: encodeHex(nonce), ...this.realm });
    return sealEntry(cipher, term, nonce, key, plaintext);
  }

  /** A read that does not wait for an exclusive change: for those inside one. */
  async getWithin(storage: Reader, key: string): Promise<Uint8Array | undefined> {
    if (this.#keyring === undefined) throw new BarrierSealed();
    const entry = await storage.get(key);
    if (entry === undefined) return undefined;
    if (this.#keyring === undefined) throw new BarrierSealed();
    if (!hasTerm(entry)) throw failure('invalid value');
    return this.#open(key, entry);
  }

  async #getFrom(storage: Reader, key: string): Promise<Uint8Array | undefined> {
    while (this.#exclusive !== undefined) await this.#exclusive;
    return this.getWithin(storage, key);
  }

  async #putTo(storage: Writer, key: string, value: Uint8Array): Promise<void> {
    await this.#writable();
    await storage.put(key, this.encrypt(key, value));
  }

  async #deleteFrom(storage: Writer, key: string): Promise<void> {
    await this.#writable();
    await storage.delete(key);
  }

  async #listFrom(storage: Reader, prefix: string, page?: Page): Promise<string[]> {
    while (this.#exclusive !== undefined) await this.#exclusive;
    if (this.#keyring === undefined) throw new BarrierSealed();
    return storage.list(prefix, page);
  }

  async #writable(): Promise<void> {
    if (this.readOnly) throw new ReadOnly();
    while (this.#exclusive !== undefined) await this.#exclusive;
    if (this.#keyring === undefined) throw new BarrierSealed();
  }

  #open(key: string, entry: Uint8Array): Uint8Array {
    const term = entryTerm(entry);
    const cipher = this.#cipher(term);
    if (cipher === undefined) throw failure(`no decryption key available for term ${term}`);
    try {
      return openEntry(cipher, key, entry);
    } catch (error) {
      if (error instanceof AuthenticationFailed || error instanceof Fault) {
        throw failure(`decryption failed: ${error.message}`);
      }
      throw error;
    }
  }

  #cipher(term: number): AesGcm | undefined {
    const cached = this.#ciphers.get(term);
    if (cached !== undefined) return cached;
    const key = this.#keyring?.keys.get(term);
    if (key === undefined) return undefined;
    const cipher = this.runtime.crypto.aesGcm(key.value);
    this.#ciphers.set(term, cipher);
    return cipher;
  }
}
