/** What the paths of this method have at hand. */
import { isObject, type JsonObject } from '../../codec/json.ts';
import { asBoolean, asNumber } from '../../codec/json-fields.ts';
import type { Call } from '../../framework/call.ts';
import { collection } from '../../framework/collection.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import type { BackendContext } from '../../framework/logical.ts';
import { crls } from './crl.ts';
import { entries } from './entry.ts';

/** `config`, as it is stored. */
export interface CertConfig {
  readonly disableBinding: boolean;
  readonly enableIdentityAliasMetadata: boolean;
  readonly ocspCacheSize: number;
}

/** One object under a name of its own. */
const config = collection<CertConfig>('', {
  encode: ({ disableBinding, enableIdentityAliasMetadata, ocspCacheSize }): JsonObject => ({
    disable_binding: disableBinding,
    enable_identity_alias_metadata: enableIdentityAliasMetadata,
    ocsp_cache_size: ocspCacheSize,
  }),
  decode: (stored) => {
    const fields = isObject(stored) ? stored : {};
    return {
      disableBinding: asBoolean(fields['disable_binding']) ?? false,
      enableIdentityAliasMetadata: asBoolean(fields['enable_identity_alias_metadata']) ?? false,
      ocspCacheSize: asNumber(fields['ocsp_cache_size']) ?? 0,
    };
  },
});

export const storage = { config, crls, entries };
export type CertCall = Call<undefined, typeof storage, BackendContext>;

export const certPaths = (): PathSet<undefined, typeof storage, BackendContext> => paths<undefined, typeof storage>();

export const configOf = async ({ store }: CertCall): Promise<CertConfig> =>
  (await store.config.get('config')) ?? {
    disableBinding: false,
    enableIdentityAliasMetadata: false,
    ocspCacheSize: 0,
  };
