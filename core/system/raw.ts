/** sys/raw: storage behind the barrier, read and written as it is. Off unless configured. */
import { decodeBase64, encodeBase64 } from '../codec/base64.ts';
import { compress, decompress, isCompressed } from '../codec/canary.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import { failure, refuse, unsupportedPath } from '../fault.ts';
import { field } from '../framework/field.ts';
import type { SystemNode } from './context.ts';
import { systemPaths } from './context.ts';

const hidden: readonly string[] = ['core/keyring', 'core/cluster/local/info'];
/** Not encrypted by the barrier. */
const plain: ReadonlySet<string> = new Set(['core/seal-config', 'core/recovery-config']);

function checked(node: SystemNode, path: string): string {
  if (!node.settings.rawStorage) throw unsupportedPath();
  if (hidden.some((key) => path === key || path.startsWith(`${key}/`))) throw refuse(`cannot access "${path}"`);
  return path;
}

/** An entry that the barrier did not write, like what the seal keeps below it. */
function unreadable(error: unknown): never {
  if (error instanceof Error && error.message.startsWith('no decryption key available')) throw refuse(error.message);
  throw error;
}

const rawFields = {
  path: field.string('Key in storage.', { default: '' }),
  value: field.string('The value.', { default: '' }),
  compressed: field.bool('Whether a compressed value is shown as it was before.', { default: true }),
  encoding: field.string('"" or "base64".', { default: '' }),
  compression_type: field.string('How to compress: "", "gzip" …', { default: '' }),
  after: field.string('List what comes after this name.', { default: '', query: true }),
  limit: field.int('List so many names at most.', { default: 0, query: true }),
};

export const rawPaths = systemPaths().path(
  '(raw/?$|raw/:path+)',
  'Storage behind the barrier.',
  rawFields,
  {
    read: {
      about: 'A value.',
      run: async ({ path, encoding, compressed }, { context }) => {
        const { node } = context;
        const key = checked(node, path);
        const stored = await (plain.has(key) ? node.barrier.physical : node.barrier).get(key).catch(unreadable);
        if (stored === undefined) return undefined;
        if (compressed && stored.length === 0) throw refuse("'data' being decompressed is empty");
        const value = compressed ? decompress(stored) : stored;
        return { value: encoding === 'base64' ? encodeBase64(value) : decodeUtf8(value) };
      },
    },
    write: {
      about: 'Write a value.',
      run: async ({ path, value, encoding, compression_type: compression }, { context }) => {
        const key = checked(context.node, path);
        if (encoding !== '' && encoding !== 'base64') throw refuse(`invalid encoding "${encoding}"`);
        if (compression !== '') await checkCompression(context.node, key, compression);
        const plain = encoding === 'base64' ? decoded(value) : encodeUtf8(value);
        await context.node.barrier.put(key, compression === '' ? plain : compress(plain));
      },
    },
    delete: {
      about: 'Delete a value.',
      run: ({ path }, { context }) => context.node.barrier.delete(checked(context.node, path)),
    },
    list: {
      about: 'Names under a prefix.',
      run: ({ path, after, limit }, { context }) => {
        const key = checked(context.node, path);
        return context.node.barrier.list(key === '' || key.endsWith('/') ? key : `${key}/`, { after, limit });
      },
    },
  },
  { exists: async ({ path }, { context }) => existing(context.node, path) },
);

/** What is there keeps how it is compressed; what is new may be compressed with gzip. */
async function checkCompression(node: SystemNode, key: string, compression: string): Promise<void> {
  const stored = await node.barrier.get(key);
  if (stored !== undefined && !(isCompressed(stored) && compression === 'gzip')) {
    throw refuse('the entry uses a different compression scheme then compression_type');
  }
  if (compression !== 'gzip') throw refuse(`invalid compression type "${compression}"`);
}

// Upstream's check fails with an error that nobody shows.
async function existing(node: SystemNode, path: string): Promise<boolean> {
  if (hidden.includes(path)) throw failure(`cannot access "${path}"`);
  return (await node.barrier.get(path)) !== undefined;
}

function decoded(value: string): Uint8Array {
  try {
    return decodeBase64(value);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : '');
  }
}
