/** `config`: the directory, and how passwords are made. */
import { assert } from '../../assert.ts';
import { asBoolean, asNumber, asObject, asString } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { formatRfc3339, parseRfc3339 } from '../../codec/rfc3339.ts';
import type { Form } from '../../framework/collection.ts';
import type { Directory } from '../../framework/ldap/config.ts';
import { decodeDirectory, encodeDirectory } from '../../framework/ldap/config.ts';
import type { Micros } from '../../runtime.ts';

export interface Config {
  readonly directory: Directory;
  readonly schema: string;
  /** What the bind password was before the last rotation; servers may take a while to know the new one. */
  readonly lastBindPassword: string;
  /** Wall micros; undefined before the first. */
  readonly lastBindPasswordRotation: Micros | undefined;
  readonly passwordPolicy: string;
  /** 0: the usual 64. */
  readonly passwordLength: number;
  readonly skipImportRotation: boolean;
}

export const ZERO_TIME = '0001-01-01T00:00:00Z';

/** Go's zero time for what never was. */
export const timeText = (time: Micros | undefined): string => (time === undefined ? ZERO_TIME : formatRfc3339(time));

export const timeOf = (value: JsonValue | undefined): Micros | undefined => {
  const text = asString(value);
  return text === undefined || text === ZERO_TIME ? undefined : parseRfc3339(text);
};

export const configForm: Form<Config> = {
  encode: (config) => {
    const ldap = new Map<string, JsonValue>([
      ...encodeDirectory(config.directory),
      ['last_bind_password', config.lastBindPassword],
      ['last_bind_password_rotation', timeText(config.lastBindPasswordRotation)],
      ['schema', config.schema],
    ]);
    return new Map<string, JsonValue>([
      ['LDAP', ldap],
      ...(config.passwordPolicy === '' ? [] : ([['password_policy', config.passwordPolicy]] as const)),
      ['skip_static_role_import_rotation', config.skipImportRotation],
      ...(config.passwordLength === 0 ? [] : ([['length', config.passwordLength]] as const)),
    ]);
  },
  decode: (stored) => {
    assert(isObject(stored), 'a stored configuration is an object');
    const ldap: JsonObject = asObject(stored['LDAP']) ?? {};
    return {
      directory: decodeDirectory(ldap),
      schema: asString(ldap['schema']) ?? '',
      lastBindPassword: asString(ldap['last_bind_password']) ?? '',
      lastBindPasswordRotation: timeOf(ldap['last_bind_password_rotation']),
      passwordPolicy: asString(stored['password_policy']) ?? '',
      passwordLength: asNumber(stored['length']) ?? 0,
      skipImportRotation: asBoolean(stored['skip_static_role_import_rotation']) ?? false,
    };
  },
};
