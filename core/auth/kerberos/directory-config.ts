/** `config/ldap`: the directory that the groups are in, and the settings of the tokens. */
import { assert } from '../../assert.ts';
import { isObject, type JsonValue } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import { collection } from '../../framework/collection.ts';
import { paths } from '../../framework/engine.ts';
import { decodeDirectory, defaultDirectory, directoryFields, type Directory } from '../../framework/ldap/config.ts';
import { FILTERS_HELP, encodeDirectory, shownDirectory, withSent } from '../../framework/ldap/config.ts';
import { applyTokenInput, decodeTokenParams, encodeTokenParams, noTokenParams } from '../../framework/token-params.ts';
import { shownTokenParams, tokenFields, type TokenParams } from '../../framework/token-params.ts';
import type { KerberosContext, KerberosStorage } from './storage.ts';

export interface DirectoryConfig {
  readonly token: TokenParams;
  readonly directory: Directory;
  /** Whether the rule for the names of groups was ever sent: until then it is the old one, and not shown. */
  readonly ruled: boolean;
}

const RULE = 'use_pre111_group_cn_behavior';

export const directories = collection<DirectoryConfig>('', {
  encode: ({ token, directory, ruled }) => {
    const stored = new Map<string, JsonValue>([...encodeTokenParams(token), ...encodeDirectory(directory)]);
    if (!ruled) stored.delete(RULE);
    return stored;
  },
  decode: (stored) => {
    assert(isObject(stored), 'a stored configuration is an object');
    const ruled = typeof stored[RULE] === 'boolean';
    return { token: decodeTokenParams(stored), directory: decodeDirectory(stored), ruled };
  },
});

export const DIRECTORY = 'config/ldap';

export const directoryPath = paths<undefined, KerberosStorage, KerberosContext>().path(
  DIRECTORY,
  'The directory that groups are in, and the settings of the tokens.',
  { ...directoryFields, ...tokenFields },
  {
    read: {
      id: { verb: 'read', suffix: 'ldap-configuration' },
      run: async (_, { store }) => {
        const config = await store.directories.get(DIRECTORY);
        if (config === undefined) return undefined;
        const { [RULE]: rule, ...shown } = shownDirectory(config.directory);
        return { ...shown, ...(config.ruled ? { [RULE]: rule } : {}), ...shownTokenParams(config.token) };
      },
    },
    update: {
      id: { verb: 'configure', suffix: 'ldap' },
      run: async (input, { request, store }) => {
        const before = await store.directories.get(DIRECTORY);
        const sent = Object.fromEntries(Object.entries(input).filter(([name]) => name in request.data));
        const ruled = before?.ruled === true || RULE in sent;
        const old = before?.directory ?? { ...defaultDirectory(), [RULE]: true };
        const directory = withSent(old, sent, refuse);
        const token = { ...(before?.token ?? noTokenParams()) };
        applyTokenInput(token, input);
        await store.directories.put(DIRECTORY, { token, directory, ruled });
      },
    },
  },
  {
    help: `Users are found by their names without the realm. ${FILTERS_HELP}`,
    id: { prefix: 'kerberos' },
  },
);
