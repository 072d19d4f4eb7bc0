/** What operations of sys/ answer, as upstream's OpenAPI document has it. */
import type { Responses } from '../framework/openapi-responses.ts';

export const responses: Responses = {
  '/audit-hash/{path}': {
    post: { 200: '{ hash: string }' },
  },
  '/audit/{path}': {
    post: { 204: '"OK"' },
    delete: { 204: '"OK"' },
  },
  '/auth/{path}': {
    get: {
      200: '{ accessor: string; config: object(map); deprecation_status: string; description: string; external_entropy_access: boolean; local: boolean; options: object(map); plugin_version: string; running_plugin_version: string; running_sha256: string; seal_wrap: boolean; type: string; uuid: string }',
    },
    post: { 204: '"OK"' },
    delete: { 204: '"OK"' },
  },
  '/auth/{path}/tune': {
    get: {
      200: '{ allowed_response_headers: string[]; audit_non_hmac_request_keys: string[]; audit_non_hmac_response_keys: string[]; default_lease_ttl: integer; description: string; external_entropy_access: boolean; force_no_cache: boolean; listing_visibility: string; max_lease_ttl: integer; options: object(map); passthrough_request_headers: string[]; plugin_version: string; token_type: string; user_lockout_counter_reset_duration: integer(int64); user_lockout_disable: boolean; user_lockout_duration: integer(int64); user_lockout_threshold: integer(int64) }',
    },
    post: { 204: '"OK"' },
  },
  '/config/auditing/request-headers': {
    get: { 200: '{ headers: object(map) }' },
  },
  '/config/auditing/request-headers/{header}': {
    post: { 204: '"OK"' },
    delete: { 204: '"OK"' },
  },
  '/config/cors': {
    get: {
      200: '{ allow_credentials: boolean; allowed_headers: string[]; allowed_origins: string[]; enabled: boolean }',
    },
    post: { 204: '"OK"' },
    delete: { 204: '"OK"' },
  },
  '/config/reload/{subsystem}': {
    post: { 204: '"OK"' },
  },
  '/config/ui/headers': {
    get: { 200: '"" { keys: string[] }' },
  },
  '/config/ui/headers/{header}': {
    get: { 200: '{ value: string; values: string[] }' },
    delete: { 204: '"OK"' },
  },
  '/control-group/authorize': {
    post: { 200: 'ControlGroupAuthorizeResponse { approved: boolean }' },
  },
  '/control-group/request': {
    post: {
      200: 'ControlGroupRequestResponse { approved: boolean; authorizations: object[]; request_data: object(map); request_entity: object(map); request_operation: string; request_path: string }',
    },
  },
  '/external-keys/configs': {
    get: { 200: '{ keys: string[] }' },
  },
  '/external-keys/configs/{config}': {
    post: { 204: '' },
    patch: { 204: '' },
    delete: { 204: '' },
  },
  '/external-keys/configs/{config}/keys': {
    get: { 200: '{ keys: string[] }' },
  },
  '/external-keys/configs/{config}/keys/{key}': {
    post: { 204: '' },
    patch: { 204: '' },
    delete: { 204: '' },
  },
  '/external-keys/configs/{config}/keys/{key}/grants': {
    get: { 200: '{ keys: string[] }' },
  },
  '/external-keys/configs/{config}/keys/{key}/grants/{mount}': {
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/generate-root': {
    get: {
      200: '{ complete: boolean; encoded_root_token: string; encoded_token: string; nonce: string; otp: string; otp_length: integer; pgp_fingerprint: string; progress: integer; required: integer; started: boolean }',
    },
    post: {
      200: '{ complete: boolean; encoded_root_token: string; encoded_token: string; nonce: string; otp: string; otp_length: integer; pgp_fingerprint: string; progress: integer; required: integer; started: boolean }',
    },
    delete: { 204: '"OK"' },
  },
  '/generate-root-token/attempt': {
    get: {
      200: '{ complete: boolean; nonce: string; otp: string; otp_length: integer; pgp_fingerprint: string; progress: integer; required: integer; started: boolean }',
    },
    post: {
      200: '{ complete: boolean; nonce: string; otp: string; otp_length: integer; pgp_fingerprint: string; progress: integer; required: integer; started: boolean }',
    },
    delete: { 204: '' },
  },
  '/generate-root-token/update': {
    post: {
      200: '{ complete: boolean; encoded_token: string; nonce: string; pgp_fingerprint: string; progress: integer; required: integer; started: boolean }',
    },
  },
  '/generate-root/attempt': {
    get: {
      200: '{ complete: boolean; encoded_root_token: string; encoded_token: string; nonce: string; otp: string; otp_length: integer; pgp_fingerprint: string; progress: integer; required: integer; started: boolean }',
    },
    post: {
      200: '{ complete: boolean; encoded_root_token: string; encoded_token: string; nonce: string; otp: string; otp_length: integer; pgp_fingerprint: string; progress: integer; required: integer; started: boolean }',
    },
    delete: { 204: '"OK"' },
  },
  '/generate-root/update': {
    post: {
      200: '{ complete: boolean; encoded_root_token: string; encoded_token: string; nonce: string; otp: string; otp_length: integer; pgp_fingerprint: string; progress: integer; required: integer; started: boolean }',
    },
  },
  '/ha-status': {
    get: { 200: '{ nodes: object[] }' },
  },
  '/health': {
    get: {
      200: '"initialized, unsealed, and active"',
      429: '"unsealed and standby"',
      472: '"data recovery mode replication secondary and active"',
      501: '"not initialized"',
      503: '"sealed"',
    },
  },
  '/host-info': {
    get: {
      200: '{ cpu: object[]; cpu_times: object[]; disk: object[]; host: object(map); memory: object(map); timestamp: string(date-time) }',
    },
  },
  '/internal/counters/entities': {
    get: { 200: '{ counters: object(map) }' },
  },
  '/internal/counters/tokens': {
    get: { 200: '{ counters: object(map) }' },
  },
  '/internal/ui/mounts': {
    get: { 200: '{ auth: object(map); secret: object(map) }' },
  },
  '/internal/ui/mounts/{path}': {
    get: {
      200: '{ accessor: string; config: object(map); deprecation_status: string; description: string; external_entropy_access: boolean; local: boolean; options: object(map); path: string; plugin_version: string; running_plugin_version: string; running_sha256: string; seal_wrap: boolean; type: string; uuid: string }',
    },
  },
  '/internal/ui/namespaces': {
    get: { 200: '{ keys: string[] }' },
  },
  '/internal/ui/resultant-acl': {
    get: {
      200: '{ exact_paths: object(map); glob_paths: object(map); root: boolean }',
      204: '"empty response returned if no client token"',
    },
  },
  '/key-status': {
    get: { 200: '"" { encryptions: integer(int64); install_time: string(date-time); term: integer }' },
  },
  '/leader': {
    get: {
      200: '{ active_time: string(date-time); ha_enabled: boolean; is_self: boolean; leader_address: string; leader_cluster_address: string; raft_applied_index: integer(int64); raft_committed_index: integer(int64) }',
    },
  },
  '/leases': {
    get: { 200: '{ counts: integer; lease_count: integer }' },
  },
  '/leases/count': {
    get: { 200: '{ counts: integer; lease_count: integer }' },
  },
  '/leases/lookup': {
    post: {
      200: '{ expire_time: string(date-time); id: string; issue_time: string(date-time); last_renewal: string(date-time); namespace_path: string; path: string; renewable: boolean; revoke_error: string; ttl: integer }',
    },
  },
  '/leases/lookup/': {
    get: { 200: '{ keys: string[] }' },
  },
  '/leases/lookup/{prefix}': {
    get: { 200: '{ keys: string[] }' },
  },
  '/leases/renew': {
    post: { 204: '' },
  },
  '/leases/renew/{url_lease_id}': {
    post: { 204: '' },
  },
  '/leases/revoke': {
    post: { 204: '"OK"' },
  },
  '/leases/revoke-force/{prefix}': {
    post: { 204: '"OK"' },
  },
  '/leases/revoke-prefix/{prefix}': {
    post: { 204: '"OK"' },
  },
  '/leases/revoke/{url_lease_id}': {
    post: { 204: '"OK"' },
  },
  '/leases/tidy': {
    post: { 204: '' },
  },
  '/loggers': {
    post: { 204: '"OK"' },
    delete: { 204: '"OK"' },
  },
  '/loggers/{name}': {
    post: { 204: '"OK"' },
    delete: { 204: '"OK"' },
  },
  '/mounts/{path}': {
    get: {
      200: '{ accessor: string; config: object(map); deprecation_status: string; description: string; external_entropy_access: boolean; local: boolean = false; options: object(kvpairs); plugin_version: string; running_plugin_version: string; running_sha256: string; seal_wrap: boolean = false; type: string; uuid: string }',
    },
    post: { 204: '"OK"' },
    delete: { 200: '' },
  },
  '/mounts/{path}/tune': {
    get: {
      200: '{ allowed_response_headers: string[]; audit_non_hmac_request_keys: string[]; audit_non_hmac_response_keys: string[]; default_lease_ttl: integer; description: string; external_entropy_access: boolean; force_no_cache: boolean; listing_visibility: string; max_lease_ttl: integer; options: object(kvpairs); passthrough_request_headers: string[]; plugin_version: string; token_type: string; user_lockout_counter_reset_duration: integer(int64); user_lockout_disable: boolean; user_lockout_duration: integer(int64); user_lockout_threshold: integer(int64) }',
    },
  },
  '/namespaces': {
    unnamed: { 200: 'NamespacesListNamespacesResponse { key_info: object(map); keys: string[] }' },
    get: { 200: '{ key_info: object(map); keys: string[] }' },
  },
  '/namespaces/api-lock/lock': {
    post: { 200: '{ unlock_key: string }' },
  },
  '/namespaces/api-lock/lock/{path}': {
    post: { 200: '{ unlock_key: string }' },
  },
  '/namespaces/api-lock/unlock': {
    post: { 204: '' },
  },
  '/namespaces/api-lock/unlock/{path}': {
    post: { 204: '' },
  },
  '/namespaces/{path}': {
    get: {
      200: '{ custom_metadata: object(map); id: string; key_shares: object(map); key_threshold: integer; locked: boolean; path: string; tainted: boolean; uuid: string }',
    },
    post: {
      200: '{ custom_metadata: object(map); id: string; key_shares: object(map); key_threshold: integer; locked: boolean; path: string; tainted: boolean; uuid: string }',
    },
    patch: {
      200: '{ custom_metadata: object(map); id: string; key_shares: object(map); key_threshold: integer; locked: boolean; path: string; tainted: boolean; uuid: string }',
    },
    delete: { 200: '{ status: string }', 204: '' },
  },
  '/namespaces/{path}/delete-sealed': {
    delete: { 200: '{ status: string }' },
  },
  '/namespaces/{path}/seal': {
    post: { 204: '' },
  },
  '/namespaces/{path}/seal-status': {
    get: {
      200: '{ initialized: boolean; n: integer; nonce: string; progress: integer; sealed: boolean; t: integer; type: string }',
    },
  },
  '/namespaces/{path}/unseal': {
    post: {
      200: '{ initialized: boolean; n: integer; nonce: string; progress: integer; sealed: boolean; t: integer; type: string }',
    },
  },
  '/plugins/catalog': {
    get: { 200: '{ auth: string[]; database: string[]; detailed: object(map); secret: string[] }' },
  },
  '/plugins/catalog/{name}': {
    get: {
      200: '{ args: string[]; builtin: boolean; command: string; declarative: boolean; deprecation_status: string; name: string; oci: boolean; sha256: string; version: string }',
    },
    delete: { 200: '' },
  },
  '/plugins/catalog/{type}': {
    get: { 200: '{ keys: string[] }' },
  },
  '/plugins/catalog/{type}/{name}': {
    get: {
      200: '{ args: string[]; builtin: boolean; command: string; declarative: boolean; deprecation_status: string; name: string; oci: boolean; sha256: string; version: string }',
    },
    delete: { 200: '' },
  },
  '/plugins/reload/backend': {
    post: { 200: '{ reload_id: string }', 202: '"OK" { reload_id: string }' },
  },
  '/policies/acl': {
    get: { 200: '{ keys: string[]; policies: string[] }' },
  },
  '/policies/acl/{name}': {
    get: {
      200: '{ allow_slashes_in_identity_templates: boolean; allow_wildcards_in_identity_templates: boolean; cas_required: boolean; expiration: string(date-time); modified: string(date-time); name: string; policy: string; rules: string; version: integer }',
    },
    post: { 204: '"OK"' },
    patch: { 204: '"OK"' },
    delete: { 204: '"OK"' },
  },
  '/policies/password': {
    get: { 200: '{ keys: string[] }' },
  },
  '/policies/password/{name}': {
    get: { 204: '"OK" { policy: string }' },
    post: { 204: '"OK"' },
    delete: { 204: '"OK"' },
  },
  '/policies/password/{name}/generate': {
    get: { 200: '{ password: string }' },
  },
  '/policy': {
    get: { 200: '{ keys: string[]; policies: string[] }' },
  },
  '/policy/{name}': {
    get: {
      200: '{ allow_slashes_in_identity_templates: boolean; allow_wildcards_in_identity_templates: boolean; cas_required: boolean; expiration: string(date-time); modified: string(date-time); name: string; policy: string; rules: string; version: integer }',
    },
    post: { 204: '"OK"' },
    delete: { 204: '"OK"' },
  },
  '/quotas/config': {
    get: {
      200: '{ enable_rate_limit_audit_logging: boolean; enable_rate_limit_response_headers: boolean; rate_limit_exempt_paths: string[] }',
    },
    post: { 204: '"OK"' },
  },
  '/quotas/rate-limit': {
    get: { 200: '{ keys: string[] }' },
  },
  '/quotas/rate-limit/{name}': {
    get: {
      200: '{ block_interval: integer; inheritable: boolean; interval: integer; name: string; path: string; rate: number(float); role: string; type: string }',
    },
    post: { 204: '' },
    delete: { 204: '"OK"' },
  },
  '/raw': {
    get: { 200: '{ value: string }' },
    delete: { 204: '"OK"' },
  },
  '/raw/{path}': {
    get: { 200: '{ value: string }' },
    delete: { 204: '"OK"' },
  },
  '/rekey/backup': {
    get: { 200: '{ keys: object(map); keys_base64: object(map); nonce: string }' },
    delete: { 204: '"OK"' },
  },
  '/rekey/init': {
    get: {
      200: '{ backup: boolean; n: integer; nounce: string; pgp_fingerprints: string[]; progress: integer; required: integer; started: string; t: integer; verification_nonce: string; verification_required: boolean }',
    },
    post: {
      200: '{ backup: boolean; n: integer; nounce: string; pgp_fingerprints: string[]; progress: integer; required: integer; started: string; t: integer; verification_nonce: string; verification_required: boolean }',
    },
    delete: { 200: '' },
  },
  '/rekey/recovery-key-backup': {
    get: { 200: '{ keys: object(map); keys_base64: object(map); nonce: string }' },
    delete: { 204: '"OK"' },
  },
  '/rekey/update': {
    post: {
      200: '{ backup: boolean; complete: boolean; keys: string[]; keys_base64: string[]; n: integer; nounce: string; pgp_fingerprints: string[]; progress: integer; required: integer; started: string; t: integer; verification_nonce: string; verification_required: boolean }',
    },
  },
  '/rekey/verify': {
    get: { 200: '{ n: integer; nounce: string; progress: integer; started: string; t: integer }' },
    post: { 200: '{ complete: boolean; nounce: string }' },
    delete: { 200: '{ n: integer; nounce: string; progress: integer; started: string; t: integer }' },
  },
  '/remount': {
    post: { 200: '{ migration_id: string }' },
  },
  '/remount/status/{migration_id}': {
    get: { 200: '{ migration_id: string; migration_info: object(map) }' },
  },
  '/rotate': {
    post: { 204: '' },
  },
  '/rotate/config': {
    get: { 200: '{ enabled: boolean; interval: integer(seconds); max_operations: integer(int64) }' },
    post: { 204: '' },
  },
  '/rotate/keyring': {
    post: { 204: '' },
  },
  '/rotate/keyring/config': {
    get: { 200: '{ enabled: boolean; interval: integer(seconds); max_operations: integer(int64) }' },
    post: { 204: '' },
  },
  '/rotate/recovery/backup': {
    get: { 200: '{ keys: string[]; keys_base64: string[]; nonce: string }' },
    delete: { 204: '' },
  },
  '/rotate/recovery/init': {
    get: {
      200: '{ backup: boolean; pgp_keys: string[]; require_verification: boolean; secret_shares: integer; secret_threshold: integer }',
    },
    post: {
      200: '{ backup: boolean; complete: boolean; keys: string[]; keys_base64: string[]; n: integer; nonce: string; pgp_fingerprints: string[]; progress: integer; required: integer; started: boolean; t: integer; verification_nonce: string; verification_required: boolean }',
    },
    delete: { 204: '' },
  },
  '/rotate/recovery/update': {
    post: {
      200: '{ backup: boolean; complete: boolean; keys: string[]; keys_base64: string[]; n: integer; nonce: string; pgp_fingerprints: string[]; progress: integer; required: integer; started: boolean; t: integer; verification_nonce: string; verification_required: boolean }',
    },
  },
  '/rotate/recovery/verify': {
    get: { 200: '{ n: integer; nonce: string; progress: integer; started: boolean; t: integer }' },
    post: { 200: '{ complete: boolean; nonce: string }' },
    delete: { 200: '{ n: integer; nonce: string; progress: integer; started: boolean; t: integer }' },
  },
  '/rotate/root': {
    post: { 204: '' },
  },
  '/rotate/root/backup': {
    get: { 200: '{ keys: string[]; keys_base64: string[]; nonce: string }' },
    delete: { 204: '' },
  },
  '/rotate/root/init': {
    get: {
      200: '{ backup: boolean; pgp_keys: string[]; require_verification: boolean; secret_shares: integer; secret_threshold: integer }',
    },
    post: {
      200: '{ backup: boolean; complete: boolean; keys: string[]; keys_base64: string[]; n: integer; nonce: string; pgp_fingerprints: string[]; progress: integer; required: integer; started: boolean; t: integer; verification_nonce: string; verification_required: boolean }',
    },
    delete: { 204: '' },
  },
  '/rotate/root/update': {
    post: {
      200: '{ backup: boolean; complete: boolean; keys: string[]; keys_base64: string[]; n: integer; nonce: string; pgp_fingerprints: string[]; progress: integer; required: integer; started: boolean; t: integer; verification_nonce: string; verification_required: boolean }',
    },
  },
  '/rotate/root/verify': {
    get: { 200: '{ n: integer; nonce: string; progress: integer; started: boolean; t: integer }' },
    post: { 200: '{ complete: boolean; nonce: string }' },
    delete: { 200: '{ n: integer; nonce: string; progress: integer; started: boolean; t: integer }' },
  },
  '/seal': {
    post: { 204: '"OK"' },
  },
  '/seal-status': {
    get: {
      200: '"" { cluster_id: string; cluster_name: string; commit_date: string; initialized: boolean; migration: boolean; n: integer; nonce: string; progress: integer; recovery_seal: boolean; recovery_seal_type: string; sealed: boolean; storage_type: string; t: integer; type: string; version: string }',
    },
  },
  '/step-down': {
    post: { 204: '"empty body"' },
  },
  '/tools/hash': {
    post: { 200: '{ sum: string }' },
  },
  '/tools/hash/{urlalgorithm}': {
    post: { 200: '{ sum: string }' },
  },
  '/tools/random': {
    post: { 200: '{ random_bytes: string }' },
  },
  '/tools/random/{source}': {
    post: { 200: '{ random_bytes: string }' },
  },
  '/tools/random/{source}/{urlbytes}': {
    post: { 200: '{ random_bytes: string }' },
  },
  '/tools/random/{urlbytes}': {
    post: { 200: '{ random_bytes: string }' },
  },
  '/unseal': {
    post: {
      200: '"" { cluster_id: string; cluster_name: string; commit_date: string; initialized: boolean; migration: boolean; n: integer; nonce: string; progress: integer; recovery_seal: boolean; sealed: boolean; storage_type: string; t: integer; type: string; version: string }',
    },
  },
  '/version-history': {
    get: { 200: '{ key_info: object(kvpairs); keys: string[] }' },
  },
  '/workflows/manage': {
    unnamed: { 200: 'WorkflowsListWorkflowsManageResponse { key_info: object(map); keys: string[] }' },
    get: { 200: '{ key_info: object(map); keys: string[] }' },
  },
  '/workflows/manage/{path}': {
    get: {
      200: '{ allow_unauthenticated: boolean; cas_required: boolean; description: string; version: integer; workflow: string }',
    },
    post: {
      200: '{ allow_unauthenticated: boolean; cas_required: boolean; description: string; version: integer; workflow: string }',
    },
    delete: { 204: '' },
  },
  '/wrapping/lookup': {
    get: { 200: '{ creation_path: string; creation_time: string(date-time); creation_ttl: integer(seconds) }' },
    post: { 200: '{ creation_path: string; creation_time: string(date-time); creation_ttl: integer(seconds) }' },
  },
  '/wrapping/unwrap': {
    post: { 200: '', 204: '"No content"' },
  },
};
