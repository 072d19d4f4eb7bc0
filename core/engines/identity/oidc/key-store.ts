/** Where OIDC's issuer, keys and roles lie, in upstream's forms. */
import type { JsonObject, JsonValue } from '../../../codec/json.ts';
import { isObject } from '../../../codec/json.ts';
import { asList, asString, asStrings } from '../../../codec/json-fields.ts';
import { formatRfc3339, parseRfc3339 } from '../../../codec/rfc3339.ts';
import { assert } from '../../../assert.ts';
import { collection } from '../../../framework/collection.ts';
import { fromNanos, nanos } from '../../../framework/token-params.ts';
import type { Micros } from '../../../runtime.ts';
import type { Jwk } from '../../../crypto/jws/secret-jwk.ts';
import { orderedJwk } from '../../../crypto/jws/secret-jwk.ts';

/** A key by name; times are wall micros, 0: never. */
export interface NamedKey {
  readonly algorithm: string;
  readonly verificationTtl: Micros;
  readonly rotationPeriod: Micros;
  /** Public keys that still verify. */
  readonly ring: readonly RingKey[];
  /** Undefined until the default key is first used. */
  readonly signing: Jwk | undefined;
  readonly next: Jwk | undefined;
  readonly nextRotation: Micros;
  readonly allowedClientIds: readonly string[];
}

export interface RingKey {
  readonly id: string;
  readonly expireAt: Micros;
}

export interface OidcRole {
  readonly ttl: Micros;
  readonly key: string;
  readonly template: string;
  readonly clientId: string;
}

const ZERO = '0001-01-01T00:00:00Z';
const time = (micros: Micros): string => (micros === 0 ? ZERO : formatRfc3339(micros));
const readTime = (value: JsonValue | undefined): Micros =>
  typeof value !== 'string' || value === ZERO ? 0 : (parseRfc3339(value) ?? 0);

function objectOf(stored: JsonValue): JsonObject {
  assert(isObject(stored), 'what is stored is an object');
  return stored;
}

const jwkOf = (value: JsonValue | undefined): Jwk | undefined =>
  value !== undefined && isObject(value) ? value : undefined;

export const issuerConfig = collection<{ readonly issuer: string }>('oidc_tokens/config/');

export const namedKeys = collection<NamedKey>('oidc_tokens/named_keys/', {
  encode: (key) =>
    new Map<string, JsonValue>([
      ['signing_algorithm', key.algorithm],
      ['verification_ttl', nanos(key.verificationTtl)],
      ['rotation_period', nanos(key.rotationPeriod)],
      [
        'key_ring',
        key.ring.length === 0
          ? null
          : key.ring.map(
              ({ id, expireAt }) =>
                new Map([
                  ['key_id', id],
                  ['expire_at', time(expireAt)],
                ]),
            ),
      ],
      ['signing_key', key.signing === undefined ? null : orderedJwk(key.signing)],
      ['next_signing_key', key.next === undefined ? null : orderedJwk(key.next)],
      ['next_rotation', time(key.nextRotation)],
      ['allowed_client_ids', key.allowedClientIds],
    ]),
  decode: (value) => {
    const stored = objectOf(value);
    return {
      algorithm: asString(stored['signing_algorithm']) ?? '',
      verificationTtl: fromNanos(stored['verification_ttl']),
      rotationPeriod: fromNanos(stored['rotation_period']),
      ring: (asList(stored['key_ring']) ?? []).map((item) => {
        const entry = objectOf(item);
        return { id: asString(entry['key_id']) ?? '', expireAt: readTime(entry['expire_at']) };
      }),
      signing: jwkOf(stored['signing_key']),
      next: jwkOf(stored['next_signing_key']),
      nextRotation: readTime(stored['next_rotation']),
      allowedClientIds: asStrings(stored['allowed_client_ids']) ?? [],
    };
  },
});

export const publicKeys = collection<Jwk>('oidc_tokens/public_keys/', { encode: orderedJwk, decode: objectOf });

export const roles = collection<OidcRole>('oidc_tokens/roles/', {
  encode: (role) =>
    new Map<string, JsonValue>([
      ['token_ttl', nanos(role.ttl)],
      ['key', role.key],
      ['template', role.template],
      ['client_id', role.clientId],
    ]),
  decode: (value) => {
    const stored = objectOf(value);
    return {
      ttl: fromNanos(stored['token_ttl']),
      key: asString(stored['key']) ?? '',
      template: asString(stored['template']) ?? '',
      clientId: asString(stored['client_id']) ?? '',
    };
  },
});
