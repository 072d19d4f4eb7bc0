/** What operations of PKI answer, as upstream's OpenAPI document has it. */
import type { Responses } from '../../framework/openapi-responses.ts';

// Those that several operations answer.
const STORED =
  '{ ca_chain: string; certificate: string; issuer_id: string; revocation_time: integer(int64); revocation_time_rfc3339: string }';
const ISSUED =
  '{ ca_chain: string[]; certificate: string; expiration: integer(int64); issuing_ca: string; not_before: integer(int64); private_key: string; private_key_type: string; serial_number: string }';
const BINDING = '{ acme_directory: string; created_on: string(date-time); id: string; key: string; key_type: string }';
const IMPORTED =
  '{ existing_issuers: string[]; existing_keys: string[]; imported_issuers: string[]; imported_keys: string[]; mapping: object(map) }';
const REQUEST =
  '{ csr: string; external_key_ref: string; key_id: string; private_key: string; private_key_type: string }';
const ISSUER =
  '{ ca_chain: string[]; certificate: string; crl_distribution_points: string[]; delta_crl_distribution_points: string[]; enable_aia_url_templating: boolean; issuer_id: string; issuer_name: string; issuing_certificates: string[]; key_id: string; leaf_not_after_behavior: string; manual_chain: string[]; ocsp_servers: string[]; revocation_signature_algorithm: string; revocation_time: integer; revocation_time_rfc3339: string; revoked: boolean; usage: string }';
const ISSUER_CERTIFICATE = '{ ca_chain: string[]; certificate: string; issuer_id: string; issuer_name: string }';
const ROOT =
  '{ certificate: string; expiration: integer(int64); external_key_ref: string; issuer_id: string; issuer_name: string; issuing_ca: string; key_id: string; key_name: string; private_key: string; serial_number: string }';
const KEY = '{ external_key_ref: string; key_id: string; key_name: string; key_type: string; private_key: string }';
const ROLE =
  '{ allow_any_name: boolean; allow_bare_domains: boolean; allow_glob_domains: boolean; allow_globs_in_identity_templates: boolean; allow_ip_sans: boolean; allow_localhost: boolean; allow_subdomains: boolean; allow_token_displayname: boolean; allow_wildcard_certificates: boolean; allowed_domains: string[]; allowed_domains_template: boolean; allowed_ip_sans_cidr: string[]; allowed_other_sans: string[]; allowed_serial_numbers: string[]; allowed_uri_sans: string[]; allowed_uri_sans_template: boolean; allowed_user_ids: string[]; basic_constraints_valid_for_non_ca: boolean; client_flag: boolean; cn_validations: string[]; code_signing_flag: boolean; country: string[]; email_protection_flag: boolean; enforce_hostnames: boolean; ext_key_usage: string[]; ext_key_usage_oids: string[]; generate_lease: boolean; issuer_ref: string; key_bits: integer; key_type: string; key_usage: string[]; locality: string[]; max_ttl: integer(int64); no_store: boolean; not_after: string; not_after_bound: string in ["permit","forbid","ttl-limited","an explicit timestamp"] = "permit"; not_before: string; not_before_bound: string in ["permit","duration","forbid"] = "permit"; not_before_duration: integer(int64); organization: string[]; ou: string[]; policy_identifiers: string[]; postal_code: string[]; province: string[]; require_cn: boolean; server_flag: boolean = true; signature_bits: integer; street_address: string[]; ttl: integer(int64); use_csr_common_name: boolean; use_csr_sans: boolean; use_pss: boolean }';
const AUTO_TIDY =
  '{ acme_account_safety_buffer: integer; enabled: boolean; interval_duration: integer; issuer_safety_buffer: integer; maintain_stored_certificate_counts: boolean; page_size: integer; pause_duration: string; publish_stored_certificate_count_metrics: boolean; revoked_safety_buffer: integer; safety_buffer: integer; tidy_acme: boolean; tidy_cert_store: boolean; tidy_expired_issuers: boolean; tidy_invalid_certs: boolean; tidy_move_legacy_ca_bundle: boolean; tidy_revoked_cert_issuer_associations: boolean; tidy_revoked_certs: boolean }';
const INTERMEDIATE =
  '{ ca_chain: string[]; certificate: string; expiration: integer(int64); issuing_ca: string; serial_number: string }';
const REVOKED = '{ revocation_time: integer(int64); revocation_time_rfc3339: string(date-time); state: string }';
const TIDY_STATUS =
  '{ acme_account_deleted_count: integer; acme_account_revoked_count: integer; acme_account_safety_buffer: integer; acme_orders_deleted_count: integer; cert_store_deleted_count: integer; current_cert_store_count: integer; current_revoked_cert_count: integer; error: string; internal_backend_uuid: string; issuer_safety_buffer: integer; last_auto_tidy_finished: string; message: string; missing_issuer_cert_count: integer; page_size: integer; pause_duration: string; revoked_cert_deleted_count: integer; revoked_safety_buffer: integer; safety_buffer: integer; state: string; tidy_acme: boolean; tidy_cert_store: boolean; tidy_expired_issuers: boolean; tidy_invalid_certs: boolean; tidy_move_legacy_ca_bundle: boolean; tidy_revoked_cert_issuer_associations: boolean; tidy_revoked_certs: boolean; time_finished: string; time_started: string; total_acme_account_count: integer }';

export const responses: Responses = {
  '/acme/new-eab': {
    post: { 200: BINDING },
  },
  '/ca': {
    get: { 200: STORED },
  },
  '/ca/pem': {
    get: { 200: STORED },
  },
  '/ca_chain': {
    get: { 200: STORED },
  },
  '/cel/issue/{role}': {
    post: { 200: ISSUED },
  },
  '/cel/roles': {
    get: { 200: '{ keys: string[] }' },
  },
  '/cel/roles/{name}': {
    get: { 200: '{ cel_program: object(map); name: string }' },
    post: { 200: '{ cel_program: object(map); name: string }' },
    patch: { 200: '{ cel_program: object(map); name: string }' },
    delete: { 204: '' },
  },
  '/cel/sign/{role}': {
    post: { 200: ISSUED },
  },
  '/cert/ca_chain': {
    get: { 200: STORED },
  },
  '/cert/crl': {
    get: { 200: STORED },
  },
  '/cert/delta-crl': {
    get: { 200: STORED },
  },
  '/cert/{serial}': {
    get: { 200: STORED },
  },
  '/cert/{serial}/raw': {
    get: { 200: STORED },
  },
  '/cert/{serial}/raw/pem': {
    get: { 200: STORED },
  },
  '/certs': {
    get: { 200: '{ keys: string[] }' },
  },
  '/certs/detailed': {
    get: { 200: '{ key_info: object(map); keys: string[] }' },
  },
  '/certs/revoked': {
    get: { 200: '{ keys: string[] }' },
  },
  '/config/auto-tidy': {
    get: { 200: AUTO_TIDY },
    post: { 200: AUTO_TIDY },
  },
  '/config/ca': {
    post: { 200: IMPORTED },
  },
  '/config/cluster': {
    get: { 200: '{ aia_path: string; path: string }' },
    post: { 200: '{ aia_path: string; path: string }' },
  },
  '/config/crl': {
    get: {
      200: '{ allow_expired_cert_revocation: boolean; auto_rebuild: boolean; auto_rebuild_grace_period: string; delta_rebuild_interval: string; disable: boolean; enable_delta: boolean; expiry: string; ocsp_disable: boolean; ocsp_expiry: string }',
    },
    post: {
      200: '{ allow_expired_cert_revocation: boolean; auto_rebuild: boolean; auto_rebuild_grace_period: string = "12h"; delta_rebuild_interval: string = "15m"; disable: boolean; enable_delta: boolean; expiry: string = "72h"; ocsp_disable: boolean; ocsp_expiry: string = "1h" }',
    },
  },
  '/config/issuers': {
    get: { 200: '{ default: string; default_follows_latest_issuer: boolean }' },
    post: { 200: '{ default: string; default_follows_latest_issuer: boolean }' },
  },
  '/config/keys': {
    get: { 200: '{ default: string }' },
    post: { 200: '{ default: string }' },
  },
  '/config/urls': {
    get: {
      200: '{ crl_distribution_points: string[]; delta_crl_distribution_points: string[]; enable_templating: boolean; issuing_certificates: string[]; ocsp_servers: string[] }',
    },
    post: {
      200: '{ crl_distribution_points: string[]; delta_crl_distribution_points: string[]; enable_templating: boolean = false; issuing_certificates: string[]; ocsp_servers: string[] }',
    },
  },
  '/crl': {
    get: { 200: STORED },
  },
  '/crl/delta': {
    get: { 200: STORED },
  },
  '/crl/delta/pem': {
    get: { 200: STORED },
  },
  '/crl/pem': {
    get: { 200: STORED },
  },
  '/crl/rotate': {
    get: { 200: '{ success: boolean }' },
  },
  '/crl/rotate-delta': {
    get: { 200: '{ success: boolean }' },
  },
  '/eab': {
    get: { 200: '{ key_info: object(map); keys: string[] }' },
  },
  '/intermediate/cross-sign': {
    post: { 200: REQUEST },
  },
  '/intermediate/generate/{exported}': {
    post: { 200: REQUEST },
  },
  '/intermediate/set-signed': {
    post: { 200: IMPORTED },
  },
  '/issue/{role}': {
    post: { 200: ISSUED },
  },
  '/issuer/{issuer_ref}': {
    get: { 200: ISSUER },
    post: { 200: ISSUER },
    patch: { 200: ISSUER },
    delete: { 204: '' },
  },
  '/issuer/{issuer_ref}/acme/new-eab': {
    post: { 200: BINDING },
  },
  '/issuer/{issuer_ref}/crl': {
    get: { 200: '{ crl: string }' },
  },
  '/issuer/{issuer_ref}/crl/delta': {
    get: { 200: '{ crl: string }' },
  },
  '/issuer/{issuer_ref}/crl/delta/der': {
    get: { 200: '{ crl: string }' },
  },
  '/issuer/{issuer_ref}/crl/delta/pem': {
    get: { 200: '{ crl: string }' },
  },
  '/issuer/{issuer_ref}/crl/der': {
    get: { 200: '{ crl: string }' },
  },
  '/issuer/{issuer_ref}/crl/pem': {
    get: { 200: '{ crl: string }' },
  },
  '/issuer/{issuer_ref}/der': {
    get: { 200: ISSUER_CERTIFICATE, 304: '' },
  },
  '/issuer/{issuer_ref}/issue/{role}': {
    post: { 200: ISSUED },
  },
  '/issuer/{issuer_ref}/json': {
    get: { 200: ISSUER_CERTIFICATE, 304: '' },
  },
  '/issuer/{issuer_ref}/pem': {
    get: { 200: ISSUER_CERTIFICATE, 304: '' },
  },
  '/issuer/{issuer_ref}/resign-crls': {
    post: { 200: '{ crl: string }' },
  },
  '/issuer/{issuer_ref}/revoke': {
    post: {
      200: '{ ca_chain: string[]; certificate: string; crl_distribution_points: string[]; delta_crl_distribution_points: string[]; issuer_id: string; issuer_name: string; issuing_certificates: string[]; key_id: string; leaf_not_after_behavior: string; manual_chain: string[]; ocsp_servers: string[]; revocation_signature_algorithm: string; revocation_time: integer(int64); revocation_time_rfc3339: string(date-time); revoked: boolean; usage: string }',
    },
  },
  '/issuer/{issuer_ref}/roles/{role}/acme/new-eab': {
    post: { 200: BINDING },
  },
  '/issuer/{issuer_ref}/sign-intermediate': {
    post: { 200: INTERMEDIATE },
  },
  '/issuer/{issuer_ref}/sign-revocation-list': {
    post: { 200: '{ crl: string }' },
  },
  '/issuer/{issuer_ref}/sign-self-issued': {
    post: { 200: '{ certificate: string; issuing_ca: string }' },
  },
  '/issuer/{issuer_ref}/sign-verbatim': {
    post: { 200: ISSUED },
  },
  '/issuer/{issuer_ref}/sign-verbatim/{role}': {
    post: { 200: ISSUED },
  },
  '/issuer/{issuer_ref}/sign/{role}': {
    post: { 200: ISSUED },
  },
  '/issuers': {
    get: { 200: '{ key_info: object(map); keys: string[] }' },
  },
  '/issuers/generate/intermediate/{exported}': {
    post: { 200: REQUEST },
  },
  '/issuers/generate/root/{exported}': {
    post: { 200: ROOT },
  },
  '/issuers/import/bundle': {
    post: { 200: IMPORTED },
  },
  '/issuers/import/cert': {
    post: { 200: IMPORTED },
  },
  '/key/{key_ref}': {
    get: { 200: '{ key_id: string; key_name: string; key_type: string; subject_key_id: string }' },
    post: { 204: '"OK" { key_id: string; key_name: string; key_type: string }' },
    delete: { 204: '' },
  },
  '/keys': {
    get: { 200: '{ key_info: object(map); keys: string[] }' },
  },
  '/keys/generate/exported': {
    post: { 200: KEY },
  },
  '/keys/generate/internal': {
    post: { 200: KEY },
  },
  '/keys/generate/kms': {
    post: { 200: KEY },
  },
  '/keys/import': {
    post: { 200: '{ key_id: string; key_name: string; key_type: string }' },
  },
  '/revoke': {
    post: { 200: REVOKED },
  },
  '/revoke-with-key': {
    post: { 200: REVOKED },
  },
  '/roles': {
    get: { 200: '{ keys: string[] }' },
  },
  '/roles/{name}': {
    get: { 200: ROLE },
    post: { 200: ROLE },
    patch: { 200: ROLE },
    delete: { 204: '' },
  },
  '/roles/{role}/acme/new-eab': {
    post: { 200: BINDING },
  },
  '/root': {
    delete: { 200: '' },
  },
  '/root/generate/{exported}': {
    post: { 200: ROOT },
  },
  '/root/replace': {
    post: { 200: '{ default: string; default_follows_latest_issuer: boolean }' },
  },
  '/root/rotate/{exported}': {
    post: { 200: ROOT },
  },
  '/root/sign-intermediate': {
    post: { 200: INTERMEDIATE },
  },
  '/root/sign-self-issued': {
    post: { 200: '{ certificate: string; issuing_ca: string }' },
  },
  '/sign-verbatim': {
    post: { 200: ISSUED },
  },
  '/sign-verbatim/{role}': {
    post: { 200: ISSUED },
  },
  '/sign/{role}': {
    post: { 200: ISSUED },
  },
  '/tidy': {
    post: { 202: '' },
  },
  '/tidy-cancel': {
    post: { 200: TIDY_STATUS },
  },
  '/tidy-status': {
    get: { 200: TIDY_STATUS },
  },
};
