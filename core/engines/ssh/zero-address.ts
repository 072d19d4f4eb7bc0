/** Roles for any address whatsoever: `config/zeroaddress`. */
import { quote } from '../../codec/go-quote.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { sshPaths, type SshStore } from './call.ts';

const PLACE = 'zeroaddress';

export const zeroAddressRoles = async (store: SshStore): Promise<readonly string[]> =>
  (await store.config.get(PLACE))?.roles ?? [];

/** The first mention of the role; upstream leaves further ones. */
export async function forgetZeroAddress(store: SshStore, role: string): Promise<void> {
  const roles = (await store.config.get(PLACE))?.roles;
  if (roles === undefined) return;
  const at = roles.indexOf(role);
  await store.config.put(PLACE, { roles: at < 0 ? roles : roles.toSpliced(at, 1) });
}

export const zeroAddressPaths = sshPaths().path(
  'config/zeroaddress',
  'Roles for any address.',
  { roles: field.commaStrings('Names of roles.', { always: true }) },
  {
    read: {
      about: 'Read the list.',
      id: { suffix: 'zero-address-configuration' },
      run: async (_, { store }) => {
        const found = await store.config.get(PLACE);
        return found && { roles: found.roles ?? [] };
      },
    },
    update: {
      about: 'Replace the list.',
      id: { verb: 'configure', suffix: 'zero-address' },
      run: async ({ roles }, { store }) => {
        if (roles.length === 0) throw refuse('Missing roles');
        for (const role of roles) {
          if ((await store.roles.get(role)) === undefined) throw refuse(`Role ${quote(role)} does not exist`);
        }
        await store.config.put(PLACE, { roles });
      },
    },
    delete: {
      about: 'Delete the list.',
      id: { suffix: 'zero-address-configuration' },
      run: (_, { store }) => store.config.delete(PLACE),
    },
  },
  { id: { prefix: 'ssh' } },
);
