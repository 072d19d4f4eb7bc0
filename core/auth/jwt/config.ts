/** The stored configuration: `config`. */
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { asBoolean, asObject, asString, asStrings } from '../../codec/json-fields.ts';
import { assert } from '../../assert.ts';
import { collection } from '../../framework/collection.ts';

export interface JwtConfig {
  readonly discoveryUrl: string;
  readonly discoveryCa: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly responseMode: string;
  readonly responseTypes: readonly string[];
  readonly jwksUrl: string;
  readonly jwksCa: string;
  /** PEM. */
  readonly publicKeys: readonly string[];
  readonly supportedAlgorithms: readonly string[];
  readonly boundIssuer: string;
  readonly defaultRole: string;
  readonly providerConfig: JsonObject;
  readonly serverNames: readonly string[];
  readonly namespaceInState: boolean;
}

const texts = (value: JsonValue | undefined): string[] => asStrings(value) ?? [];
const text = (value: JsonValue | undefined): string => asString(value) ?? '';

export const config = collection<JwtConfig>('config', {
  encode: (stored) =>
    new Map<string, JsonValue>([
      ['oidc_discovery_url', stored.discoveryUrl],
      ['oidc_discovery_ca_pem', stored.discoveryCa],
      ['oidc_client_id', stored.clientId],
      ['oidc_client_secret', stored.clientSecret],
      ['oidc_response_mode', stored.responseMode],
      ['oidc_response_types', stored.responseTypes],
      ['jwks_url', stored.jwksUrl],
      ['jwks_ca_pem', stored.jwksCa],
      ['jwt_validation_pubkeys', stored.publicKeys],
      ['jwt_supported_algs', stored.supportedAlgorithms],
      ['bound_issuer', stored.boundIssuer],
      ['default_role', stored.defaultRole],
      ['provider_config', stored.providerConfig],
      ['override_allowed_server_names', stored.serverNames],
      ['namespace_in_state', stored.namespaceInState],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored configuration is an object');
    return {
      discoveryUrl: text(stored['oidc_discovery_url']),
      discoveryCa: text(stored['oidc_discovery_ca_pem']),
      clientId: text(stored['oidc_client_id']),
      clientSecret: text(stored['oidc_client_secret']),
      responseMode: text(stored['oidc_response_mode']),
      responseTypes: texts(stored['oidc_response_types']),
      jwksUrl: text(stored['jwks_url']),
      jwksCa: text(stored['jwks_ca_pem']),
      publicKeys: texts(stored['jwt_validation_pubkeys']),
      supportedAlgorithms: texts(stored['jwt_supported_algs']),
      boundIssuer: text(stored['bound_issuer']),
      defaultRole: text(stored['default_role']),
      providerConfig: asObject(stored['provider_config']) ?? {},
      serverNames: texts(stored['override_allowed_server_names']),
      namespaceInState: asBoolean(stored['namespace_in_state']) ?? false,
    };
  },
});

/** Where keys come from. `flow`: of a provider with which users log in by a browser. */
export type Source = 'static' | 'jwks' | 'discovery' | 'flow' | 'none';

export function sourceOf(stored: JwtConfig): Source {
  if (stored.publicKeys.length > 0) return 'static';
  if (stored.jwksUrl !== '') return 'jwks';
  if (stored.discoveryUrl === '') return 'none';
  return stored.clientId !== '' && stored.clientSecret !== '' ? 'flow' : 'discovery';
}

/** Of an authentication request; a code unless said otherwise. */
export const hasType = ({ responseTypes }: JwtConfig, type: 'code' | 'id_token'): boolean =>
  responseTypes.length === 0 ? type === 'code' : responseTypes.includes(type);
