/** A stored role: `role/<name in lower case>`. */
import { assert } from '../../assert.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { asBoolean, asNumber, asString, asStrings } from '../../codec/json-fields.ts';
import type { Form } from '../../framework/collection.ts';
import { upgraded } from '../../framework/old-token-names.ts';
import type { TokenParams } from '../../framework/token-params.ts';
import { decodeTokenParams, encodeTokenParams, fromNanos, nanos, noTokenParams } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';

export const SECRET_ID_PREFIX = 'secret_id/';
export const LOCAL_SECRET_ID_PREFIX = 'secret_id_local/';

export interface Role {
  /** Not stored: the name that secret ids are filed under. */
  name: string;
  token: TokenParams;
  roleId: string;
  /** Names and secret ids are stored as HMACs under this key, a UUID's text. */
  hmacKey: string;
  /** The deprecated names of token_policies and token_period; undefined when not used. */
  policies: string[] | undefined;
  period: Micros;
  secretIdNumUses: number;
  secretIdTtl: Micros;
  bindSecretId: boolean;
  secretIdBoundCidrs: string[] | undefined;
  lowerCaseName: boolean;
  secretIdPrefix: string;
}

export const newRole = (name: string, hmacKey: string): Role => ({
  name,
  token: noTokenParams(),
  roleId: '',
  hmacKey,
  policies: undefined,
  period: 0,
  secretIdNumUses: 0,
  secretIdTtl: 0,
  bindSecretId: true,
  secretIdBoundCidrs: undefined,
  lowerCaseName: true,
  secretIdPrefix: SECRET_ID_PREFIX,
});

export const roleForm: Form<Role> = {
  encode: (role) =>
    new Map<string, JsonValue>([
      ...encodeTokenParams(role.token),
      ['role_id', role.roleId],
      ['hmac_key', role.hmacKey],
      ['policies', role.policies ?? null],
      ['secret_id_num_uses', role.secretIdNumUses],
      ['secret_id_ttl', nanos(role.secretIdTtl)],
      ['bind_secret_id', role.bindSecretId],
      ['bound_cidr_list_list', null],
      ['secret_id_bound_cidrs', role.secretIdBoundCidrs ?? null],
      ['period', nanos(role.period)],
      ['lower_case_role_name', role.lowerCaseName],
      ['secret_id_prefix', role.secretIdPrefix],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored role is an object');
    const older = asStrings(stored['bound_cidr_list_list']);
    return upgraded({
      name: '',
      token: decodeTokenParams(stored),
      roleId: asString(stored['role_id']) ?? '',
      hmacKey: asString(stored['hmac_key']) ?? '',
      policies: asStrings(stored['policies']),
      period: fromNanos(stored['period']),
      secretIdNumUses: asNumber(stored['secret_id_num_uses']) ?? 0,
      secretIdTtl: fromNanos(stored['secret_id_ttl']),
      bindSecretId: asBoolean(stored['bind_secret_id']) ?? false,
      secretIdBoundCidrs: (older ?? []).length > 0 ? older : asStrings(stored['secret_id_bound_cidrs']),
      lowerCaseName: asBoolean(stored['lower_case_role_name']) ?? false,
      secretIdPrefix: asString(stored['secret_id_prefix']) || SECRET_ID_PREFIX,
    });
  },
};

/** Something must stand between a role id and a token. */
export const isConstrained = (role: Role): boolean =>
  role.bindSecretId || (role.secretIdBoundCidrs ?? []).length > 0 || (role.token.boundCidrs ?? []).length > 0;
