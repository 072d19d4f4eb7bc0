/** A dynamic role: LDIF that makes an account, and takes it away again. */
import { assert } from '../../assert.ts';
import { asString } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';
import { fromNanos, nanos } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';

export interface Role {
  /** As it was sent: other than reads, writes keep the case. */
  readonly name: string;
  readonly creationLdif: string;
  readonly rollbackLdif: string;
  readonly deletionLdif: string;
  readonly usernameTemplate: string;
  readonly defaultTtl: Micros;
  readonly maxTtl: Micros;
}

export const roleForm: Form<Role> = {
  encode: (role) =>
    new Map<string, JsonValue>([
      ['name', role.name],
      ['creation_ldif', role.creationLdif],
      ['rollback_ldif', role.rollbackLdif],
      ['deletion_ldif', role.deletionLdif],
      ['username_template', role.usernameTemplate],
      ['default_ttl', nanos(role.defaultTtl)],
      ['max_ttl', nanos(role.maxTtl)],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored role is an object');
    const text = (name: string): string => asString(stored[name]) ?? '';
    return {
      name: text('name'),
      creationLdif: text('creation_ldif'),
      rollbackLdif: text('rollback_ldif'),
      deletionLdif: text('deletion_ldif'),
      usernameTemplate: text('username_template'),
      defaultTtl: fromNanos(stored['default_ttl']),
      maxTtl: fromNanos(stored['max_ttl']),
    };
  },
};
