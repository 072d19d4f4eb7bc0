/** `config`: who the engine is at Google, and how long keys last. */
import { asNumber, asObject, asString } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';
import type { Micros } from '../../runtime.ts';

export interface GcpConfig {
  /** The file of a service account; '' for none. */
  readonly credentials: string;
  /** 0: the mount's. */
  readonly ttl: Micros;
  readonly maxTtl: Micros;
  readonly serviceAccountEmail: string;
}

export const noConfig: GcpConfig = { credentials: '', ttl: 0, maxTtl: 0, serviceAccountEmail: '' };

/** Stored durations of Go count nanoseconds. */
const NANOS = 1_000;

export const configForm: Form<GcpConfig> = {
  encode: ({ credentials, ttl, maxTtl, serviceAccountEmail }) =>
    new Map<string, JsonValue>([
      ['CredentialsRaw', credentials],
      ['TTL', ttl * NANOS],
      ['MaxTTL', maxTtl * NANOS],
      ['ServiceAccountEmail', serviceAccountEmail],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    return {
      credentials: asString(fields['CredentialsRaw']) ?? '',
      ttl: (asNumber(fields['TTL']) ?? 0) / NANOS,
      maxTtl: (asNumber(fields['MaxTTL']) ?? 0) / NANOS,
      serviceAccountEmail: asString(fields['ServiceAccountEmail']) ?? '',
    };
  },
};
