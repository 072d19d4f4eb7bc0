/** Storage in memory, gone with the process: `inmem`. */
import { equalBytes } from '../codec/bytes.ts';
import { type Footprint, OptimisticTransaction } from './optimistic.ts';
import { OrderedMap } from './ordered.ts';
import { CommitFailed, type Page, type Storage, type Transaction } from './storage.ts';

export class InmemStorage implements Storage {
  readonly transactional = true;
  readonly #entries = new OrderedMap<Uint8Array>();

  get(key: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#entries.get(key));
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    this.#entries.set(key, value);
  }

  async delete(key: string): Promise<void> {
    this.#entries.delete(key);
  }

  async list(prefix: string, page?: Page): Promise<string[]> {
    return this.#entries.list(prefix, page);
  }

  async begin(options?: { readOnly?: boolean }): Promise<Transaction> {
    return new OptimisticTransaction(this.#entries.fork(), options?.readOnly === true, async (footprint) =>
      this.#commit(footprint),
    );
  }

  /** All entries in order: what a dump or a digest is made of. */
  entries(): Iterable<readonly [key: string, value: Uint8Array]> {
    return this.#entries.fork().entries();
  }

  #commit({ reads, lists, writes }: Footprint): void {
    for (const [key, seen] of reads) {
      const now = this.#entries.get(key);
      const same = now === seen || (now !== undefined && seen !== undefined && equalBytes(now, seen));
      if (!same) throw new CommitFailed();
    }
    for (const { prefix, after, limit, names } of lists) {
      const now = this.#entries.list(prefix, { after, limit });
      if (now.length !== names.length || now.some((name, at) => name !== names[at])) throw new CommitFailed();
    }
    for (const [key, value] of writes) {
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, value);
    }
  }
}
