/** A part of a storage under a prefix: what a mount sees as its own storage. */
import { failure } from '../fault.ts';
import type { Page, Reader, Storage, Transaction, Writer } from './storage.ts';

/** Upstream refuses '.' and '..' as a segment of a key; inside a name ('a..b') 2.7.2 takes it. */
export const isRelative = (key: string): boolean => key.includes('.') && /(^|\/)\.\.?(\/|$)/.test(key);

const relative = (): Error => failure('relative paths not supported');

const rejected = (): Promise<never> => Promise.reject(relative());

class ViewOf<Inner extends Reader & Writer> implements Reader, Writer {
  protected readonly inner: Inner;
  protected readonly prefix: string;

  constructor(inner: Inner, prefix: string) {
    this.inner = inner;
    this.prefix = prefix;
  }

  // Not `async`: this is on every request's path, and a rejection is made only when there is something to reject.
  get(key: string): Promise<Uint8Array | undefined> {
    return isRelative(key) ? rejected() : this.inner.get(this.prefix + key);
  }

  list(prefix: string, page?: Page): Promise<string[]> {
    return isRelative(prefix) ? rejected() : this.inner.list(this.prefix + prefix, page);
  }

  put(key: string, value: Uint8Array): Promise<void> {
    return isRelative(key) ? rejected() : this.inner.put(this.prefix + key, value);
  }

  delete(key: string): Promise<void> {
    return isRelative(key) ? rejected() : this.inner.delete(this.prefix + key);
  }
}

class TransactionView extends ViewOf<Transaction> implements Transaction {
  commit(): Promise<void> {
    return this.inner.commit();
  }

  rollback(): Promise<void> {
    return this.inner.rollback();
  }
}

export class StorageView extends ViewOf<Storage> implements Storage {
  get transactional(): boolean {
    return this.inner.transactional;
  }

  async begin(options?: { readOnly?: boolean }): Promise<Transaction> {
    return new TransactionView(await this.inner.begin(options), this.prefix);
  }

  /** A view further down; the same as a view on this view, without the detour. */
  sub(prefix: string): StorageView {
    if (isRelative(prefix)) throw relative();
    return new StorageView(this.inner, this.prefix + prefix);
  }
}
