/** Static roles: `static-roles/<name>`, a user that is there already, and its keys: `static-creds/<name>`. */
import { asNumber, asObject, asString } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';
import type { Micros } from '../../runtime.ts';
import { NANOS } from './config.ts';

export interface StaticRole {
  readonly name: string;
  /** The user's own, which no other user of that name will have. */
  readonly id: string;
  readonly username: string;
  readonly rotationPeriod: Micros;
}

export const staticRoleForm: Form<StaticRole> = {
  encode: ({ name, id, username, rotationPeriod }) =>
    new Map<string, JsonValue>([
      ['name', name],
      ['id', id],
      ['username', username],
      ['rotation_period', rotationPeriod * NANOS],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    const text = (name: string): string => asString(fields[name]) ?? '';
    const rotationPeriod = (asNumber(fields['rotation_period']) ?? 0) / NANOS;
    return { name: text('name'), id: text('id'), username: text('username'), rotationPeriod };
  },
};

export interface AccessKeys {
  readonly accessKey: string;
  readonly secretKey: string;
}

export const keysForm: Form<AccessKeys> = {
  encode: ({ accessKey, secretKey }) =>
    new Map<string, JsonValue>([
      ['access_key', accessKey],
      ['secret_key', secretKey],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    return { accessKey: asString(fields['access_key']) ?? '', secretKey: asString(fields['secret_key']) ?? '' };
  },
};
