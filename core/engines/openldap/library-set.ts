/** A set of accounts that are lent, one borrower each. */
import { assert } from '../../assert.ts';
import { asBoolean, asString, asStrings } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';
import { fromNanos, nanos } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';

export interface LibrarySet {
  readonly accounts: readonly string[];
  /** 0: the mount's. */
  readonly ttl: Micros;
  readonly maxTtl: Micros;
  /** Anybody may check in what somebody else checked out. */
  readonly anyCheckIn: boolean;
}

export interface CheckOut {
  readonly available: boolean;
  readonly entityId: string;
  /** Salted. */
  readonly clientToken: string;
}

export const AVAILABLE: CheckOut = { available: true, entityId: '', clientToken: '' };

export const setForm: Form<LibrarySet> = {
  encode: ({ accounts, ttl, maxTtl, anyCheckIn }) =>
    new Map<string, JsonValue>([
      ['service_account_names', accounts],
      ['ttl', nanos(ttl)],
      ['max_ttl', nanos(maxTtl)],
      ['disable_check_in_enforcement', anyCheckIn],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored set is an object');
    return {
      accounts: asStrings(stored['service_account_names']) ?? [],
      ttl: fromNanos(stored['ttl']),
      maxTtl: fromNanos(stored['max_ttl']),
      anyCheckIn: asBoolean(stored['disable_check_in_enforcement']) ?? false,
    };
  },
};

export const checkOutForm: Form<CheckOut> = {
  encode: ({ available, entityId, clientToken }) =>
    new Map<string, JsonValue>([
      ['is_available', available],
      ['borrower_entity_id', entityId],
      ['borrower_client_token', clientToken],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored check-out is an object');
    return {
      available: asBoolean(stored['is_available']) ?? false,
      entityId: asString(stored['borrower_entity_id']) ?? '',
      clientToken: asString(stored['borrower_client_token']) ?? '',
    };
  },
};
