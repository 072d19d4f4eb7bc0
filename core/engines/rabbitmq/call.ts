/** What the operations of RabbitMQ run with. */
import { asNumber, asObject } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { collection, type Form } from '../../framework/collection.ts';
import type { Call, Running } from '../../framework/call.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';
import { connectionForm } from './connection.ts';
import { roleForm } from './role.ts';

/** For every user that is made from now on; 0: the mount's. */
export interface LeaseSettings {
  readonly ttl: Micros;
  readonly maxTtl: Micros;
}

/** Stored durations of Go count nanoseconds. */
const NANOS = 1_000;

const leaseForm: Form<LeaseSettings> = {
  encode: ({ ttl, maxTtl }) =>
    new Map<string, JsonValue>([
      ['ttl', ttl * NANOS],
      ['max_ttl', maxTtl * NANOS],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    return { ttl: (asNumber(fields['ttl']) ?? 0) / NANOS, maxTtl: (asNumber(fields['max_ttl']) ?? 0) / NANOS };
  },
};

export const storage = {
  roles: collection('role/', roleForm),
  /** `connection`. */
  config: collection('config/', connectionForm),
  /** `lease`. */
  lease: collection('config/', leaseForm),
};

export type RabbitCall = Call<undefined, typeof storage, BackendContext>;

export type RabbitRunning = Running<undefined, typeof storage, BackendContext>;

export const rabbitPaths = (): PathSet<undefined, typeof storage, BackendContext> => paths<undefined, typeof storage>();
