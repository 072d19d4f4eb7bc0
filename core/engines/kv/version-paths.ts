/** `delete/…`, `undelete/…` and `destroy/…`: chosen versions of a key. */
import { refuse } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { Reader, Writer } from '../../storage/storage.ts';
import type { KeyMetadata, VersionMetadata } from './messages.ts';
import { deletionTime, pathField, ready } from './options.ts';
import { isDeleted } from './show.ts';
import type { VersionedStore } from './versioned-store.ts';

const fieldsOf = (about: string) => ({ path: pathField, versions: field.commaInts(about, { always: true }) });

/** Changes the chosen versions that exist and are not destroyed, and stores the metadata, changed or not. */
function changeVersions(
  store: VersionedStore,
  key: string,
  versions: readonly number[],
  change: (version: VersionMetadata, metadata: KeyMetadata) => void,
  then?: (storage: Reader & Writer) => Promise<void>,
): Promise<void> {
  return store.change(key, async (storage) => {
    const metadata = await store.metadata(storage, key);
    if (metadata === undefined) return;
    for (const number of versions) {
      const version = metadata.versions.get(number);
      if (version !== undefined && !version.destroyed) change(version, metadata);
    }
    await store.putMetadata(storage, metadata);
    await then?.(storage);
  });
}

export const destroyPaths = paths<VersionedStore>().path(
  'destroy/:path*',
  'Remove the data of versions for good.',
  fieldsOf('The versions whose data is removed.'),
  {
    write: {
      forward: true,
      run: ready(async ({ path, versions }, store) => {
        if (versions.length === 0) throw refuse('no version number provided');
        await changeVersions(
          store,
          path,
          versions,
          (version) => (version.destroyed = true),
          async (storage) => {
            for (const number of versions) await storage.delete(await store.versionPlace(storage, path, number));
          },
        );
      }),
    },
  },
  { help: 'The metadata of a destroyed version stays and says so; its data cannot be brought back.' },
);

export const deletePaths = paths<VersionedStore>()
  .path(
    'delete/:path*',
    'Mark versions as deleted.',
    fieldsOf('The versions to mark as deleted.'),
    {
      write: {
        forward: true,
        run: ready(async ({ path, versions }, store) => {
          if (versions.length === 0) throw refuse('No version number provided');
          await changeVersions(store, path, versions, (version) => {
            const now = store.now();
            if (!isDeleted(version, now)) version.deletionTime = now;
          });
        }),
      },
    },
    { help: 'Reads no longer give the data of deleted versions. It stays stored, and undelete brings it back.' },
  )
  .path(
    'undelete/:path*',
    'Bring deleted versions back.',
    fieldsOf('The versions to bring back.'),
    {
      write: {
        forward: true,
        run: ready(async ({ path, versions }, store) => {
          if (versions.length === 0) throw refuse('No version number provided');
          const config = await store.config(store.storage);
          await changeVersions(store, path, versions, (version, metadata) => {
            version.deletionTime = deletionTime(store.now(), config, metadata);
          });
        }),
      },
    },
    { help: 'Deleted versions can be read again. Where versions are deleted after a time, the time starts anew.' },
  );
