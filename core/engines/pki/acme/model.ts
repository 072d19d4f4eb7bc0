/** What ACME stores, in upstream's places and with upstream's names. */
import type { JsonObject, JsonValue } from '../../../codec/json.ts';
import { parseObject, print } from '../../../codec/json.ts';
import { decodeBase64, encodeBase64 } from '../../../codec/base64.ts';
import { asBoolean, asList, asNumber, asObject, asString, asStrings } from '../../../codec/json-fields.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import { Collection, collection, type Form } from '../../../framework/collection.ts';
import type { Micros } from '../../../runtime.ts';
import type { Reader, Writer } from '../../../storage/storage.ts';
import { timeOf, timeText } from '../model.ts';
import { eabForm, type Eab } from './eab-form.ts';

export interface Account {
  readonly status: 'valid' | 'deactivated' | 'revoked';
  readonly contact: readonly string[];
  readonly agreed: boolean;
  readonly jwk: JsonObject;
  readonly directory: string;
  readonly created: Micros;
  /** When the last of its certificates ends, as far as tidying has seen; 0 before. */
  readonly maxCertificateEnd: Micros;
  readonly revoked: Micros;
  readonly eab: Eab | undefined;
}

const text = (stored: JsonObject, name: string): string => asString(stored[name]) ?? '';

const accountForm: Form<Account> = {
  encode: (account) => ({
    status: account.status,
    contact: [...account.contact],
    'terms-of-service-agreed': account.agreed,
    jwk: encodeBase64(encodeUtf8(print(account.jwk))),
    'acme-directory': account.directory,
    'account-created-date': timeText(account.created),
    'account-max-cert-expiry': timeText(account.maxCertificateEnd),
    'account-revoked-date': timeText(account.revoked),
    eab: account.eab === undefined ? null : eabForm.encode(account.eab),
  }),
  decode(value) {
    const stored = value as JsonObject;
    const eab = asObject(stored['eab']);
    return {
      status: text(stored, 'status') as Account['status'],
      contact: asStrings(stored['contact']) ?? [],
      agreed: asBoolean(stored['terms-of-service-agreed']) ?? false,
      jwk: parseObject(decodeBase64(text(stored, 'jwk'))),
      directory: text(stored, 'acme-directory'),
      created: timeOf(stored['account-created-date']),
      maxCertificateEnd: timeOf(stored['account-max-cert-expiry']),
      revoked: timeOf(stored['account-revoked-date']),
      eab: eab === undefined ? undefined : eabForm.decode(eab),
    };
  },
};

export interface Identifier {
  readonly type: 'dns' | 'ip';
  /** Of a wildcard the name below it. */
  readonly value: string;
  /** As it was sent. */
  readonly original: string;
  readonly isWildcard: boolean;
  readonly isIpv6: boolean;
}

const encodeIdentifier = ({ type, value, original, isWildcard, isIpv6 }: Identifier): JsonObject => ({
  type,
  value,
  original_value: original,
  is_wildcard: isWildcard,
  is_ipv6: isIpv6,
});

const decodeIdentifier = (value: JsonValue | undefined): Identifier => {
  const stored = asObject(value) ?? {};
  return {
    type: text(stored, 'type') as Identifier['type'],
    value: text(stored, 'value'),
    original: text(stored, 'original_value'),
    isWildcard: asBoolean(stored['is_wildcard']) ?? false,
    isIpv6: asBoolean(stored['is_ipv6']) ?? false,
  };
};

export interface Order {
  readonly account: string;
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  readonly expires: Micros;
  readonly identifiers: readonly Identifier[];
  readonly authorizations: readonly string[];
  /** With hyphens; '' before there is a certificate. */
  readonly serial: string;
  readonly certificateEnd: Micros;
  readonly issuerId: string;
}

const orderForm: Form<Order> = {
  encode: (order) => ({
    'account-id': order.account,
    status: order.status,
    expires: timeText(order.expires),
    identifiers: order.identifiers.map(encodeIdentifier),
    'authorization-ids': [...order.authorizations],
    'cert-serial-number': order.serial,
    'cert-expiry': timeText(order.certificateEnd),
    'issuer-id': order.issuerId,
  }),
  decode(value) {
    const stored = value as JsonObject;
    return {
      account: text(stored, 'account-id'),
      status: text(stored, 'status') as Order['status'],
      expires: timeOf(stored['expires']),
      identifiers: (asList(stored['identifiers']) ?? []).map(decodeIdentifier),
      authorizations: asStrings(stored['authorization-ids']) ?? [],
      serial: text(stored, 'cert-serial-number'),
      certificateEnd: timeOf(stored['cert-expiry']),
      issuerId: text(stored, 'issuer-id'),
    };
  },
};

export interface Challenge {
  readonly type: string;
  readonly status: 'pending' | 'processing' | 'valid' | 'invalid';
  readonly token: string;
  /** RFC 3339; '' before it. */
  readonly validated: string;
  readonly error: JsonObject | undefined;
}

export interface Authorization {
  readonly account: string;
  readonly identifier: Identifier;
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated';
  /** RFC 3339; '' before it is valid. */
  readonly expires: string;
  readonly challenges: readonly Challenge[];
}

const encodeChallenge = ({ type, status, token, validated, error }: Challenge): JsonObject => ({
  type,
  status,
  ...(validated === '' ? {} : { validated }),
  ...(error === undefined ? {} : { error }),
  challenge_fields: { token },
});

const decodeChallenge = (value: JsonValue): Challenge => {
  const stored = asObject(value) ?? {};
  return {
    type: text(stored, 'type'),
    status: text(stored, 'status') as Challenge['status'],
    token: text(asObject(stored['challenge_fields']) ?? {}, 'token'),
    validated: text(stored, 'validated'),
    error: asObject(stored['error']),
  };
};

const authorizationForm: Form<Authorization> = {
  encode: ({ account, identifier, status, expires, challenges }) => ({
    account_id: account,
    identifier: encodeIdentifier(identifier),
    status,
    ...(expires === '' ? {} : { expires }),
    challenges: challenges.map(encodeChallenge),
    wildcard: identifier.isWildcard,
  }),
  decode(value) {
    const stored = value as JsonObject;
    return {
      account: text(stored, 'account_id'),
      identifier: decodeIdentifier(stored['identifier']),
      status: text(stored, 'status') as Authorization['status'],
      expires: text(stored, 'expires'),
      challenges: (asList(stored['challenges']) ?? []).map(decodeChallenge),
    };
  },
};

/** A challenge that somebody says can be checked. */
export interface Validation {
  readonly account: string;
  readonly authorization: string;
  readonly type: string;
  readonly token: string;
  readonly thumbprint: string;
  readonly retries: number;
}

const validationForm: Form<Validation> = {
  encode: (validation) => ({
    account: validation.account,
    authorization: validation.authorization,
    challenge_type: validation.type,
    token: validation.token,
    thumbprint: validation.thumbprint,
    retry_count: validation.retries,
  }),
  decode(value) {
    const stored = value as JsonObject;
    return {
      account: text(stored, 'account'),
      authorization: text(stored, 'authorization'),
      type: text(stored, 'challenge_type'),
      token: text(stored, 'token'),
      thumbprint: text(stored, 'thumbprint'),
      retries: asNumber(stored['retry_count']) ?? 0,
    };
  },
};

const FOLDER = 'acme/accounts/';
const accounts = collection(FOLDER, accountForm);
const thumbprints = collection<JsonObject>('acme/account-thumbprints/');
const validations = collection('acme/validations/', validationForm);

export class AcmeStore {
  readonly accounts: Collection<Account>;
  readonly thumbprints: Collection<JsonObject>;
  readonly validations: Collection<Validation>;
  readonly storage: Reader & Writer;

  constructor(storage: Reader & Writer) {
    this.storage = storage;
    this.accounts = new Collection(accounts, storage);
    this.thumbprints = new Collection(thumbprints, storage);
    this.validations = new Collection(validations, storage);
  }

  orders(account: string): Collection<Order> {
    return new Collection(collection(`${FOLDER}${account}/orders/`, orderForm), this.storage);
  }

  authorizations(account: string): Collection<Authorization> {
    return new Collection(collection(`${FOLDER}${account}/authorizations/`, authorizationForm), this.storage);
  }

  /** By serial number with hyphens: the order that it came of. */
  certificates(account: string): Collection<JsonObject> {
    return new Collection(collection<JsonObject>(`${FOLDER}${account}/certs/`), this.storage);
  }
}
