/** `config`: what holds for all entries. */
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { certPaths, configOf } from './call.ts';

const [LEAST, MOST] = [2, 100_000];

export const configPath = certPaths().path(
  'config',
  'What holds for all entries.',
  {
    disable_binding: field.bool('Whether a renewal goes without the certificate of the login.', { default: false }),
    enable_identity_alias_metadata: field.bool('Whether the metadata of a login are the metadata of its alias, too.', {
      default: false,
    }),
    ocsp_cache_size: field.int('How many answers of OCSP servers are remembered.', { default: 100 }),
  },
  {
    read: {
      id: { suffix: 'configuration' },
      run: async (_, call) => {
        const { disableBinding, enableIdentityAliasMetadata, ocspCacheSize } = await configOf(call);
        return {
          disable_binding: disableBinding,
          enable_identity_alias_metadata: enableIdentityAliasMetadata,
          ocsp_cache_size: ocspCacheSize,
        };
      },
    },
    update: {
      id: { verb: 'configure' },
      run: async (input, call) => {
        const sent = (name: string): boolean => call.request.data[name] !== undefined;
        const config = { ...(await configOf(call)) };
        if (sent('disable_binding')) config.disableBinding = input.disable_binding;
        if (sent('enable_identity_alias_metadata'))
          config.enableIdentityAliasMetadata = input.enable_identity_alias_metadata;
        if (sent('ocsp_cache_size')) {
          const size = input.ocsp_cache_size;
          if (size < LEAST || size > MOST) throw refuse(`invalid cache size, must be >= ${LEAST} and <= ${MOST}`);
          config.ocspCacheSize = size;
        }
        await call.store.config.put('config', config);
      },
    },
  },
);
