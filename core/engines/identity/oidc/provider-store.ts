/** Where the OIDC provider's settings lie, in upstream's forms. */
import { assert } from '../../../assert.ts';
import type { JsonObject, JsonValue } from '../../../codec/json.ts';
import { isObject } from '../../../codec/json.ts';
import { asBoolean, asNumber, asString, asStrings } from '../../../codec/json-fields.ts';
import { collection } from '../../../framework/collection.ts';
import { fromNanos, nanos } from '../../../framework/token-params.ts';
import type { Micros } from '../../../runtime.ts';

export interface Assignment {
  readonly groupIds: readonly string[];
  readonly entityIds: readonly string[];
}

export interface OidcScope {
  readonly template: string;
  readonly description: string;
}

export interface OidcClient {
  readonly namespaceId: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  readonly assignments: readonly string[];
  readonly key: string;
  readonly idTokenTtl: Micros;
  readonly accessTokenTtl: Micros;
  readonly type: 'confidential' | 'public';
  readonly authorizationCode: boolean;
  readonly clientCredentials: boolean;
  readonly clientId: string;
  /** '' for public clients. */
  readonly clientSecret: string;
}

export interface OidcProvider {
  /** '': the server's own address. */
  readonly issuer: string;
  readonly allowedClientIds: readonly string[];
  readonly scopesSupported: readonly string[];
}

function objectOf(stored: JsonValue): JsonObject {
  assert(isObject(stored), 'what is stored is an object');
  return stored;
}

export const assignments = collection<Assignment>('oidc_provider/assignment/', {
  encode: ({ groupIds, entityIds }) =>
    new Map<string, JsonValue>([
      ['group_ids', groupIds],
      ['entity_ids', entityIds],
    ]),
  decode: (value) => {
    const stored = objectOf(value);
    return { groupIds: asStrings(stored['group_ids']) ?? [], entityIds: asStrings(stored['entity_ids']) ?? [] };
  },
});

export const scopes = collection<OidcScope>('oidc_provider/scope/', {
  encode: ({ template, description }) =>
    new Map<string, JsonValue>([
      ['template', template],
      ['description', description],
    ]),
  decode: (value) => {
    const stored = objectOf(value);
    return { template: asString(stored['template']) ?? '', description: asString(stored['description']) ?? '' };
  },
});

export const clients = collection<OidcClient>('oidc_provider/client/', {
  encode: (client) =>
    new Map<string, JsonValue>([
      ['name', client.name],
      ['namespace_id', client.namespaceId],
      ['redirect_uris', client.redirectUris],
      ['assignments', client.assignments],
      ['key', client.key],
      ['id_token_ttl', nanos(client.idTokenTtl)],
      ['access_token_ttl', nanos(client.accessTokenTtl)],
      ['type', client.type === 'public' ? 1 : 0],
      ['authorization_code', client.authorizationCode],
      ['client_credentials', client.clientCredentials],
      ['client_id', client.clientId],
      ['client_secret', client.clientSecret],
    ]),
  decode: (value) => {
    const stored = objectOf(value);
    const text = (name: string): string => asString(stored[name]) ?? '';
    return {
      name: text('name'),
      namespaceId: text('namespace_id'),
      redirectUris: asStrings(stored['redirect_uris']) ?? [],
      assignments: asStrings(stored['assignments']) ?? [],
      key: text('key'),
      idTokenTtl: fromNanos(stored['id_token_ttl']),
      accessTokenTtl: fromNanos(stored['access_token_ttl']),
      type: asNumber(stored['type']) === 1 ? 'public' : 'confidential',
      authorizationCode: asBoolean(stored['authorization_code']) ?? true,
      clientCredentials: asBoolean(stored['client_credentials']) ?? false,
      clientId: text('client_id'),
      clientSecret: text('client_secret'),
    };
  },
});

export const providers = collection<OidcProvider>('oidc_provider/provider/', {
  encode: ({ issuer, allowedClientIds, scopesSupported }) =>
    new Map<string, JsonValue>([
      ['issuer', issuer],
      ['allowed_client_ids', allowedClientIds],
      ['scopes_supported', scopesSupported],
    ]),
  decode: (value) => {
    const stored = objectOf(value);
    return {
      issuer: asString(stored['issuer']) ?? '',
      allowedClientIds: asStrings(stored['allowed_client_ids']) ?? [],
      scopesSupported: asStrings(stored['scopes_supported']) ?? [],
    };
  },
});
