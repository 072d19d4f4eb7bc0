/** What a node is started with, from the configuration of this machine. */
import { hostname } from 'node:os';
import { devices } from '../core/server/audit/device.ts';
import type { NodeConfig, Physical } from '../core/server/config.ts';
import type { Configuration } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import { defaultConfig } from '../core/server/default-config.ts';
import { builtinOnDemand } from '../core/server/mounts/builtin-on-demand.ts';
import type { TelemetryStanza } from '../core/server/configuration/telemetry.ts';
import type { Showing } from '../core/telemetry/showing.ts';
import type { UsageSettings } from '../core/server/usage-gauges.ts';
import { declaredPlugins } from './declared-plugins.ts';
import { hostOutlets } from './audit-outlets.ts';
import { processFigures } from './process-figures.ts';
import { hostProfiler } from './profiler.ts';
import type { ServerOptions } from './server.ts';

export function nodeConfig(
  { configuration, dev, sanitized }: ServerOptions,
  physical: Physical,
  nodeId?: string,
): NodeConfig {
  const usual = defaultConfig(physical, builtinOnDemand());
  const { telemetry } = configuration;
  const listener = configuration.listeners[0];
  return {
    ...usual,
    // Only who asks for telemetry has it; dev servers do.
    prometheusRetention: telemetry?.prometheusRetention ?? (dev === undefined ? 0 : usual.prometheusRetention),
    usage:
      telemetry !== undefined ? usageOf(telemetry) : dev === undefined ? { ...usual.usage, period: 0 } : usual.usage,
    ...(telemetry === undefined ? {} : { showing: showingOf(configuration) }),
    plugins: declaredPlugins(configuration),
    pluginDirectory: configuration.pluginDirectory,
    audit: configuration.audit,
    openAudit: devices(hostOutlets),
    process: processFigures,
    profiler: hostProfiler,
    settings: {
      ...usual.settings,
      ...leaseTtls(configuration, usual),
      rawStorage: configuration.rawStorageEndpoint,
      introspection: configuration.introspectionEndpoint,
      apiAuditCreation: configuration.unsafeAllowApiAuditCreation,
      unauthenticatedWorkflows: configuration.allowUnauthenticatedWorkflows,
      auditPrefixing: configuration.allowAuditLogPrefixing,
      signsTokens: !configuration.disableSsctTokens,
      crossNamespaceIdentity: configuration.unsafeCrossNamespaceIdentity,
      sanitized: sanitized ?? usual.settings.sanitized,
      hostname: hostname(),
    },
    options: {
      ...usual.options,
      maxRequestSize: listener?.maxRequestSize ?? usual.options.maxRequestSize,
      maxJsonMemory: listener?.maxRequestJsonMemory ?? usual.options.maxJsonMemory,
      maxJsonStrings: listener?.maxRequestJsonStrings ?? usual.options.maxJsonStrings,
      unauthenticatedMetrics: dev !== undefined || listener?.unauthenticatedMetrics === true,
      ui: configuration.ui,
      allowUnprintablePaths: configuration.disablePrintableCheck,
      allowRelativePaths: configuration.unsafeRelativePaths,
      unauthenticatedPprof: listener?.unauthenticatedPprof ?? false,
      unauthenticatedInFlight: listener?.unauthenticatedInFlight ?? false,
      ...listener?.consistency,
      requireRequestHeader: listener?.requireRequestHeader ?? false,
      unauthenticatedRekey: listener?.disableUnauthedRekey === false,
      unauthenticatedGenerateRoot: listener?.disableUnauthedGenerateRoot === false,
      ...(configuration.enableResponseHeaderHostname ? { hostname: hostname() } : {}),
      ...(configuration.enableResponseHeaderRaftNodeId && nodeId !== undefined ? { raftNodeId: nodeId } : {}),
    },
    userLockouts: configuration.userLockouts,
    logRequestsLevel: configuration.logRequestsLevel,
    apiAddr: configuration.apiAddr,
    clusterAddr: configuration.clusterAddr,
    clusterName: configuration.clusterName,
    cacheSize: Math.max(configuration.cacheSize, 0),
    disableCache: configuration.disableCache,
    ...(dev === undefined ? {} : { dev }),
  };
}

const usageOf = (telemetry: TelemetryStanza): UsageSettings => ({
  period: telemetry.usageGaugePeriod,
  leaseStep: telemetry.leaseMetricsEpsilon,
  leaseSteps: telemetry.numLeaseMetricsBuckets,
});

/** Throws ConfigurationError for what the core itself would not start with. */
function leaseTtls(
  { defaultLeaseTtl, maxLeaseTtl }: Configuration,
  { settings }: NodeConfig,
): Pick<NodeConfig['settings'], 'defaultLeaseTtl' | 'maxLeaseTtl'> {
  const ttls = {
    defaultLeaseTtl: defaultLeaseTtl || settings.defaultLeaseTtl,
    maxLeaseTtl: maxLeaseTtl || settings.maxLeaseTtl,
  };
  if (ttls.defaultLeaseTtl > ttls.maxLeaseTtl) {
    throw new ConfigurationError('Error initializing core: cannot have DefaultLeaseTTL larger than MaxLeaseTTL');
  }
  return ttls;
}

const RECEIVERS = ['statsite_address', 'statsd_address', 'dogstatsd_addr'];

/** How many are told of what is measured, Prometheus among them. */
const told = ({ texts, prometheusRetention }: TelemetryStanza): number =>
  RECEIVERS.filter((name) => (texts[name] ?? '') !== '').length + (prometheusRetention > 0 ? 1 : 0);

/** Everything by its own name where the configuration says nothing. */
export function showingOf({ telemetry }: Configuration): Showing {
  if (telemetry === undefined) return { prefix: '', filters: [], otherwise: true, host: undefined };
  const { prefixFilter: filters, filterDefault: otherwise, hostnameLabel, disableHostname, texts } = telemetry;
  const host = hostnameLabel ? hostname() : undefined;
  // Where one alone is told, upstream leaves the host out.
  const several = told(telemetry) > 1;
  const gaugeHost = disableHostname || hostnameLabel || !several ? undefined : hostname();
  return { prefix: texts['metrics_prefix'] ?? '', filters, otherwise, host, gaugeHost };
}
