/**
 * What every storage promises, as a list of checks that any test runner can run: in memory, on files, through raft,
 * behind a cache or a view, in simulation and on the host.
 */
import { assert } from '../assert.ts';
import { compareText } from '../codec/bytes.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import { CommitFailed, type Reader, type Storage, inTransaction } from './storage.ts';

export interface ContractCheck {
  /** A sentence. */
  readonly name: string;
  /** Only for storages whose `transactional` is true. */
  readonly transactional?: boolean;
  /** Runs on an empty storage; rejects when the promise is broken. */
  run(storage: Storage): Promise<void>;
}

const text = async (storage: Reader, key: string): Promise<string | undefined> => {
  const value = await storage.get(key);
  return value === undefined ? undefined : decodeUtf8(value);
};

function same(actual: unknown, expected: unknown, what: string): void {
  const [a, e] = [String(actual), String(expected)];
  assert(a === e, `${what}: got ${a}, want ${e}`);
}

async function rejection(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}

async function fill(storage: Storage, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await storage.put(key, encodeUtf8(key));
}

export const storageContract: readonly ContractCheck[] = [
  {
    name: 'a missing key is undefined, and deleting it is no error',
    run: async (storage) => {
      same(await storage.get('nothing'), undefined, 'get');
      await storage.delete('nothing/at/all');
      same(await storage.list(''), '', 'list');
    },
  },
  {
    name: 'what was put is got, the last one wins, and a deletion takes it away',
    run: async (storage) => {
      await storage.put('a/b', encodeUtf8('1'));
      same(await text(storage, 'a/b'), '1', 'first');
      await storage.put('a/b', encodeUtf8('2'));
      same(await text(storage, 'a/b'), '2', 'second');
      await storage.delete('a/b');
      same(await storage.get('a/b'), undefined, 'deleted');
      same((await storage.list('a/')).length, 0, 'list after');
      same((await storage.list('')).length, 0, 'root list after');
      await storage.put('a/b', encodeUtf8('3'));
      same(await text(storage, 'a/b'), '3', 'again');
    },
  },
  {
    name: 'values are any bytes, and an empty value is a value',
    run: async (storage) => {
      const all = Uint8Array.from({ length: 256 }, (_, n) => n);
      await storage.put('bytes', all);
      same(String(await storage.get('bytes')), String(all), 'bytes');
      await storage.put('empty', new Uint8Array(0));
      same((await storage.get('empty'))?.length, 0, 'empty');
    },
  },
  {
    name: 'a name may be both a key and a folder',
    run: async (storage) => {
      await fill(storage, 'foo', 'foo/bar', 'foo/bar/baz');
      same(await storage.list(''), 'foo,foo/', 'root');
      same(await storage.list('foo/'), 'bar,bar/', 'foo');
      await storage.delete('foo/bar/baz');
      same(await storage.list('foo/'), 'bar', 'after deletion');
      same(await text(storage, 'foo'), 'foo', 'foo stays');
    },
  },
  {
    name: 'a listing has each folder once, in byte order, and stays in its folder',
    run: async (storage) => {
      await fill(storage, 'd/b/1', 'd/b/2', 'd/a', 'd/b0', 'd/b-', 'd/Z', 'd/é', 'dd', 'e/x');
      same(await storage.list('d/'), ['Z', 'a', 'b-', 'b/', 'b0', 'é'].sort(compareText), 'd');
      same(await storage.list(''), 'd/,dd,e/', 'root');
      same(await storage.list('none/'), '', 'none');
    },
  },
  {
    name: 'pages start after a name, exclusively, and end at their limit',
    run: async (storage) => {
      await fill(storage, 'p/a', 'p/b/x', 'p/b/y', 'p/c', 'p/d', 'p/d/z');
      same(await storage.list('p/', { limit: 2 }), 'a,b/', 'first page');
      same(await storage.list('p/', { after: 'b/', limit: 2 }), 'c,d', 'second page');
      same(await storage.list('p/', { after: 'd' }), 'd/', 'the last');
      same(await storage.list('p/', { after: 'b' }), 'b/,c,d,d/', 'a folder sorts after its bare name');
      same(await storage.list('p/', { after: 'bb', limit: 1 }), 'c', 'after a missing name');
      same(await storage.list('p/', { after: 'zz' }), '', 'after all');
      same(await storage.list('p/', { limit: -1 }), 'a,b/,c,d,d/', 'no limit');
    },
  },
  {
    name: 'a transaction sees its own writes, and nobody else does before it commits',
    transactional: true,
    run: async (storage) => {
      await fill(storage, 't/a', 't/b');
      const transaction = await storage.begin();
      await transaction.put('t/c', encodeUtf8('new'));
      await transaction.delete('t/a');
      same(await text(transaction, 't/c'), 'new', 'own put');
      same(await transaction.get('t/a'), undefined, 'own deletion');
      same(await transaction.list('t/'), 'b,c', 'own list');
      same(await transaction.list('t/', { limit: 1 }), 'b', 'own page');
      same(await storage.list('t/'), 'a,b', 'outside');
      await transaction.commit();
      same(await storage.list('t/'), 'b,c', 'after');
      same(await text(storage, 't/c'), 'new', 'after');
      same(await storage.get('t/a'), undefined, 'after');
    },
  },
  {
    name: 'a rolled back transaction leaves nothing, and a finished one refuses everything',
    transactional: true,
    run: async (storage) => {
      const transaction = await storage.begin();
      await transaction.put('r', encodeUtf8('x'));
      await transaction.rollback();
      await transaction.rollback();
      same(await storage.get('r'), undefined, 'rolled back');
      const error = await rejection(transaction.commit());
      same(error instanceof Error && error.message, 'transaction has been committed or rolled back', 'text');
      await rejection(transaction.put('r', encodeUtf8('y')));
      await rejection(transaction.get('r'));
    },
  },
  {
    name: 'a read-only transaction refuses writes and, from its first read on, sees one moment',
    transactional: true,
    run: async (storage) => {
      await fill(storage, 'ro/a');
      const transaction = await storage.begin({ readOnly: true });
      same(await text(transaction, 'ro/b'), undefined, 'first read');
      await storage.put('ro/a', encodeUtf8('later'));
      await storage.put('ro/b', encodeUtf8('later'));
      same(await text(transaction, 'ro/a'), 'ro/a', 'value');
      same(await transaction.list('ro/'), 'a', 'list');
      const error = await rejection(transaction.put('ro/a', encodeUtf8('x')));
      same(error instanceof Error && error.message, 'transaction is read-only', 'text');
      await transaction.commit();
    },
  },
  {
    name: 'a commit succeeds when others changed what it did not touch',
    transactional: true,
    run: async (storage) => {
      await fill(storage, 'n/x', 'n/y');
      const transaction = await storage.begin();
      await transaction.get('n/x');
      await transaction.put('n/x', encodeUtf8('mine'));
      await storage.put('n/y', encodeUtf8('theirs'));
      await transaction.commit();
      same(await text(storage, 'n/x'), 'mine', 'x');
      same(await text(storage, 'n/y'), 'theirs', 'y');
    },
  },
  {
    name: 'inTransaction commits what resolves and undoes what throws',
    run: async (storage) => {
      await inTransaction(storage, (inside) => inside.put('in/a', encodeUtf8('1')));
      same(await text(storage, 'in/a'), '1', 'committed');
      if (!storage.transactional) return;
      const error = await rejection(
        inTransaction(storage, async (inside) => {
          await inside.put('in/a', encodeUtf8('2'));
          throw new Error('stop');
        }),
      );
      same(error instanceof Error && error.message, 'stop', 'error');
      same(await text(storage, 'in/a'), '1', 'undone');
    },
  },
];

/**
 * Where a commit checks what the transaction has seen: in memory and on raft. PostgreSQL's own transactions exclude each
 * other only where they write the same (facts §4.1), and whoever comes later waits.
 */
export const optimisticContract: readonly ContractCheck[] = [
  {
    name: 'a commit fails when a key that was read or written has changed meanwhile',
    transactional: true,
    run: async (storage) => {
      await fill(storage, 'x', 'y', 'z');
      for (const touch of ['get', 'put', 'delete'] as const) {
        const transaction = await storage.begin();
        if (touch === 'get') await transaction.get('x');
        else if (touch === 'put') await transaction.put('x', encodeUtf8('mine'));
        else await transaction.delete('x');
        await transaction.put('y', encodeUtf8(touch));
        await storage.put('x', encodeUtf8(`theirs ${touch}`));
        const error = await rejection(transaction.commit());
        assert(error instanceof CommitFailed, `${touch}: a CommitFailed`);
        same(await text(storage, 'x'), `theirs ${touch}`, 'x');
        same(await text(storage, 'y'), 'y', 'y');
      }
    },
  },
  {
    name: 'a read-only transaction sees the moment at which it began',
    transactional: true,
    run: async (storage) => {
      await fill(storage, 'rb/a');
      const transaction = await storage.begin({ readOnly: true });
      await storage.put('rb/a', encodeUtf8('later'));
      same(await text(transaction, 'rb/a'), 'rb/a', 'value');
      await transaction.commit();
    },
  },
  {
    name: 'a commit fails when a listing that was read has changed meanwhile',
    transactional: true,
    run: async (storage) => {
      await fill(storage, 'l/a');
      const transaction = await storage.begin();
      await transaction.list('l/');
      await transaction.put('other', encodeUtf8('1'));
      await storage.put('l/b', encodeUtf8('theirs'));
      assert((await rejection(transaction.commit())) instanceof CommitFailed, 'a CommitFailed');
      same(await storage.get('other'), undefined, 'other');
    },
  },
];
