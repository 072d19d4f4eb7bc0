/** The mount's own settings: whether encrypting makes keys, and how many keys are cached. */
import { asBoolean, asNumber } from '../../codec/json-fields.ts';
import { isObject } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import { Collection, collection } from '../../framework/collection.ts';
import { field } from '../../framework/field.ts';
import type { Reader, Writer } from '../../storage/storage.ts';
import { transitPaths } from './call.ts';

interface KeysConfig {
  readonly disableUpsert: boolean;
}

const configs = collection<KeysConfig>('config/', {
  encode: ({ disableUpsert }) => ({ disable_upsert: disableUpsert }),
  decode: (stored) => ({ disableUpsert: isObject(stored) && (asBoolean(stored['disable_upsert']) ?? false) }),
});

const caches = collection<{ size: number }>('config/', {
  encode: ({ size }) => ({ size }),
  decode: (stored) => ({ size: isObject(stored) ? (asNumber(stored['size']) ?? 0) : 0 }),
});

export const keysConfig = async (storage: Reader & Writer): Promise<KeysConfig> =>
  (await new Collection(configs, storage).get('keys')) ?? { disableUpsert: false };

export const cacheSize = async (storage: Reader & Writer): Promise<number> =>
  (await new Collection(caches, storage).get('cache'))?.size ?? 0;

/** 0: no limit. */
const LEAST_CACHE = 10;

export const configPaths = transitPaths()
  .path(
    'config/keys',
    'Settings for all keys of the mount.',
    {
      disable_upsert: field.bool('Encrypting with a key that is not there fails instead of making it.', {
        always: true,
      }),
    },
    {
      update: {
        about: 'Change the settings.',
        id: { verb: 'configure' },
        run: async ({ disable_upsert }, { storage }) => {
          // Nothing is written where nothing changes, so that a standby can answer.
          if ((await keysConfig(storage)).disableUpsert !== disable_upsert) {
            await new Collection(configs, storage).put('keys', { disableUpsert: disable_upsert });
          }
          return { disable_upsert };
        },
      },
      read: {
        about: 'Read the settings.',
        id: { suffix: 'keys-configuration' },
        run: async (_, { storage }) => ({ disable_upsert: (await keysConfig(storage)).disableUpsert }),
      },
    },
    { id: { prefix: 'transit', suffix: 'keys' } },
  )
  .path(
    'cache-config',
    'How many keys are kept in memory.',
    { size: field.int('At least 10; 0: all.', { default: 0 }) },
    {
      read: {
        about: 'Read the size of the cache.',
        id: { suffix: 'cache-configuration' },
        run: async (_, { storage }) => ({ size: await cacheSize(storage) }),
      },
      write: {
        about: 'Change the size of the cache.',
        id: { verb: 'configure' },
        run: async ({ size }, { storage, state }) => {
          if (size !== 0 && size < LEAST_CACHE) throw refuse('size must be 0 or a value greater or equal to 10');
          await new Collection(caches, storage).put('cache', { size });
          state.limit = size;
          return { size };
        },
      },
    },
    { id: { prefix: 'transit', suffix: 'cache' } },
  );
