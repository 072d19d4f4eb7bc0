/** `metadata/…` and `detailed-metadata/…`: settings of keys, lists, and removal of keys with all versions. */
import type { JsonObject } from '../../codec/json.ts';
import { emptyObject } from '../../codec/json.ts';
import { isNumber } from '../../framework/coerce.ts';
import { failure, refuse } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { pageFieldsBesideWrites } from '../../framework/page-fields.ts';
import type { Answer } from '../../framework/reply.ts';
import { listing, reply } from '../../framework/reply.ts';
import { scanNames } from '../../framework/scan.ts';
import { SECOND } from '../../runtime.ts';
import type { Reader } from '../../storage/storage.ts';
import { customMetadata } from './custom-metadata.ts';
import type { Configuration, KeyMetadata } from './messages.ts';
import { newMetadata } from './messages.ts';
import { keyExists, pathField, ready } from './options.ts';
import { emptyNotFound, shownMetadata } from './show.ts';
import type { VersionedStore } from './versioned-store.ts';

const metadataFields = {
  path: pathField,
  cas_required: field.bool('Whether writes must carry "cas". False leaves it to the mount.'),
  metadata_cas_required: field.bool(
    'Whether changes of metadata must carry "metadata_cas". False leaves it to the mount.',
  ),
  metadata_cas: field.int('The metadata version that a change expects; 0 when there is no metadata yet.'),
  max_versions: field.int('How many versions to keep; the mount may keep more.'),
  delete_version_after: field.seconds('After this time a new version counts as deleted. Zero clears the setting.'),
  custom_metadata: field.map("The user's own texts by name, the same for all versions."),
  ...pageFieldsBesideWrites,
};

interface Changes {
  readonly cas_required: boolean | undefined;
  readonly metadata_cas_required: boolean | undefined;
  readonly metadata_cas: number | undefined;
  readonly max_versions: number | undefined;
  readonly delete_version_after: number | undefined;
  readonly custom_metadata: JsonObject | undefined;
}

const changesNothing = (input: Changes): boolean =>
  input.max_versions === undefined &&
  input.cas_required === undefined &&
  input.metadata_cas_required === undefined &&
  input.delete_version_after === undefined &&
  input.custom_metadata === undefined;

function checkMetadataCas(cas: number | undefined, config: Configuration, metadata: KeyMetadata, isNew: boolean): void {
  if (cas === undefined) {
    if (config.metadataCasRequired || metadata.metadataCasRequired) {
      throw refuse('metadata check-and-set parameter required for this call');
    }
  } else if (isNew) {
    if (cas !== 0) throw refuse('metadata_cas must be 0 when creating new metadata');
  } else if (cas !== metadata.metadataVersion) {
    throw refuse('metadata check-and-set parameter does not match the current version');
  }
}

/** Nothing, or warnings of settings that the mount overrules. */
function overruled(input: Changes, config: Configuration): Answer {
  const warnings: string[] = [];
  const warn = (name: string): void => {
    warnings.push(`"${name}" set to false, but is mandated by backend config. This value will be ignored.`);
  };
  if (input.cas_required === false && config.casRequired) warn('cas_required');
  if (input.metadata_cas_required === false && config.metadataCasRequired) warn('metadata_cas_required');
  return warnings.length === 0 ? undefined : reply({ warnings });
}

function stamp(store: VersionedStore, metadata: KeyMetadata): void {
  metadata.updatedTime = store.now();
  metadata.createdTime ??= metadata.updatedTime;
  metadata.metadataVersion++;
}

/** A patch goes through JSON into upstream's structs, so what does not fit there fails with encoding/json's texts. */
function applyPatch(metadata: KeyMetadata, input: Changes, removesCustom: boolean): void {
  if (removesCustom) metadata.customMetadata = new Map();
  else {
    for (const [name, value] of Object.entries(input.custom_metadata ?? {})) {
      if (value === null) metadata.customMetadata.delete(name);
      else if (typeof value === 'string') metadata.customMetadata.set(name, value);
      else {
        const kind = isNumber(value) ? 'number' : 'bool';
        throw failure(`json: cannot unmarshal ${kind} into Go struct field .custom_metadata.${name} of type string`);
      }
    }
  }
  const most = input.max_versions;
  if (most !== undefined) {
    if (most < 0 || most > 0xffff_ffff) {
      throw failure(`json: cannot unmarshal number ${most} into Go struct field .max_versions of type uint32`);
    }
    metadata.maxVersions = most;
  }
  metadata.casRequired = input.cas_required ?? metadata.casRequired;
  metadata.metadataCasRequired = input.metadata_cas_required ?? metadata.metadataCasRequired;
  // A zero duration is an empty object in the patch and merges into nothing.
  if (input.delete_version_after === 0) metadata.deleteVersionAfter ??= 0;
  else if (input.delete_version_after !== undefined) metadata.deleteVersionAfter = input.delete_version_after * SECOND;
}

const uint32 = (value: number): number => Number(BigInt.asUintN(32, BigInt(value)));

export const metadataPaths = paths<VersionedStore>().path(
  'metadata/:path*',
  'Settings of a key, lists of keys, and removal of keys.',
  metadataFields,
  {
    list: { run: ready(({ path, after, limit }, store, { storage }) => store.list(storage, path, after, limit)) },
    scan: {
      run: ready(({ path }, store, { storage }) => scanNames((folder) => store.list(storage, path + folder))),
    },
    read: {
      run: ready(async ({ path }, store, { storage }) => {
        const metadata = await store.metadata(storage, path);
        return metadata === undefined ? undefined : shownMetadata(metadata);
      }),
    },
    write: {
      run: ready(async (input, store) => {
        const { path } = input;
        if (path === '') throw refuse('missing path');
        if (changesNothing(input)) return;
        const config = await store.config(store.storage);
        const custom = input.custom_metadata === undefined ? undefined : customMetadata(input.custom_metadata, false);
        return store.change(path, async (storage): Promise<Answer> => {
          const stored = await store.metadata(storage, path);
          const metadata = stored ?? newMetadata(path);
          checkMetadataCas(input.metadata_cas, config, metadata, stored === undefined);
          if (input.max_versions !== undefined) metadata.maxVersions = uint32(input.max_versions);
          metadata.casRequired = input.cas_required ?? metadata.casRequired;
          metadata.metadataCasRequired = input.metadata_cas_required ?? metadata.metadataCasRequired;
          if (input.delete_version_after !== undefined) {
            metadata.deleteVersionAfter = input.delete_version_after * SECOND;
          }
          metadata.customMetadata = custom ?? metadata.customMetadata;
          stamp(store, metadata);
          await store.putMetadata(storage, metadata);
          return overruled(input, config);
        });
      }),
    },
    patch: {
      run: ready(async (input, store, { request }) => {
        const { path } = input;
        if (path === '') throw refuse('missing path');
        if (changesNothing(input)) return;
        if (input.custom_metadata !== undefined) customMetadata(input.custom_metadata, true);
        const config = await store.config(store.storage);
        return store.change(path, async (storage): Promise<Answer> => {
          const metadata = await store.metadata(storage, path);
          if (metadata === undefined) return emptyNotFound();
          checkMetadataCas(input.metadata_cas, config, metadata, false);
          applyPatch(metadata, input, request.data['custom_metadata'] === null);
          stamp(store, metadata);
          await store.putMetadata(storage, metadata);
          return overruled(input, config);
        });
      }),
    },
    delete: {
      run: ready(({ path }, store) =>
        store.change(path, async (storage) => {
          const metadata = await store.metadata(storage, path);
          if (metadata === undefined) return;
          for (const number of metadata.versions.keys()) {
            await storage.delete(await store.versionPlace(storage, path, number));
          }
          await store.deleteMetadata(storage, path);
        }),
      ),
    },
  },
  {
    exists: keyExists,
    help: 'A read shows the settings and all versions of a key. A delete removes the key with all its versions for good.',
  },
);

/** Names with the metadata of those that are keys. */
async function detailed(
  store: VersionedStore,
  storage: Reader,
  folder: string,
  names: readonly string[],
): Promise<Answer> {
  const info = emptyObject();
  for (const name of names) {
    // A sub-folder's name finds the key of the same name, since a trailing slash counts for nothing.
    const metadata = await store.metadata(storage, folder + name);
    if (metadata !== undefined) info[name] = shownMetadata(metadata);
    else if (name.endsWith('/')) info[name] = emptyObject();
  }
  return reply(listing(names, info));
}

export const detailedPaths = paths<VersionedStore>().path(
  'detailed-metadata/:path*',
  'Lists of keys together with their metadata.',
  { path: pathField, ...pageFieldsBesideWrites },
  {
    list: {
      run: ready(async ({ path, after, limit }, store, { storage }) =>
        detailed(store, storage, path, await store.list(storage, path, after, limit)),
      ),
    },
    scan: {
      run: ready(async ({ path }, store, { storage }) =>
        detailed(store, storage, path, await scanNames((folder) => store.list(storage, path + folder))),
      ),
    },
  },
  { help: 'A list of names, with the metadata of each name that is a key under `key_info`.' },
);
