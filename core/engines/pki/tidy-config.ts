/** What to tidy, and how old it has to be. */
import { DurationError, formatDuration } from '../../codec/duration.ts';
import type { JsonObject } from '../../codec/json.ts';
import { CoercionError } from '../../framework/coerce.ts';
import { toMicros } from '../../framework/coerce-time.ts';
import { field } from '../../framework/field.ts';

/** Times in seconds. */
export interface TidyConfig {
  readonly certStore: boolean;
  readonly revokedCerts: boolean;
  readonly invalidCerts: boolean;
  readonly associations: boolean;
  readonly expiredIssuers: boolean;
  readonly legacyBundle: boolean;
  readonly acme: boolean;
  readonly safetyBuffer: number;
  /** Undefined: as `safetyBuffer`. */
  readonly revokedSafetyBuffer: number | undefined;
  readonly issuerSafetyBuffer: number;
  readonly acmeAccountSafetyBuffer: number;
  readonly pauseDuration: string;
  readonly pageSize: number;
}

export interface AutoTidyConfig extends TidyConfig {
  readonly enabled: boolean;
  readonly interval: number;
  readonly maintainCounts: boolean;
  readonly publishCounts: boolean;
}

const HOUR = 3_600;

export const DEFAULT_AUTO_TIDY: AutoTidyConfig = {
  enabled: false,
  interval: 12 * HOUR,
  maintainCounts: false,
  publishCounts: false,
  certStore: false,
  revokedCerts: false,
  invalidCerts: false,
  associations: false,
  expiredIssuers: false,
  legacyBundle: false,
  acme: false,
  safetyBuffer: 72 * HOUR,
  revokedSafetyBuffer: undefined,
  issuerSafetyBuffer: 8_760 * HOUR,
  acmeAccountSafetyBuffer: 720 * HOUR,
  pauseDuration: '0s',
  pageSize: 1_000,
};

export const tidyFields = {
  acme_account_safety_buffer: field.seconds('How long accounts of ACME stay without an order.', {
    default: DEFAULT_AUTO_TIDY.acmeAccountSafetyBuffer,
  }),
  issuer_safety_buffer: field.seconds('How long issuers stay after their end.', {
    default: DEFAULT_AUTO_TIDY.issuerSafetyBuffer,
  }),
  page_size: field.int('How many certificates are looked at in one go.', { default: DEFAULT_AUTO_TIDY.pageSize }),
  pause_duration: field.string('A pause between two certificates.', { default: DEFAULT_AUTO_TIDY.pauseDuration }),
  revoked_safety_buffer: field.seconds('The same for revoked ones; `safety_buffer` unless given.'),
  safety_buffer: field.seconds('How long certificates stay after their end.', {
    default: DEFAULT_AUTO_TIDY.safetyBuffer,
  }),
  tidy_acme: field.bool('Accounts and orders of ACME.', { default: false }),
  tidy_cert_store: field.bool('Certificates that have ended.'),
  tidy_expired_issuers: field.bool('Issuers that have ended; their keys stay.'),
  tidy_invalid_certs: field.bool('What is kept as a certificate and is none.'),
  tidy_move_legacy_ca_bundle: field.bool('What an old version kept of its authority.'),
  tidy_revocation_list: field.bool('The old name of `tidy_revoked_certs`.'),
  tidy_revoked_cert_issuer_associations: field.bool('Find out who issued revoked certificates.'),
  tidy_revoked_certs: field.bool('Revoked certificates that have ended.'),
};

export interface TidyInput {
  readonly acme_account_safety_buffer: number;
  readonly issuer_safety_buffer: number;
  readonly page_size: number;
  readonly pause_duration: string;
  readonly revoked_safety_buffer?: number | undefined;
  readonly safety_buffer: number;
  readonly tidy_acme: boolean;
  readonly tidy_cert_store?: boolean | undefined;
  readonly tidy_expired_issuers?: boolean | undefined;
  readonly tidy_invalid_certs?: boolean | undefined;
  readonly tidy_move_legacy_ca_bundle?: boolean | undefined;
  readonly tidy_revocation_list?: boolean | undefined;
  readonly tidy_revoked_cert_issuer_associations?: boolean | undefined;
  readonly tidy_revoked_certs?: boolean | undefined;
}

/** What a client says over what was there. */
export function tidyConfig(input: TidyInput, base: TidyConfig, given: (name: string) => boolean): TidyConfig {
  const pick = <T>(name: keyof TidyInput, now: T): T => (given(name) ? ((input[name] as T) ?? now) : now);
  return {
    certStore: pick('tidy_cert_store', base.certStore),
    revokedCerts: pick('tidy_revoked_certs', pick('tidy_revocation_list', base.revokedCerts)),
    invalidCerts: pick('tidy_invalid_certs', base.invalidCerts),
    associations: pick('tidy_revoked_cert_issuer_associations', base.associations),
    expiredIssuers: pick('tidy_expired_issuers', base.expiredIssuers),
    legacyBundle: pick('tidy_move_legacy_ca_bundle', base.legacyBundle),
    acme: pick('tidy_acme', base.acme),
    safetyBuffer: pick('safety_buffer', base.safetyBuffer),
    revokedSafetyBuffer: pick('revoked_safety_buffer', base.revokedSafetyBuffer),
    issuerSafetyBuffer: pick('issuer_safety_buffer', base.issuerSafetyBuffer),
    acmeAccountSafetyBuffer: pick('acme_account_safety_buffer', base.acmeAccountSafetyBuffer),
    pauseDuration: pick('pause_duration', base.pauseDuration),
    pageSize: pick('page_size', base.pageSize),
  };
}

export const revokedBuffer = (config: TidyConfig): number => config.revokedSafetyBuffer ?? config.safetyBuffer;

export const anyOf = (config: TidyConfig): boolean =>
  config.certStore ||
  config.revokedCerts ||
  config.invalidCerts ||
  config.associations ||
  config.expiredIssuers ||
  config.legacyBundle ||
  config.acme;

/** Micros, or what is wrong with the text. */
export function pauseOf(text: string): number | string {
  try {
    return text === '' ? 0 : toMicros(text);
  } catch (error) {
    if (error instanceof DurationError || error instanceof CoercionError) return error.message;
    throw error;
  }
}

/** As Go prints a duration, which it is by then. */
export function shownPause({ pauseDuration }: TidyConfig): string {
  const pause = pauseOf(pauseDuration);
  return typeof pause === 'number' ? formatDuration(pause) : pauseDuration;
}

export const shownAutoTidy = (config: AutoTidyConfig): JsonObject => ({
  acme_account_safety_buffer: config.acmeAccountSafetyBuffer,
  enabled: config.enabled,
  interval_duration: config.interval,
  issuer_safety_buffer: config.issuerSafetyBuffer,
  maintain_stored_certificate_counts: config.maintainCounts,
  page_size: config.pageSize,
  pause_duration: shownPause(config),
  publish_stored_certificate_count_metrics: config.publishCounts,
  revoked_safety_buffer: revokedBuffer(config),
  safety_buffer: config.safetyBuffer,
  tidy_acme: config.acme,
  tidy_cert_store: config.certStore,
  tidy_expired_issuers: config.expiredIssuers,
  tidy_invalid_certs: config.invalidCerts,
  tidy_move_legacy_ca_bundle: config.legacyBundle,
  tidy_revoked_cert_issuer_associations: config.associations,
  tidy_revoked_certs: config.revokedCerts,
});

/** What is kept: not what only follows from the rest. */
export const keptAutoTidy = (config: AutoTidyConfig): JsonObject => {
  const { revoked_safety_buffer: _, ...rest } = shownAutoTidy(config);
  const { revokedSafetyBuffer } = config;
  return revokedSafetyBuffer === undefined ? rest : { ...rest, revoked_safety_buffer: revokedSafetyBuffer };
};

/** What `keptAutoTidy` was made of. */
export function storedAutoTidy(stored: JsonObject | undefined): AutoTidyConfig {
  if (stored === undefined) return DEFAULT_AUTO_TIDY;
  const input = stored as unknown as TidyInput;
  return {
    ...tidyConfig(input, DEFAULT_AUTO_TIDY, (name) => Object.hasOwn(stored, name)),
    enabled: stored['enabled'] === true,
    interval: Number(stored['interval_duration']),
    maintainCounts: stored['maintain_stored_certificate_counts'] === true,
    publishCounts: stored['publish_stored_certificate_count_metrics'] === true,
  };
}
