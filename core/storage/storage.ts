/**
 * The one storage interface. Physical backends, the cache, the barrier (which encrypts) and views (which prefix)
 * all have this shape, so each layer is a function from Storage to Storage.
 *
 * Keys are '/'-separated, without a leading '/'. Values are bytes; callers must not change what they put or got.
 */
export interface Page {
  /** Only entries whose name sorts after this one (exclusive), bytewise. */
  readonly after?: string;
  /** At most so many entries; 0 or less: all. */
  readonly limit?: number;
}

export interface Reader {
  get(key: string): Promise<Uint8Array | undefined>;
  /** Names directly under `prefix` ('' or ending in '/'), bytewise sorted; sub-folders once, with a trailing '/'. */
  list(prefix: string, page?: Page): Promise<string[]>;
}

export interface Writer {
  put(key: string, value: Uint8Array): Promise<void>;
  /** A missing key is no error. */
  delete(key: string): Promise<void>;
}

/** Reads see own writes. `commit` rejects with CommitFailed when what was read has changed meanwhile. */
export interface Transaction extends Reader, Writer {
  commit(): Promise<void>;
  /** After a commit or a second rollback it does nothing. */
  rollback(): Promise<void>;
}

export interface Storage extends Reader, Writer {
  /** Whether `begin` is supported (inmem, raft, postgresql: yes; file: no). */
  readonly transactional: boolean;
  begin(options?: { readOnly?: boolean }): Promise<Transaction>;
}

/** The optimistic check of a transaction failed. */
export class CommitFailed extends Error {
  constructor(message = 'transaction commit failed') {
    super(message);
    this.name = 'CommitFailed';
  }
}

/** A write on a node that may only read: a standby's barrier, or a raft follower. The request layer forwards on it. */
export class ReadOnly extends Error {
  constructor(message = 'cannot write to readonly storage') {
    super(message);
    this.name = 'ReadOnly';
  }
}

/**
 * Runs `body` in a transaction where the storage has them, else directly; commits when it resolves, rolls back when it
 * throws. No retry: a CommitFailed reaches the caller, as upstream.
 */
export async function inTransaction<T>(storage: Storage, body: (storage: Reader & Writer) => Promise<T>): Promise<T> {
  if (!storage.transactional) return body(storage);
  const transaction = await storage.begin();
  let result: T;
  try {
    result = await body(transaction);
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
  await transaction.commit();
  return result;
}
