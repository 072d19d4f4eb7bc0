/** Roles: which certificates may be issued under a name. Durations are whole seconds, as clients give them. */
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { collection, type CollectionSpec } from '../../framework/collection.ts';

export interface Role {
  readonly allow_any_name: boolean;
  readonly allow_bare_domains: boolean;
  readonly allow_glob_domains: boolean;
  readonly allow_globs_in_identity_templates: boolean;
  readonly allow_ip_sans: boolean;
  readonly allow_localhost: boolean;
  readonly allow_subdomains: boolean;
  readonly allow_token_displayname: boolean;
  readonly allow_wildcard_certificates: boolean;
  readonly allowed_domains: readonly string[];
  readonly allowed_domains_template: boolean;
  readonly allowed_ip_sans_cidr: readonly string[];
  readonly allowed_other_sans: readonly string[];
  readonly allowed_serial_numbers: readonly string[];
  readonly allowed_uri_sans: readonly string[];
  readonly allowed_uri_sans_template: boolean;
  readonly allowed_user_ids: readonly string[];
  readonly basic_constraints_valid_for_non_ca: boolean;
  readonly client_flag: boolean;
  readonly cn_validations: readonly string[];
  readonly code_signing_flag: boolean;
  readonly country: readonly string[];
  readonly email_protection_flag: boolean;
  readonly enforce_hostnames: boolean;
  readonly ext_key_usage: readonly string[];
  readonly ext_key_usage_oids: readonly string[];
  readonly generate_lease: boolean;
  readonly issuer_ref: string;
  readonly key_bits: number;
  readonly key_type: string;
  readonly key_usage: readonly string[];
  readonly locality: readonly string[];
  readonly max_ttl: number;
  readonly no_store: boolean;
  readonly not_after: string;
  readonly not_after_bound: string;
  readonly not_before: string;
  readonly not_before_bound: string;
  readonly not_before_duration: number;
  readonly organization: readonly string[];
  readonly ou: readonly string[];
  readonly policy_identifiers: readonly string[];
  readonly postal_code: readonly string[];
  readonly province: readonly string[];
  readonly require_cn: boolean;
  readonly server_flag: boolean;
  readonly signature_bits: number;
  readonly street_address: readonly string[];
  readonly ttl: number;
  readonly use_csr_common_name: boolean;
  readonly use_csr_sans: boolean;
  readonly use_pss: boolean;
}

/** A role that a client sees and that is stored: the same names. */
export const shownRole = (role: Role): JsonObject => ({ ...role });

export const USUAL_KEY_USAGE = ['DigitalSignature', 'KeyAgreement', 'KeyEncipherment'] as const;

/** What a new role is but for what its maker says. */
export const BLANK_ROLE: Role = {
  allow_any_name: false,
  allow_bare_domains: false,
  allow_glob_domains: false,
  allow_globs_in_identity_templates: false,
  allow_ip_sans: true,
  allow_localhost: true,
  allow_subdomains: false,
  allow_token_displayname: false,
  allow_wildcard_certificates: true,
  allowed_domains: [],
  allowed_domains_template: false,
  allowed_ip_sans_cidr: [],
  allowed_other_sans: [],
  allowed_serial_numbers: [],
  allowed_uri_sans: [],
  allowed_uri_sans_template: false,
  allowed_user_ids: [],
  basic_constraints_valid_for_non_ca: false,
  client_flag: true,
  cn_validations: [],
  code_signing_flag: false,
  country: [],
  email_protection_flag: false,
  enforce_hostnames: true,
  ext_key_usage: [],
  ext_key_usage_oids: [],
  generate_lease: false,
  issuer_ref: '',
  key_bits: 0,
  key_type: 'rsa',
  key_usage: [],
  locality: [],
  max_ttl: 0,
  no_store: false,
  not_after: '',
  not_after_bound: 'permit',
  not_before: '',
  not_before_bound: 'permit',
  not_before_duration: 30,
  organization: [],
  ou: [],
  policy_identifiers: [],
  postal_code: [],
  province: [],
  require_cn: true,
  server_flag: true,
  signature_bits: 0,
  street_address: [],
  ttl: 0,
  use_csr_common_name: true,
  use_csr_sans: true,
  use_pss: false,
};

/** One that permits everything: what signs without a role of its own. */
export const PERMISSIVE_ROLE: Role = {
  ...BLANK_ROLE,
  allow_any_name: true,
  allowed_other_sans: ['*'],
  allowed_serial_numbers: ['*'],
  allowed_uri_sans: ['*'],
  allowed_user_ids: ['*'],
  client_flag: false,
  cn_validations: ['disabled'],
  enforce_hostnames: false,
  issuer_ref: 'default',
  key_type: 'any',
  // A client's own begin is not heeded where there is no role.
  not_before_bound: '',
  require_cn: false,
  server_flag: false,
  use_csr_common_name: false,
  use_csr_sans: false,
};

export const roles: CollectionSpec<Role> = collection('role/', {
  encode: shownRole,
  decode: (stored: JsonValue) => stored as unknown as Role,
});
