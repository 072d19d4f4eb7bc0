/** `config`: settings that hold for all keys of a mount. */
import { formatDuration } from '../../codec/duration.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { SECOND } from '../../runtime.ts';
import { ready } from './options.ts';
import type { VersionedStore } from './versioned-store.ts';

const uint32 = (value: number): number => Number(BigInt.asUintN(32, BigInt(value)));

export const configPaths = paths<VersionedStore>().path(
  'config',
  'Settings for all keys of this mount.',
  {
    max_versions: field.int('How many versions of a key to keep; 10 unless set.'),
    cas_required: field.bool('Whether every write must carry "cas".'),
    metadata_cas_required: field.bool('Whether every change of metadata must carry "metadata_cas".'),
    delete_version_after: field.signedSeconds(
      'After this time a new version counts as deleted. Negative switches it off for all keys, zero clears the setting.',
    ),
  },
  {
    read: {
      about: 'Read the settings of the mount.',
      run: ready(async (_, store, { storage }) => {
        const config = await store.config(storage);
        return {
          max_versions: config.maxVersions,
          cas_required: config.casRequired,
          metadata_cas_required: config.metadataCasRequired,
          delete_version_after: formatDuration(config.deleteVersionAfter),
        };
      }),
    },
    write: {
      about: 'Change the settings of the mount.',
      forward: true,
      run: ready(async (input, store) => {
        const after = input.delete_version_after;
        if (Object.values(input).every((value) => value === undefined)) return;
        await store.changeConfig((config) => {
          if (input.max_versions !== undefined) config.maxVersions = uint32(input.max_versions);
          config.casRequired = input.cas_required ?? config.casRequired;
          config.metadataCasRequired = input.metadata_cas_required ?? config.metadataCasRequired;
          if (after !== undefined) config.deleteVersionAfter = after < 0 ? -SECOND : after * SECOND;
        });
      }),
    },
  },
  { help: 'Only the settings that are sent change.' },
);
