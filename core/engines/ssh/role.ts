/** A stored role: `roles/<name>`, in the order and with the names of upstream's struct. */
import { formatDuration, parseDuration } from '../../codec/duration.ts';
import { asBoolean, asList, asNumber, asObject, asString, asStringMap } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';
import { MILLISECOND, SECOND, type Micros } from '../../runtime.ts';

/** By kind or algorithm of a key, the sizes that are allowed; null: none was said. */
export type KeyLengths = Readonly<Record<string, readonly number[] | null>>;

export interface SshRole {
  readonly key_type: string;
  readonly default_user: string;
  readonly default_user_template: boolean;
  readonly cidr_list: string;
  readonly exclude_cidr_list: string;
  readonly port: number;
  readonly allowed_users: string;
  readonly allowed_users_template: boolean;
  readonly allowed_domains: string;
  readonly allowed_domains_template: boolean;
  readonly max_ttl: Micros;
  readonly ttl: Micros;
  readonly default_critical_options: Readonly<Record<string, string>>;
  readonly default_extensions: Readonly<Record<string, string>>;
  readonly default_extensions_template: boolean;
  readonly allowed_critical_options: string;
  readonly allowed_extensions: string;
  readonly allow_user_certificates: boolean;
  readonly allow_host_certificates: boolean;
  readonly allow_bare_domains: boolean;
  readonly allow_subdomains: boolean;
  readonly allow_user_key_ids: boolean;
  readonly allow_empty_principals: boolean;
  readonly key_id_format: string;
  readonly allowed_user_key_lengths: KeyLengths;
  readonly algorithm_signer: string;
  readonly not_before_duration: Micros;
  readonly issuer_ref: string;
  readonly allow_commas_in_identity_templates: boolean;
  readonly allow_wildcards_in_identity_templates: boolean;
}

const VERSION = 4;
/** Stored durations of Go count nanoseconds. */
const NANOS = 1_000;

export const DEFAULT_NOT_BEFORE: Micros = 30 * SECOND;

/** What a role has where nothing was said. */
export const emptyRole: SshRole = {
  key_type: '',
  default_user: '',
  default_user_template: false,
  cidr_list: '',
  exclude_cidr_list: '',
  port: 0,
  allowed_users: '',
  allowed_users_template: false,
  allowed_domains: '',
  allowed_domains_template: false,
  max_ttl: 0,
  ttl: 0,
  default_critical_options: {},
  default_extensions: {},
  default_extensions_template: false,
  allowed_critical_options: '',
  allowed_extensions: '',
  allow_user_certificates: false,
  allow_host_certificates: false,
  allow_bare_domains: false,
  allow_subdomains: false,
  allow_user_key_ids: false,
  allow_empty_principals: false,
  key_id_format: '',
  allowed_user_key_lengths: {},
  algorithm_signer: '',
  not_before_duration: 0,
  issuer_ref: '',
  allow_commas_in_identity_templates: false,
  allow_wildcards_in_identity_templates: false,
};

export const roleForm: Form<SshRole> = {
  encode(role) {
    const { allowed_user_key_lengths, ...rest } = role;
    const stored = new Map<string, JsonValue>(Object.entries(rest));
    stored.set('allowed_user_key_types_lengths', allowed_user_key_lengths);
    stored.set('ttl', formatDuration(role.ttl));
    stored.set('max_ttl', formatDuration(role.max_ttl));
    stored.set('not_before_duration', role.not_before_duration * NANOS);
    stored.set('role_version', VERSION);
    return stored;
  },
  decode(stored) {
    const fields = asObject(stored) ?? {};
    const upgraded = (asNumber(fields['role_version']) ?? 0) < VERSION;
    return {
      ...ofTheirTypes(fields),
      ttl: duration(fields['ttl']),
      max_ttl: duration(fields['max_ttl']),
      default_critical_options: asStringMap(fields['default_critical_options']) ?? {},
      default_extensions: asStringMap(fields['default_extensions']) ?? {},
      allowed_user_key_lengths: keyLengths(fields),
      // What older versions did not write.
      not_before_duration: upgraded ? DEFAULT_NOT_BEFORE : (asNumber(fields['not_before_duration']) ?? 0) / NANOS,
      issuer_ref: asString(fields['issuer_ref']) ?? (upgraded ? 'default' : ''),
    };
  },
};

/** Texts, flags and numbers by the name that they are stored under. */
function ofTheirTypes(fields: JsonObject): SshRole {
  const entries = Object.entries(emptyRole).map(([name, empty]) => {
    const stored = fields[name];
    if (typeof empty === 'string') return [name, asString(stored) ?? ''];
    if (typeof empty === 'boolean') return [name, asBoolean(stored) ?? false];
    return [name, typeof empty === 'number' ? (asNumber(stored) ?? 0) : empty];
  });
  return Object.fromEntries(entries) as SshRole;
}

/** `1h0m0s`, or seconds. */
function duration(stored: JsonValue | undefined): Micros {
  const text = asString(stored) ?? '';
  if (text === '') return 0;
  return /^\d+$/.test(text) ? Number(text) * SECOND : parseDuration(text);
}

function keyLengths(fields: JsonObject): KeyLengths {
  const old = Object.entries(asObject(fields['allowed_user_key_lengths']) ?? {}).map(([kind, size]) => [kind, [size]]);
  const now = asObject(fields['allowed_user_key_types_lengths']) ?? Object.fromEntries(old);
  return Object.fromEntries(
    Object.entries(now as JsonObject).map(([kind, sizes]) => {
      const list = asList(sizes);
      return [kind, list === undefined ? null : list.map((size) => asNumber(size) ?? 0)];
    }),
  );
}

/** As clients see it. */
export function shownRole(role: SshRole): JsonObject {
  if (role.key_type === 'otp') {
    const { default_user, cidr_list, exclude_cidr_list, key_type, port, allowed_users } = role;
    return { default_user, cidr_list, exclude_cidr_list, key_type, port, allowed_users };
  }
  const { cidr_list: _, exclude_cidr_list: __, port: ___, ...shown } = role;
  return {
    ...(shown as unknown as JsonObject),
    ttl: role.ttl / SECOND,
    max_ttl: role.max_ttl / SECOND,
    not_before_duration: Math.trunc(role.not_before_duration / (1_000 * MILLISECOND)),
  };
}
