/** sys/raw: storage behind the barrier, read and written as it is. Off unless configured. */
import { decodeBase64, encodeBase64 } from '../codec/base64.ts';
import { decompress } from '../codec/canary.ts';
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

const COMPRESSIONS: ReadonlySet<string> = new Set(['gzip', 'lzw', 'snappy', 'lz4']);

const rawFields = {
  path: field.string('Key in storage.', { default: '' }),
  value: field.string('The value.', { default: '' }),
  compressed: field.bool('Whether a compressed value is shown as it was before.', { default: true }),
  encoding: field.string('"" or "base64".', { default: '' }),
  compression_type: field.string('How to compress: "", "gzip" …', { default: '' }),
};

const rawPath = (pattern: 'raw' | 'raw/:path*') =>
  systemPaths().path(
    pattern,
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
          const value = compressed ? decompress(stored) : stored;
          return { value: encoding === 'base64' ? encodeBase64(value) : decodeUtf8(value) };
        },
      },
      write: {
        about: 'Write a value.',
        run: async ({ path, value, encoding, compression_type: compression }, { context }) => {
          const key = checked(context.node, path);
          if (encoding !== '' && encoding !== 'base64') throw refuse(`invalid encoding "${encoding}"`);
          if (compression !== '' && !COMPRESSIONS.has(compression)) {
            throw refuse(`invalid compression type "${compression}"`);
          }
          if (compression !== '') throw refuse('the entry uses a different compression scheme then compression_type');
          await context.node.barrier.put(key, encoding === 'base64' ? decoded(value) : encodeUtf8(value));
        },
      },
      delete: {
        about: 'Delete a value.',
        run: ({ path }, { context }) => context.node.barrier.delete(checked(context.node, path)),
      },
      list: {
        about: 'Names under a prefix.',
        run: ({ path }, { context }) => {
          const key = checked(context.node, path);
          return context.node.barrier.list(key === '' || key.endsWith('/') ? key : `${key}/`);
        },
      },
    },
    { exists: async ({ path }, { context }) => existing(context.node, path) },
  );

export const rawPaths = rawPath('raw').include(rawPath('raw/:path*'));

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
