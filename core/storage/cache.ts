/** The read cache above a physical backend, missing keys included (upstream's physical cache; facts §4.3). */
import type { Page, Storage, Transaction } from './storage.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { TwoQueue } from './twoqueue.ts';

export const CACHE_ENTRIES = 131_072;

// Leases are read once, and the others change behind the cache's back.
const uncachedKeys = new Set(['core/raft/tls', 'core/seal-config', 'core/recovery-config']);
const uncachedPrefix = 'sys/expire/';

const isCacheable = (key: string): boolean => !key.startsWith(uncachedPrefix) && !uncachedKeys.has(key);

/** What stands for a key that is known to be missing. */
const missing = Symbol('missing');

export class CachedStorage implements Storage {
  readonly #inner: Storage;
  readonly #entries: TwoQueue<Uint8Array | typeof missing>;
  /** Reads on their way, per key: one that was overtaken by a write or an invalidation must not be remembered. */
  readonly #reading = new Map<string, object>();
  /** The last write on its way, per key: writes of one key keep their order (upstream holds a lock per key). */
  readonly #writing = new Map<string, Promise<void>>();
  #enabled = true;

  /** For hits, misses and writes. */
  readonly #metrics: Metrics | undefined;

  constructor(inner: Storage, entries = CACHE_ENTRIES, metrics?: Metrics) {
    this.#inner = inner;
    this.#metrics = metrics;
    this.#entries = new TwoQueue(entries);
  }

  get transactional(): boolean {
    return this.#inner.transactional;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    const cached = this.#entries.get(key);
    if (cached !== undefined) {
      this.#metrics?.count('vault.cache.hit');
      return Promise.resolve(cached === missing ? undefined : cached);
    }
    this.#metrics?.count('vault.cache.miss');
    return this.#enabled && isCacheable(key) ? this.#fill(key) : this.#inner.get(key);
  }

  list(prefix: string, page?: Page): Promise<string[]> {
    return this.#inner.list(prefix, page);
  }

  put(key: string, value: Uint8Array): Promise<void> {
    this.#metrics?.count('vault.cache.write');
    return this.#write(key, value);
  }

  delete(key: string): Promise<void> {
    return this.#write(key, undefined);
  }

  async begin(options?: { readOnly?: boolean }): Promise<Transaction> {
    const transaction = await this.#inner.begin(options);
    return options?.readOnly === true ? transaction : new CachedTransaction(transaction, (key) => this.invalidate(key));
  }

  /** Forgets one key, which was changed by someone else. */
  invalidate(key: string): void {
    this.#reading.delete(key);
    this.#entries.delete(key);
  }

  /** Forgets everything. */
  purge(): void {
    this.#reading.clear();
    this.#entries.clear();
  }

  /** A disabled cache passes everything through and holds nothing. */
  setEnabled(enabled: boolean): void {
    this.#enabled = enabled;
    if (!enabled) this.purge();
  }

  async #fill(key: string): Promise<Uint8Array | undefined> {
    let mark = this.#reading.get(key);
    if (mark === undefined) {
      mark = {};
      this.#reading.set(key, mark);
    }
    try {
      const value = await this.#inner.get(key);
      if (this.#reading.get(key) === mark) this.#entries.set(key, value ?? missing);
      return value;
    } finally {
      if (this.#reading.get(key) === mark) this.#reading.delete(key);
    }
  }

  async #write(key: string, value: Uint8Array | undefined): Promise<void> {
    const earlier = this.#writing.get(key);
    const write = this.#writeAfter(earlier, key, value);
    this.#writing.set(key, write);
    try {
      await write;
    } finally {
      if (this.#writing.get(key) === write) this.#writing.delete(key);
    }
  }

  async #writeAfter(earlier: Promise<void> | undefined, key: string, value: Uint8Array | undefined): Promise<void> {
    // Its failure is its own caller's.
    if (earlier !== undefined) await earlier.catch(() => {});
    this.#reading.delete(key);
    if (value === undefined) await this.#inner.delete(key);
    else await this.#inner.put(key, value);
    this.#reading.delete(key);
    if (value !== undefined && this.#enabled && isCacheable(key)) this.#entries.set(key, value);
    else this.#entries.delete(key);
  }
}

/** Reads inside the transaction; what it wrote leaves the cache when it commits. */
class CachedTransaction implements Transaction {
  readonly #inner: Transaction;
  readonly #invalidate: (key: string) => void;
  readonly #written = new Set<string>();

  constructor(inner: Transaction, invalidate: (key: string) => void) {
    this.#inner = inner;
    this.#invalidate = invalidate;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#inner.get(key);
  }

  list(prefix: string, page?: Page): Promise<string[]> {
    return this.#inner.list(prefix, page);
  }

  put(key: string, value: Uint8Array): Promise<void> {
    this.#written.add(key);
    return this.#inner.put(key, value);
  }

  delete(key: string): Promise<void> {
    this.#written.add(key);
    return this.#inner.delete(key);
  }

  async commit(): Promise<void> {
    try {
      await this.#inner.commit();
    } finally {
      for (const key of this.#written) this.#invalidate(key);
    }
  }

  rollback(): Promise<void> {
    return this.#inner.rollback();
  }
}
