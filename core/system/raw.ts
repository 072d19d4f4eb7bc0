/** sys/raw: storage behind the barrier, read and written as it is. Off unless configured. */
import { quote } from '../codec/go-quote.ts';
import { decodeBase64, encodeBase64 } from '../codec/base64.ts';
import { compress, decompress, isCompressed } from '../codec/canary.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import { failure, refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { pageFieldsBesideWrites } from '../framework/page-fields.ts';
import { paths } from '../framework/engine.ts';
import type { BackendContext } from '../framework/logical.ts';
import type { Barrier } from '../storage/barrier/barrier.ts';
import type { Storage } from '../storage/storage.ts';
import type { NodeSettings } from './context.ts';

/** As much of a node as these paths need: recovery mode has no more. */
export interface RawNode {
  readonly barrier: Barrier;
  readonly settings: Pick<NodeSettings, 'rawStorage'>;
}

export interface RawContext extends BackendContext {
  readonly node: RawNode;
}

const hidden: readonly string[] = ['core/keyring', 'core/cluster/local/info'];
/** Not encrypted by the barrier. */
const plain: ReadonlySet<string> = new Set(['core/seal-config', 'core/recovery-config']);

function checked(path: string): string {
  if (hidden.some((key) => path === key || path.startsWith(`${key}/`))) throw refuse(`cannot access ${quote(path)}`);
  return path;
}

/** Below the barrier where the barrier does not encrypt. */
const storageOf = ({ barrier }: RawNode, key: string): Storage => (plain.has(key) ? barrier.physical : barrier);

function checkEncoding(encoding: string): void {
  if (encoding !== '' && encoding !== 'base64') throw refuse(`invalid encoding ${quote(encoding)}`);
}

/** Methods of older servers, by the byte that stands for them. */
const GONE: ReadonlyMap<number | undefined, string> = new Map([
  [0x34, 'lz4'],
  [0x4c, 'lzw'],
]);

function decompressed(stored: Uint8Array): Uint8Array {
  if (stored.length === 0) throw refuse("'data' being decompressed is empty");
  const gone = GONE.get(stored[0]);
  if (gone !== undefined) throw refuse(`support for ${gone} compression has been removed`);
  try {
    return decompress(stored);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : '');
  }
}

/** An entry that the barrier did not write, like what the seal keeps below it. */
function unreadable(error: unknown): never {
  if (error instanceof Error && error.message.startsWith('no decryption key available')) throw refuse(error.message);
  throw error;
}

const rawFields = {
  path: field.string('Key in storage.', { always: true }),
  value: field.string('The value.', { always: true }),
  compressed: field.bool('Whether a compressed value is shown as it was before.', {
    default: true,
    documented: null,
  }),
  encoding: field.string('"" or "base64".', { always: true }),
  compression_type: field.string('How to compress: "", "gzip" …'),
  ...pageFieldsBesideWrites,
};

export const rawPaths = paths<undefined, object, RawContext>().path(
  '(raw/?$|raw/:path+)',
  'Storage behind the barrier.',
  rawFields,
  {
    read: {
      about: 'A value.',
      run: async ({ path, encoding, compressed }, { context }) => {
        const { node } = context;
        checkEncoding(encoding);
        const key = checked(path);
        const stored = await storageOf(node, key).get(key).catch(unreadable);
        if (stored === undefined) return undefined;
        const value = compressed ? decompressed(stored) : stored;
        return { value: encoding === 'base64' ? encodeBase64(value) : decodeUtf8(value) };
      },
    },
    write: {
      about: 'Write a value.',
      run: async ({ path, value, encoding, compression_type: compression }, { context, request }) => {
        const key = checked(path);
        checkEncoding(encoding);
        const storage = storageOf(context.node, key);
        const stored = request.operation === 'update' || compression ? await storage.get(key) : undefined;
        const compressed = compresses(compression, stored, request.operation === 'update');
        const plain = encoding === 'base64' ? decoded(value) : encodeUtf8(value);
        await storage.put(key, compressed ? compress(plain) : plain);
      },
    },
    delete: {
      about: 'Delete a value.',
      run: ({ path }, { context }) => {
        const key = checked(path);
        return storageOf(context.node, key).delete(key);
      },
    },
    list: {
      about: 'Names under a prefix.',
      run: ({ path, after, limit }, { context }) => {
        const key = checked(path);
        return context.node.barrier.list(key === '' || key.endsWith('/') ? key : `${key}/`, { after, limit });
      },
    },
  },
  {
    exists: async ({ path }, { context }) => existing(context.node, path),
    when: ({ node }: RawContext) => node.settings.rawStorage,
  },
);

/** What is there stays compressed as it was unless '' is asked for; what is new may be compressed with gzip. */
function compresses(asked: string | undefined, stored: Uint8Array | undefined, update: boolean): boolean {
  const compressed = stored !== undefined && isCompressed(stored);
  if (asked === undefined || asked === '') {
    if (update && stored === undefined) {
      throw refuse('cannot figure out compression type because entry does not exist');
    }
    return asked === undefined && compressed;
  }
  if (stored !== undefined && !(compressed && asked === 'gzip')) {
    throw refuse('the entry uses a different compression scheme then compression_type');
  }
  if (asked !== 'gzip') throw refuse(`invalid compression type ${quote(asked)}`);
  return true;
}

// Upstream's check fails with an error that nobody shows.
async function existing(node: RawNode, path: string): Promise<boolean> {
  if (hidden.includes(path)) throw failure(`cannot access ${quote(path)}`);
  return (await storageOf(node, path).get(path)) !== undefined;
}

function decoded(value: string): Uint8Array {
  try {
    return decodeBase64(value);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : '');
  }
}
