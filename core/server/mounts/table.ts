/**
 * The mount tables in storage: one row a key under four folders (secret or auth, replicated or local). This is the
 * only place that knows the keys.
 */
import type { Log } from '../../runtime.ts';
import type { Storage } from '../../storage/storage.ts';
import { decodeEntry, encodeEntry } from './entry-codec.ts';
import type { MountEntry } from './entry.ts';

const folders = ['core/mounts/', 'core/local-mounts/', 'core/auth/', 'core/local-auth/'] as const;

const folderOf = (entry: MountEntry): string =>
  entry.table === 'auth'
    ? entry.local
      ? 'core/local-auth/'
      : 'core/auth/'
    : entry.local
      ? 'core/local-mounts/'
      : 'core/mounts/';

/** The uuid of the row behind a storage key, for invalidation; undefined for other keys. */
export function rowOf(key: string): string | undefined {
  const folder = folders.find((name) => key.startsWith(name));
  return folder === undefined ? undefined : key.slice(folder.length);
}

const foldersOf: Readonly<Record<'mounts' | 'auth', readonly (typeof folders)[number][]>> = {
  mounts: ['core/mounts/', 'core/local-mounts/'],
  auth: ['core/auth/', 'core/local-auth/'],
};

export async function loadEntries(barrier: Storage, table: 'mounts' | 'auth'): Promise<MountEntry[]> {
  const entries: MountEntry[] = [];
  for (const folder of foldersOf[table]) {
    for (const name of await barrier.list(folder)) {
      const stored = await barrier.get(folder + name);
      if (stored) entries.push(decodeEntry(stored));
    }
  }
  return entries;
}

export async function rowsOf(barrier: Storage): Promise<string[]> {
  const keys: string[] = [];
  for (const folder of folders) for (const name of await barrier.list(folder)) keys.push(folder + name);
  return keys;
}

export async function loadEntry(barrier: Storage, key: string): Promise<MountEntry | undefined> {
  const stored = await barrier.get(key);
  return stored && decodeEntry(stored);
}

/** Where the rows of entries are, folder by folder. */
export const keysOf = (entries: readonly MountEntry[]): string[] =>
  folders.flatMap((folder) => entries.filter((entry) => folderOf(entry) === folder).map(keyOf));

const keyOf = (entry: MountEntry): string => folderOf(entry) + entry.uuid;

export const saveEntry = (barrier: Storage, entry: MountEntry): Promise<void> =>
  barrier.put(keyOf(entry), encodeEntry(entry));

export const dropEntry = (barrier: Storage, entry: MountEntry): Promise<void> => barrier.delete(keyOf(entry));

/** Removes everything under a prefix, page by page, as upstream clears a view. */
export async function clearPrefix(storage: Storage, prefix: string): Promise<void> {
  for (const name of await storage.list(prefix)) {
    if (name.endsWith('/')) await clearPrefix(storage, prefix + name);
    else await storage.delete(prefix + name);
  }
}

/** The same, told in the log: first how much there is. */
export async function clearTold(
  log: Log,
  logger: string,
  view: Readonly<Record<string, string>>,
  storage: Storage,
  prefix: string,
): Promise<void> {
  const keys = await allBelow(storage, prefix);
  log.write('debug', logger, 'clearing paginated view', { ...view, total_keys: keys.length });
  for (const [index, key] of keys.entries()) {
    await storage.delete(key);
    const deleted = index + 1;
    const percent = Math.trunc((100 * deleted) / keys.length);
    log.write('trace', logger, 'view deletion progress', { ...view, percent, keys_deleted: deleted });
  }
  log.write('debug', logger, 'paginated view cleared', view);
}

async function allBelow(storage: Storage, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for (const name of await storage.list(prefix)) {
    if (name.endsWith('/')) keys.push(...(await allBelow(storage, prefix + name)));
    else keys.push(prefix + name);
  }
  return keys;
}

/** Everything of one view into another. */
export async function copyAll(from: Storage, to: Storage, folder = ''): Promise<void> {
  for (const name of await from.list(folder)) {
    const key = folder + name;
    if (name.endsWith('/')) await copyAll(from, to, key);
    else {
      const value = await from.get(key);
      if (value !== undefined) await to.put(key, value);
    }
  }
}
