/** A static role: an account that exists, whose password is changed from time to time. */
import { assert } from '../../assert.ts';
import { asObject, asString } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';
import { fromNanos, nanos } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';
import { timeOf, timeText } from './config.ts';

export interface StaticRole {
  readonly dn: string;
  readonly username: string;
  readonly password: string;
  readonly lastPassword: string;
  /** Wall micros; undefined before the first rotation. */
  readonly lastRotation: Micros | undefined;
  readonly rotationPeriod: Micros;
}

export const staticRoleForm: Form<StaticRole> = {
  encode: (role) => ({
    static_account: new Map<string, JsonValue>([
      ['dn', role.dn],
      ['username', role.username],
      ['password', role.password],
      ['last_password', role.lastPassword],
      ['last_vault_rotation', timeText(role.lastRotation)],
      ['rotation_period', nanos(role.rotationPeriod)],
    ]),
  }),
  decode: (stored) => {
    assert(isObject(stored), 'a stored role is an object');
    const account = asObject(stored['static_account']) ?? {};
    return {
      dn: asString(account['dn']) ?? '',
      username: asString(account['username']) ?? '',
      password: asString(account['password']) ?? '',
      lastPassword: asString(account['last_password']) ?? '',
      lastRotation: timeOf(account['last_vault_rotation']),
      rotationPeriod: fromNanos(account['rotation_period']),
    };
  },
};

/** Wall micros; long ago for what was never rotated. */
export const nextRotation = ({ lastRotation, rotationPeriod }: StaticRole): Micros =>
  (lastRotation ?? 0) + rotationPeriod;
