/** Tells which keys are being written, and when they are: for storage that does not tell those who share it. */
import type { Page, Storage, Transaction } from './storage.ts';

export class TrackedStorage implements Storage {
  /** Called before a write; what it gives, after it. A write that failed may have been done all the same. */
  writing: (keys: readonly string[]) => () => void = () => nothing;
  readonly #inner: Storage;

  constructor(inner: Storage) {
    this.#inner = inner;
  }

  get transactional(): boolean {
    return this.#inner.transactional;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#inner.get(key);
  }

  list(prefix: string, page?: Page): Promise<string[]> {
    return this.#inner.list(prefix, page);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    const written = this.writing([key]);
    try {
      await this.#inner.put(key, value);
    } finally {
      written();
    }
  }

  async delete(key: string): Promise<void> {
    const written = this.writing([key]);
    try {
      await this.#inner.delete(key);
    } finally {
      written();
    }
  }

  async begin(options?: { readOnly?: boolean }): Promise<Transaction> {
    const transaction = await this.#inner.begin(options);
    return options?.readOnly === true ? transaction : tracked(transaction, (keys) => this.writing(keys));
  }
}

const nothing = (): void => undefined;

function tracked(inner: Transaction, writing: TrackedStorage['writing']): Transaction {
  const keys = new Set<string>();
  return {
    get: (key) => inner.get(key),
    list: (prefix, page) => inner.list(prefix, page),
    put: (key, value) => {
      keys.add(key);
      return inner.put(key, value);
    },
    delete: (key) => {
      keys.add(key);
      return inner.delete(key);
    },
    commit: async () => {
      const written = keys.size === 0 ? nothing : writing([...keys]);
      try {
        await inner.commit();
      } finally {
        written();
      }
    },
    rollback: () => inner.rollback(),
  };
}
