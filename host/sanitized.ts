/** A server's configuration as sys/config/state/sanitized shows it: nothing secret, in upstream's names. */
import { SECOND } from '../core/runtime.ts';
import type { JsonObject } from '../core/codec/json.ts';
import type { Configuration, Stanza } from '../core/server/configuration/configuration.ts';
import { defaultTelemetry, TEXTS, type TelemetryStanza } from '../core/server/configuration/telemetry.ts';

export function sanitized(configuration: Configuration, dev: boolean): JsonObject {
  const { storage, serviceRegistration: registration } = configuration;
  const telemetry = dev ? devTelemetry : configuration.telemetry;
  const raft: JsonObject =
    storage?.type === 'raft' ? { raft: { max_entry_size: storage.settings['max_entry_size'] ?? '' } } : {};
  const audits = configuration.audit.map(({ type, path, description }) => ({ description, path: `${path}/`, type }));
  const seals = configuration.seals.length > 0 ? configuration.seals.map(({ type }) => type) : ['shamir'];
  return {
    allow_audit_log_prefixing: configuration.allowAuditLogPrefixing,
    allow_unauthenticated_workflows: configuration.allowUnauthenticatedWorkflows,
    api_addr: configuration.apiAddr,
    ...(audits.length === 0 ? {} : { audits }),
    cache_size: configuration.cacheSize,
    cluster_addr: configuration.clusterAddr,
    cluster_cipher_suites: configuration.clusterCipherSuites,
    cluster_name: configuration.clusterName,
    default_lease_ttl: Math.floor(configuration.defaultLeaseTtl / SECOND),
    default_max_request_duration: Math.floor(configuration.defaultMaxRequestDuration / SECOND),
    detect_deadlocks: configuration.detectDeadlocks,
    disable_cache: configuration.disableCache,
    disable_clustering: configuration.disableClustering,
    disable_indexing: false,
    disable_performance_standby: false,
    disable_printable_check: configuration.disablePrintableCheck,
    disable_sealwrap: configuration.disableSealwrap,
    disable_sentinel_trace: false,
    disable_ssct_tokens: configuration.disableSsctTokens,
    disable_standby_reads: configuration.disableStandbyReads,
    enable_response_header_hostname: configuration.enableResponseHeaderHostname,
    enable_response_header_raft_node_id: configuration.enableResponseHeaderRaftNodeId,
    enable_ui: configuration.ui,
    imprecise_lease_role_tracking: configuration.impreciseLeaseRoleTracking,
    // Dev mode has both endpoints without their settings being on.
    introspection_endpoint: !dev && configuration.introspectionEndpoint,
    listeners: configuration.listeners.map(({ type, raw }) => ({ config: raw, type })),
    ...(configuration.logFile === '' ? {} : { log_file: configuration.logFile }),
    log_format: configuration.logFormat,
    log_level: configuration.logLevel,
    log_requests_level: configuration.logRequestsLevel,
    ...(configuration.logRotateBytes === 0 ? {} : { log_rotate_bytes: configuration.logRotateBytes }),
    ...(configuration.logRotateDuration === '' ? {} : { log_rotate_duration: configuration.logRotateDuration }),
    ...(configuration.logRotateMaxFiles === 0 ? {} : { log_rotate_max_files: configuration.logRotateMaxFiles }),
    max_lease_ttl: Math.floor(configuration.maxLeaseTtl / SECOND),
    pid_file: configuration.pidFile,
    plugin_directory: configuration.pluginDirectory,
    plugin_file_permissions: configuration.pluginFilePermissions,
    plugin_file_uid: configuration.pluginFileUid,
    raw_storage_endpoint: !dev && configuration.rawStorageEndpoint,
    seals: seals.map((type) => ({ disabled: false, type })),
    ...(registration === undefined ? {} : { service_registration: { type: registration.type } }),
    storage: {
      cluster_addr: configuration.clusterAddr || addressOf(storage, 'cluster_addr'),
      disable_clustering: configuration.storageWithoutClustering,
      ...raft,
      redirect_addr: configuration.apiAddr || addressOf(storage, 'redirect_addr', 'advertise_addr'),
      type: storage?.type ?? '',
    },
    ...(telemetry === undefined ? {} : { telemetry: telemetryOf(telemetry) }),
    unsafe_allow_api_audit_creation: configuration.unsafeAllowApiAuditCreation,
    unsafe_cross_namespace_identity: configuration.unsafeCrossNamespaceIdentity,
    unsafe_relative_paths: configuration.unsafeRelativePaths,
  };
}

const addressOf = (storage: Stanza | undefined, ...names: readonly string[]): string =>
  names.map((name) => storage?.settings[name] ?? '').find((address) => address !== '') ?? '';

const NANOS = 1_000;

const telemetryOf = (stanza: TelemetryStanza): JsonObject => ({
  add_lease_metrics_namespace_labels: stanza.addLeaseMetricsNamespaceLabels,
  ...Object.fromEntries(TEXTS.map((name) => [name, stanza.texts[name] ?? ''])),
  disable_hostname: stanza.disableHostname,
  dogstatsd_tags: stanza.dogstatsdTags.length === 0 ? null : stanza.dogstatsdTags,
  lease_metrics_epsilon: stanza.leaseMetricsEpsilon * NANOS,
  maximum_gauge_cardinality: stanza.maximumGaugeCardinality,
  num_lease_metrics_buckets: stanza.numLeaseMetricsBuckets,
  prometheus_retention_time: stanza.prometheusRetention * NANOS,
  stackdriver_debug_logs: false,
  usage_gauge_period: stanza.usageGaugePeriod * NANOS,
});

/** What upstream's dev mode sets. */
const devTelemetry: TelemetryStanza = { ...defaultTelemetry, disableHostname: true };
