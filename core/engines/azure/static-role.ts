/** Static roles: an application that is there already, one password of which is kept and made anew when somebody asks. */
import { asNumber, asObject, asString, asStringMap } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';
import type { Micros } from '../../runtime.ts';
import { NANOS } from './config.ts';

export interface StaticRole {
  readonly applicationObjectId: string;
  /** How long a password lasts; 0: as long as others. */
  readonly ttl: Micros;
  /** For people. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface StaticPassword {
  readonly clientId: string;
  readonly secret: string;
  readonly keyId: string;
  /** RFC 3339. */
  readonly ends: string;
  /** The one before, as long as Azure has it. */
  readonly before?: string | undefined;
}

export const staticRoleForm: Form<StaticRole> = {
  encode: ({ applicationObjectId, ttl, metadata }) =>
    new Map<string, JsonValue>([
      ['application_object_id', applicationObjectId],
      ['ttl', ttl * NANOS],
      ['metadata', metadata],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    return {
      applicationObjectId: asString(fields['application_object_id']) ?? '',
      ttl: (asNumber(fields['ttl']) ?? 0) / NANOS,
      metadata: asStringMap(fields['metadata']) ?? {},
    };
  },
};

export const staticPasswordForm: Form<StaticPassword> = {
  encode: ({ clientId, secret, keyId, ends, before }) =>
    new Map<string, JsonValue>([
      ['client_id', clientId],
      ['client_secret', secret],
      ['secret_id', keyId],
      ['expiration', ends],
      ...(before === undefined ? [] : ([['previous_secret_id', before]] as const)),
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    const text = (name: string): string => asString(fields[name]) ?? '';
    return {
      clientId: text('client_id'),
      secret: text('client_secret'),
      keyId: text('secret_id'),
      ends: text('expiration'),
      before: asString(fields['previous_secret_id']),
    };
  },
};
