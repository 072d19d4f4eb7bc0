/** `config`: the service's keys, and how names are taken. */
import { assert } from '../../assert.ts';
import { Base64Error, decodeBase64 } from '../../codec/base64.ts';
import { asBoolean, asString } from '../../codec/json-fields.ts';
import { isObject, type JsonValue } from '../../codec/json.ts';
import { KeytabError, readKeytab, type KeytabEntry } from '../../codec/kerberos/keytab.ts';
import { refuse } from '../../fault.ts';
import { collection } from '../../framework/collection.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { KerberosContext, KerberosStorage } from './storage.ts';

export interface Config {
  /** In base64, as it was sent. */
  readonly keytab: string;
  readonly service_account: string;
  readonly add_group_aliases: boolean;
  readonly remove_instance_name: boolean;
  readonly decode_pac: boolean;
}

export const configs = collection<Config>('', {
  encode: (config) =>
    new Map<string, JsonValue>([
      ['keytab', config.keytab],
      ['service_account', config.service_account],
      ['add_group_aliases', config.add_group_aliases],
      ['remove_instance_name', config.remove_instance_name],
      ['decode_pac', config.decode_pac],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored configuration is an object');
    const flag = (name: string): boolean => asBoolean(stored[name]) ?? false;
    return {
      keytab: asString(stored['keytab']) ?? '',
      service_account: asString(stored['service_account']) ?? '',
      add_group_aliases: flag('add_group_aliases'),
      remove_instance_name: flag('remove_instance_name'),
      decode_pac: flag('decode_pac'),
    };
  },
});

/** Throws KeytabError or Base64Error. */
export const keytabOf = (text: string): KeytabEntry[] => readKeytab(decodeBase64(text));

function check(keytab: string): void {
  try {
    keytabOf(keytab);
  } catch (error) {
    const malformed = error instanceof KeytabError || error instanceof Base64Error;
    throw malformed ? refuse(`invalid keytab: ${error.message}`) : error;
  }
}

export const configPath = paths<undefined, KerberosStorage, KerberosContext>().path(
  'config',
  'The keys of the service, and whose they are.',
  {
    keytab: field.string('The keytab, in base64.', { always: true, display: { sensitive: true } }),
    service_account: field.string('Whose key of the keytab opens tickets.', { always: true }),
    add_group_aliases: field.bool('Whether the groups of the directory become aliases of groups.', { always: true }),
    remove_instance_name: field.bool('Whether of name/instance only the name counts, of people and in the keytab.', {
      always: true,
    }),
    decode_pac: field.bool('Whether what Windows adds to tickets (the PAC) has to be right.', { default: true }),
  },
  {
    read: {
      id: { suffix: 'configuration' },
      run: async (_, { store }) => {
        const config = await store.configs.get('config');
        if (config === undefined) return undefined;
        // The keytab is never shown.
        const { keytab: _keytab, ...shown } = config;
        return shown;
      },
    },
    update: {
      id: { verb: 'configure' },
      run: async (config, { store }) => {
        if (config.service_account === '') throw refuse('data does not contain service_account');
        if (config.keytab === '') throw refuse('data does not contain keytab');
        check(config.keytab);
        await store.configs.put('config', config);
      },
    },
  },
  { help: 'The keytab is sent in base64, as `base64 -w0` gives it.', id: { prefix: 'kerberos' } },
);
