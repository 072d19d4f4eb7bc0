/** A stored secret id, and its accessor's entry. */
import { assert } from '../../assert.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { emptyObject, isObject } from '../../codec/json.ts';
import { asNumber, asString, asStringMap, asStrings } from '../../codec/json-fields.ts';
import { formatTimestamp, parseTimestamp } from '../../codec/rfc3339.ts';
import type { Form } from '../../framework/collection.ts';
import { fromNanos, nanos } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';

export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

export interface SecretId {
  accessor: string;
  /** 0: unlimited. */
  numUses: number;
  ttl: Micros;
  creationTime: Timestamp;
  /** Undefined: never. */
  expirationTime: Timestamp | undefined;
  lastUpdatedTime: Timestamp;
  metadata: Record<string, string>;
  cidrList: string[];
  tokenBoundCidrs: string[];
}

/** What Go prints for a time that was never set. */
const NEVER = '0001-01-01T00:00:00Z';

const shown = (time: Timestamp | undefined): string =>
  time === undefined ? NEVER : formatTimestamp(time.seconds, time.nanos);

const time = (value: JsonValue | undefined): Timestamp | undefined =>
  value === NEVER ? undefined : parseTimestamp(asString(value) ?? '');

const EPOCH: Timestamp = { seconds: 0, nanos: 0 };

export const secretIdForm: Form<SecretId> = {
  encode: (secret) =>
    new Map<string, JsonValue>([
      ['secret_id_accessor', secret.accessor],
      ['secret_id_num_uses', secret.numUses],
      ['secret_id_ttl', nanos(secret.ttl)],
      ['creation_time', shown(secret.creationTime)],
      ['expiration_time', shown(secret.expirationTime)],
      ['last_updated_time', shown(secret.lastUpdatedTime)],
      ['metadata', secret.metadata],
      ['cidr_list', secret.cidrList],
      ['token_cidr_list', secret.tokenBoundCidrs],
      ['SecretIDNumUses', 0],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored secret id is an object');
    return {
      accessor: asString(stored['secret_id_accessor']) ?? '',
      numUses: asNumber(stored['secret_id_num_uses']) ?? 0,
      ttl: fromNanos(stored['secret_id_ttl']),
      creationTime: time(stored['creation_time']) ?? EPOCH,
      expirationTime: time(stored['expiration_time']),
      lastUpdatedTime: time(stored['last_updated_time']) ?? EPOCH,
      metadata: asStringMap(stored['metadata']) ?? (emptyObject() as Record<string, string>),
      cidrList: asStrings(stored['cidr_list']) ?? [],
      tokenBoundCidrs: asStrings(stored['token_cidr_list']) ?? [],
    };
  },
};

/** For the answer to a lookup. */
export const shownSecretId = (secret: SecretId): JsonObject => ({
  secret_id_accessor: secret.accessor,
  secret_id_num_uses: secret.numUses,
  secret_id_ttl: Math.trunc(secret.ttl / 1_000_000),
  creation_time: shown(secret.creationTime),
  expiration_time: shown(secret.expirationTime),
  last_updated_time: shown(secret.lastUpdatedTime),
  metadata: secret.metadata,
  cidr_list: secret.cidrList,
  token_bound_cidrs: secret.tokenBoundCidrs,
});
