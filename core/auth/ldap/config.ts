/** `config`: the directory, and the settings of the tokens. */
import type { JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { assert } from '../../assert.ts';
import { refuse } from '../../fault.ts';
import type { Call } from '../../framework/call.ts';
import { collection } from '../../framework/collection.ts';
import { paths } from '../../framework/engine.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { Directory } from '../../framework/ldap/config.ts';
import { decodeDirectory, defaultDirectory, directoryFields } from '../../framework/ldap/config.ts';
import { FILTERS_HELP, encodeDirectory, shownDirectory, withSent } from '../../framework/ldap/config.ts';
import { reply } from '../../framework/reply.ts';
import type { TokenParams } from '../../framework/token-params.ts';
import { applyTokenInput, decodeTokenParams, encodeTokenParams, noTokenParams } from '../../framework/token-params.ts';
import { shownTokenParams, tokenFields } from '../../framework/token-params.ts';
import type { groups, users } from './names.ts';

export interface Config {
  readonly token: TokenParams;
  readonly directory: Directory;
}

export const configs = collection<Config>('', {
  encode: ({ token, directory }) =>
    new Map<string, JsonValue>([...encodeTokenParams(token), ...encodeDirectory(directory)]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored configuration is an object');
    return { token: decodeTokenParams(stored), directory: decodeDirectory(stored) };
  },
});

export const storage = { configs };
export type LdapStorage = typeof storage & { users: typeof users; groups: typeof groups };
export type LdapCall = Call<undefined, LdapStorage, BackendContext>;

export const readConfig = async ({ store }: LdapCall): Promise<Config> =>
  (await store.configs.get('config')) ?? { token: noTokenParams(), directory: defaultDirectory() };

/** Names of users and groups as they are filed. */
export const canonical = (name: string, { directory }: Config): string =>
  directory.case_sensitive_names ? name : name.toLowerCase();

const COLLIDING =
  'userfilter configured does not consider userattr and may result in colliding entity aliases on logins';

function warnings({ userfilter, userattr }: Directory): { readonly warnings?: string[] } {
  const considered = userfilter === '' || userfilter.includes('{{.UserAttr}}') || userfilter.includes(userattr);
  return considered ? {} : { warnings: [COLLIDING] };
}

export const configPath = paths<undefined, LdapStorage>().path(
  'config',
  'The directory that users and groups are in, and the settings of the tokens.',
  { ...directoryFields, ...tokenFields },
  {
    read: {
      id: { verb: 'read', suffix: 'auth-configuration' },
      run: async (_, call) => {
        const { token, directory } = await readConfig(call);
        return reply({ data: { ...shownDirectory(directory), ...shownTokenParams(token) }, ...warnings(directory) });
      },
    },
    update: {
      id: { verb: 'configure-auth' },
      run: async (input, call) => {
        const before = await readConfig(call);
        const sent = Object.fromEntries(Object.entries(input).filter(([name]) => name in call.request.data));
        const directory = withSent(before.directory, sent, refuse);
        const token = { ...before.token };
        applyTokenInput(token, input);
        await call.store.configs.put('config', { token, directory });
        const told = warnings(directory);
        return told.warnings === undefined ? undefined : reply(told);
      },
    },
  },
  {
    help: FILTERS_HELP,
    display: { action: 'Configure' },
    id: { prefix: 'ldap' },
  },
);
