/** A stored user: `user/<name in lower case>`. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { asString, asStrings } from '../../codec/json-fields.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { assert } from '../../assert.ts';
import { collection } from '../../framework/collection.ts';
import { upgraded } from '../../framework/old-token-names.ts';
import type { TokenParams } from '../../framework/token-params.ts';
import {
  decodeTokenParams,
  encodeTokenParams,
  fromNanos,
  nanos,
  noTokenParams,
  storedAddresses,
} from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';

export interface User {
  token: TokenParams;
  /** bcrypt, as text. */
  passwordHash: string;
  /** What was given under the deprecated names, to be shown again. */
  policies: string[] | undefined;
  ttl: Micros;
  maxTtl: Micros;
  boundCidrs: string[] | undefined;
}

export const newUser = (): User => ({
  token: noTokenParams(),
  passwordHash: '',
  policies: undefined,
  ttl: 0,
  maxTtl: 0,
  boundCidrs: undefined,
});

export const users = collection<User>('user/', {
  encode: (user) =>
    new Map<string, JsonValue>([
      ...encodeTokenParams(user.token),
      ['PasswordHash', user.passwordHash === '' ? null : encodeBase64(encodeUtf8(user.passwordHash))],
      ['Policies', user.policies ?? null],
      ['TTL', nanos(user.ttl)],
      ['MaxTTL', nanos(user.maxTtl)],
      ['BoundCIDRs', user.boundCidrs ?? null],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored user is an object');
    const hash = asString(stored['PasswordHash']);
    return upgraded({
      token: decodeTokenParams(stored),
      passwordHash: hash === undefined ? '' : decodeUtf8(decodeBase64(hash)),
      policies: asStrings(stored['Policies']),
      ttl: fromNanos(stored['TTL']),
      maxTtl: fromNanos(stored['MaxTTL']),
      boundCidrs: storedAddresses(stored['BoundCIDRs']),
    });
  },
});
