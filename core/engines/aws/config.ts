/** `config/root`: who the engine is at AWS, and where AWS is; `config/lease`: how long users last. */
import { asNumber, asObject, asString } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';
import type { Micros } from '../../runtime.ts';

export interface RootConfig {
  readonly accessKey: string;
  readonly secretKey: string;
  /** '' for AWS's own. */
  readonly iamEndpoint: string;
  readonly stsEndpoint: string;
  readonly stsRegion: string;
  readonly region: string;
  /** Below 0: as often as AWS's libraries do. */
  readonly maxRetries: number;
  readonly usernameTemplate: string;
}

/** Upstream's: at most 64 characters for users, 32 for sessions. */
export const USERNAME_TEMPLATE =
  '{{ if (eq .Type "STS") }}{{ printf "vault-%s-%s"  (unix_time) (random 20) | truncate 32 }}{{ else }}{{ printf "vault-%s-%s-%s" (printf "%s-%s" (.DisplayName) (.PolicyName) | truncate 42) (unix_time) (random 20) | truncate 64 }}{{ end }}';

export const noRoot: RootConfig = {
  accessKey: '',
  secretKey: '',
  iamEndpoint: '',
  stsEndpoint: '',
  stsRegion: '',
  region: '',
  maxRetries: -1,
  usernameTemplate: USERNAME_TEMPLATE,
};

export const rootForm: Form<RootConfig> = {
  encode: (config) =>
    new Map<string, JsonValue>([
      ['access_key', config.accessKey],
      ['secret_key', config.secretKey],
      ['iam_endpoint', config.iamEndpoint],
      ['sts_endpoint', config.stsEndpoint],
      ['sts_region', config.stsRegion],
      ['region', config.region],
      ['max_retries', config.maxRetries],
      ['username_template', config.usernameTemplate],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    const text = (name: string): string => asString(fields[name]) ?? '';
    return {
      accessKey: text('access_key'),
      secretKey: text('secret_key'),
      iamEndpoint: text('iam_endpoint'),
      stsEndpoint: text('sts_endpoint'),
      stsRegion: text('sts_region'),
      region: text('region'),
      maxRetries: asNumber(fields['max_retries']) ?? -1,
      usernameTemplate: text('username_template') || USERNAME_TEMPLATE,
    };
  },
};

/** 0: the mount's. */
export interface LeaseConfig {
  readonly lease: Micros;
  readonly leaseMax: Micros;
}

/** Stored durations of Go count nanoseconds. */
export const NANOS = 1_000;

export const leaseForm: Form<LeaseConfig> = {
  encode: ({ lease, leaseMax }) =>
    new Map<string, JsonValue>([
      ['Lease', lease * NANOS],
      ['LeaseMax', leaseMax * NANOS],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    return { lease: (asNumber(fields['Lease']) ?? 0) / NANOS, leaseMax: (asNumber(fields['LeaseMax']) ?? 0) / NANOS };
  },
};
