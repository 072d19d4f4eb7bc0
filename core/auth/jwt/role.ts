/** A stored role: `role/<name in lower case>`. */
import { assert } from '../../assert.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { asBoolean, asNumber, asObject, asString, asStringMap, asStrings } from '../../codec/json-fields.ts';
import { collection } from '../../framework/collection.ts';
import { decodeOldNames, encodeOldNames, noOldNames, upgraded } from '../../framework/old-token-names.ts';
import type { OldNames } from '../../framework/old-token-names.ts';
import type { TokenParams } from '../../framework/token-params.ts';
import { decodeTokenParams, encodeTokenParams, fromNanos, nanos, noTokenParams } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';
import type { Leeways } from '../../framework/jwt/validate.ts';

export interface JwtRole extends OldNames {
  token: TokenParams;
  /** 'jwt' or 'oidc'. */
  type: string;
  expirationLeeway: Micros;
  notBeforeLeeway: Micros;
  clockSkewLeeway: Micros;
  /** Undefined lists and maps were never set. */
  boundAudiences: string[] | undefined;
  boundSubject: string;
  /** 'string' or 'glob'. */
  boundClaimsType: string;
  boundClaims: JsonObject | undefined;
  claimMappings: Record<string, string> | undefined;
  oauth2Metadata: string[] | undefined;
  userClaim: string;
  groupsClaim: string;
  oidcScopes: string[] | undefined;
  allowedRedirectUris: string[] | undefined;
  /** 'client', 'direct' or 'device'. */
  callbackMode: string;
  /** Seconds. */
  pollInterval: number;
  verboseLogging: boolean;
  maxAge: Micros;
  userClaimIsPointer: boolean;
  policiesAreTemplates: boolean;
  disableConfirmation: boolean;
}

export const newRole = (): JwtRole => ({
  token: noTokenParams(),
  type: '',
  expirationLeeway: 0,
  notBeforeLeeway: 0,
  clockSkewLeeway: 0,
  boundAudiences: undefined,
  boundSubject: '',
  boundClaimsType: 'string',
  boundClaims: undefined,
  claimMappings: undefined,
  oauth2Metadata: undefined,
  userClaim: '',
  groupsClaim: '',
  oidcScopes: undefined,
  allowedRedirectUris: undefined,
  callbackMode: 'client',
  pollInterval: 0,
  verboseLogging: false,
  maxAge: 0,
  userClaimIsPointer: false,
  policiesAreTemplates: false,
  disableConfirmation: false,
  ...noOldNames(),
});

const text = (value: JsonValue | undefined): string => asString(value) ?? '';

export const roles = collection<JwtRole>('role/', {
  encode: (role) =>
    new Map<string, JsonValue>([
      ...encodeTokenParams(role.token),
      ['role_type', role.type],
      ['expiration_leeway', nanos(role.expirationLeeway)],
      ['not_before_leeway', nanos(role.notBeforeLeeway)],
      ['clock_skew_leeway', nanos(role.clockSkewLeeway)],
      ['bound_audiences', role.boundAudiences ?? null],
      ['bound_subject', role.boundSubject],
      ['bound_claims_type', role.boundClaimsType],
      ['bound_claims', role.boundClaims ?? null],
      ['claim_mappings', role.claimMappings ?? null],
      ['oauth2_metadata', role.oauth2Metadata ?? null],
      ['user_claim', role.userClaim],
      ['groups_claim', role.groupsClaim],
      ['oidc_scopes', role.oidcScopes ?? null],
      ['allowed_redirect_uris', role.allowedRedirectUris ?? null],
      ['callback_mode', role.callbackMode],
      ['poll_interval', role.pollInterval],
      ['verbose_oidc_logging', role.verboseLogging],
      ['max_age', nanos(role.maxAge)],
      ['user_claim_json_pointer', role.userClaimIsPointer],
      ['token_policies_template_claims', role.policiesAreTemplates],
      ['oidc_disable_confirmation', role.disableConfirmation],
      ...encodeOldNames(role, 'bound_cidrs'),
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored role is an object');
    return upgraded({
      token: decodeTokenParams(stored),
      type: text(stored['role_type']) || 'jwt',
      expirationLeeway: fromNanos(stored['expiration_leeway']),
      notBeforeLeeway: fromNanos(stored['not_before_leeway']),
      clockSkewLeeway: fromNanos(stored['clock_skew_leeway']),
      boundAudiences: asStrings(stored['bound_audiences']),
      boundSubject: text(stored['bound_subject']),
      boundClaimsType: text(stored['bound_claims_type']) || 'string',
      boundClaims: asObject(stored['bound_claims']),
      claimMappings: asStringMap(stored['claim_mappings']),
      oauth2Metadata: asStrings(stored['oauth2_metadata']),
      userClaim: text(stored['user_claim']),
      groupsClaim: text(stored['groups_claim']),
      oidcScopes: asStrings(stored['oidc_scopes']),
      allowedRedirectUris: asStrings(stored['allowed_redirect_uris']),
      callbackMode: text(stored['callback_mode']),
      pollInterval: asNumber(stored['poll_interval']) ?? 0,
      verboseLogging: asBoolean(stored['verbose_oidc_logging']) ?? false,
      maxAge: fromNanos(stored['max_age']),
      userClaimIsPointer: asBoolean(stored['user_claim_json_pointer']) ?? false,
      policiesAreTemplates: asBoolean(stored['token_policies_template_claims']) ?? false,
      disableConfirmation: asBoolean(stored['oidc_disable_confirmation']) ?? false,
      ...decodeOldNames(stored, 'bound_cidrs'),
    });
  },
});

export const leewaysOf = (
  role: Pick<JwtRole, 'notBeforeLeeway' | 'expirationLeeway' | 'clockSkewLeeway'>,
): Leeways => ({
  notBefore: role.notBeforeLeeway,
  expiration: role.expirationLeeway,
  clockSkew: role.clockSkewLeeway,
});
