/** `data/…` and `subkeys/…`: the versions themselves. */
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { emptyObject, isObject, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure, refuse } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { Answer, Reply } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import type { Reader, Writer } from '../../storage/storage.ts';
import { newMetadata } from './messages.ts';
import type { Configuration, KeyMetadata } from './messages.ts';
import { mergePatch } from '../../codec/merge-patch.ts';
import { addVersion, checkAndSet, cleanUp, deletionTime, keyExists, pathField, ready } from './options.ts';
import { emptyNotFound, isDeleted, parseStored, shownVersion } from './show.ts';
import type { VersionedStore } from './versioned-store.ts';

const dataFields = {
  path: pathField,
  version: field.int('Read this version instead of the current one.'),
  options: field.map(
    'Options of a write. With "cas", the write succeeds only if the current version has this number;\n0 stands for a key without any version.',
  ),
  data: field.map('The secret: an object with any keys.'),
};

interface Found {
  readonly metadata: KeyMetadata;
  readonly number: number;
  /** What to answer: undefined for nothing there, or a 404 with metadata for a version that is gone. */
  readonly gone: Reply | undefined;
}

/** The metadata of one version, before its data is read. Undefined: no such key or version. */
async function find(
  store: VersionedStore,
  storage: Reader,
  key: string,
  wanted: number,
  whenGone: (version: JsonObject) => JsonObject,
): Promise<Found | undefined> {
  const metadata = await store.metadata(storage, key);
  if (metadata === undefined) return undefined;
  const number = wanted > 0 ? wanted : metadata.currentVersion;
  const version = metadata.versions.get(number);
  if (version === undefined) return undefined;
  const isGone = version.destroyed || isDeleted(version, store.now());
  const gone = isGone ? reply({ status: 404, data: whenGone(shownVersion(metadata, number, version)) }) : undefined;
  return { metadata, number, gone };
}

async function readData(store: VersionedStore, storage: Reader, key: string, number: number): Promise<JsonValue> {
  const version = await store.version(storage, key, number);
  if (version === undefined) throw failure('could not find version data');
  return parseStored(version.data);
}

async function readVersion(
  store: VersionedStore,
  storage: Reader,
  key: string,
  wanted: number,
  name: 'data' | 'subkeys',
  shape: (data: JsonValue) => JsonValue,
): Promise<Answer> {
  return store.locks.read(key, async () => {
    const found = await find(store, storage, key, wanted, (metadata) => ({ [name]: null, metadata }));
    if (found === undefined || found.gone !== undefined) return found?.gone;
    const data = shape(await readData(store, storage, key, found.number));
    const { metadata, number } = found;
    return { [name]: data, metadata: shownVersion(metadata, number, metadata.versions.get(number)!) };
  });
}

/** Stores the next version and answers with its metadata. */
async function writeNext(
  store: VersionedStore,
  storage: Reader & Writer,
  config: Configuration,
  metadata: KeyMetadata,
  data: JsonValue,
): Promise<JsonObject> {
  const created = store.now();
  const deleted = deletionTime(created, config, metadata);
  await store.putVersion(storage, metadata.key, metadata.currentVersion + 1, {
    data: encodeUtf8(print(data)),
    createdTime: created,
    deletionTime: deleted,
  });
  const { version, obsolete } = addVersion(metadata, created, deleted, config.maxVersions);
  await store.putMetadata(storage, metadata);
  await cleanUp(store, storage, metadata.key, obsolete);
  return shownVersion(metadata, metadata.currentVersion, version);
}

/** Leaves stay as null; below `depth` (0: no limit) objects count as leaves. */
function subkeys(data: JsonValue, depth: number, level = 1): JsonValue {
  if (!isObject(data)) return null;
  const keys = emptyObject();
  for (const key of Object.keys(data)) {
    const value = data[key]!;
    const deeper = isObject(value) && Object.keys(value).length > 0 && (depth === 0 || level + 1 <= depth);
    keys[key] = deeper ? subkeys(value, depth, level + 1) : null;
  }
  return keys;
}

export const dataPaths = paths<VersionedStore>().path(
  'data/:path*',
  'Write, read, patch and delete versions of a secret.',
  dataFields,
  {
    read: {
      run: ready(({ path, version = 0 }, store, { storage }) =>
        readVersion(store, storage, path, version, 'data', (data) => data),
      ),
    },
    write: {
      run: ready(async ({ path, data, options }, store, { request }) => {
        if (path === '') throw refuse('missing path');
        if (data === undefined) throw refuse('no data provided');
        const config = await store.config(store.storage);
        // An explicit null is stored as such.
        const content = request.data['data'] === null ? null : data;
        return store.change(path, async (storage) => {
          const metadata = (await store.metadata(storage, path)) ?? newMetadata(path);
          checkAndSet(options, config, metadata);
          return writeNext(store, storage, config, metadata, content);
        });
      }),
    },
    patch: {
      run: ready(async ({ path, data, options }, store, { request }) => {
        if (data === undefined) throw refuse('no data provided');
        return store.change(path, async (storage): Promise<Answer> => {
          const metadata = await store.metadata(storage, path);
          if (metadata === undefined) return emptyNotFound();
          const config = await store.config(storage);
          checkAndSet(options, config, metadata);
          const found = await find(store, storage, path, 0, (version) => version);
          if (found === undefined) return emptyNotFound();
          if (found.gone !== undefined) return found.gone;
          const current = await readData(store, storage, path, found.number);
          if (!isObject(current)) throw failure('resource does not exist');
          const content = request.data['data'] === null ? null : mergePatch(current, data);
          return writeNext(store, storage, config, metadata, content);
        });
      }),
    },
    delete: {
      run: ready(({ path }, store) =>
        store.change(path, async (storage) => {
          const metadata = await store.metadata(storage, path);
          const version = metadata?.versions.get(metadata.currentVersion);
          if (metadata === undefined || version === undefined) return;
          const now = store.now();
          if (version.destroyed || isDeleted(version, now)) return;
          version.deletionTime = now;
          await store.putMetadata(storage, metadata);
        }),
      ),
    },
  },
  {
    exists: keyExists,
    help: 'A write makes a new version and leaves the older ones as they are. A read gives the current version unless\nanother is asked for. A patch merges into the current version and makes a new one. A delete marks the current\nversion as deleted; it can be brought back.',
  },
);

export const subkeyPaths = paths<VersionedStore>().path(
  'subkeys/:path*',
  'The keys of a secret without their values.',
  {
    path: pathField,
    version: field.int('Show this version instead of the current one.', { default: 0 }),
    depth: field.int('How deep to look into nested objects; 0 sets no limit.', { default: 0 }),
  },
  {
    read: {
      run: ready(({ path, version, depth }, store, { storage }) =>
        readVersion(store, storage, path, version, 'subkeys', (data) => subkeys(data, depth)),
      ),
    },
  },
  {
    help: 'Every leaf is replaced by null: values that are no objects, empty objects, and whatever lies below `depth`.',
  },
);
