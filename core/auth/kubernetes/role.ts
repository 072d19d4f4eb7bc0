/** A stored role: `role/<name in lower case>`. */
import { assert } from '../../assert.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { asString, asStrings } from '../../codec/json-fields.ts';
import { collection } from '../../framework/collection.ts';
import { decodeOldNames, encodeOldNames, noOldNames, upgraded } from '../../framework/old-token-names.ts';
import type { OldNames } from '../../framework/old-token-names.ts';
import { decodeTokenParams, encodeTokenParams, noTokenParams } from '../../framework/token-params.ts';
import type { TokenParams } from '../../framework/token-params.ts';

export interface KubernetesRole extends OldNames {
  token: TokenParams;
  /** Patterns of service accounts and of their namespaces; undefined lists were never set. */
  names: string[] | undefined;
  namespaces: string[] | undefined;
  /** Labels of namespaces, as JSON or YAML; '' selects none. */
  selector: string;
  /** '' is any. */
  audience: string;
  /** What an alias is called after: 'serviceaccount_uid', also when '', or 'serviceaccount_name'. */
  aliasSource: string;
}

export const newRole = (): KubernetesRole => ({
  token: noTokenParams(),
  names: undefined,
  namespaces: undefined,
  selector: '',
  audience: '',
  aliasSource: '',
  ...noOldNames(),
});

const CIDRS = 'BoundCIDRs';

export const roles = collection<KubernetesRole>('role/', {
  encode: (role) =>
    new Map<string, JsonValue>([
      ...encodeTokenParams(role.token),
      ['bound_service_account_names', role.names ?? null],
      ['bound_service_account_namespaces', role.namespaces ?? null],
      ['bound_service_account_namespace_selector', role.selector],
      ['audience', role.audience],
      ['alias_name_source', role.aliasSource],
      ...encodeOldNames(role, CIDRS),
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored role is an object');
    return upgraded({
      token: decodeTokenParams(stored),
      names: asStrings(stored['bound_service_account_names']),
      namespaces: asStrings(stored['bound_service_account_namespaces']),
      selector: asString(stored['bound_service_account_namespace_selector']) ?? '',
      audience: asString(stored['audience']) ?? '',
      aliasSource: asString(stored['alias_name_source']) ?? '',
      ...decodeOldNames(stored, CIDRS),
    });
  },
});
