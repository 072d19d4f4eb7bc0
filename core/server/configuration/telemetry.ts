/** `telemetry { … }`: how long metrics are kept, and where upstream sends them besides. */
import type { HclItem } from '../../codec/hcl.ts';
import type { Micros } from '../../runtime.ts';
import { HOUR } from '../../runtime.ts';
import { Block, ConfigurationError, type Wording, blockOf } from './values.ts';

export interface TelemetryStanza {
  /** 0: the Prometheus form is off. */
  readonly prometheusRetention: Micros;
  readonly disableHostname: boolean;
  readonly usageGaugePeriod: Micros;
  readonly maximumGaugeCardinality: number;
  readonly leaseMetricsEpsilon: Micros;
  readonly numLeaseMetricsBuckets: number;
  readonly addLeaseMetricsNamespaceLabels: boolean;
  /** The machine's name is a label of every metric. */
  readonly hostnameLabel: boolean;
  /** '+prefix' lets through, '-prefix' holds back; the longest that fits counts. */
  readonly prefixFilter: readonly string[];
  /** Whether what no filter names is let through. */
  readonly filterDefault: boolean;
  readonly dogstatsdTags: readonly string[];
  /** What other monitoring systems are told, by upstream's names: nobody is told anything here. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Their names. */
export const TEXTS: readonly string[] = [
  'circonus_api_app',
  'circonus_api_token',
  'circonus_api_url',
  'circonus_broker_id',
  'circonus_broker_select_tag',
  'circonus_check_display_name',
  'circonus_check_force_metric_activation',
  'circonus_check_id',
  'circonus_check_instance_id',
  'circonus_check_search_tag',
  'circonus_check_tags',
  'circonus_submission_interval',
  'circonus_submission_url',
  'dogstatsd_addr',
  'metrics_prefix',
  'stackdriver_location',
  'stackdriver_namespace',
  'stackdriver_project_id',
  'statsd_address',
  'statsite_address',
];

/** What a server has that says nothing about it. */
export const defaultTelemetry: TelemetryStanza = {
  prometheusRetention: 24 * HOUR,
  disableHostname: false,
  usageGaugePeriod: HOUR / 6,
  maximumGaugeCardinality: 500,
  leaseMetricsEpsilon: HOUR,
  numLeaseMetricsBuckets: 168,
  addLeaseMetricsNamespaceLabels: false,
  hostnameLabel: false,
  prefixFilter: [],
  filterDefault: true,
  dogstatsdTags: [],
  texts: Object.fromEntries(TEXTS.map((name) => [name, ''])),
};

export function parseTelemetry(
  items: readonly HclItem[],
  json: boolean,
): { stanza: TelemetryStanza; unknown: readonly HclItem[] } | undefined {
  const where = "error parsing 'telemetry'";
  if (items.length > 1) throw new ConfigurationError(`${where}: only one 'telemetry' block is permitted`);
  const [item] = items;
  if (item === undefined) return undefined;
  const wording: Wording = { place: `${where}: telemetry: `, wrong: () => `${where}: `, json };
  const block = new Block(blockOf(item, `${where}: telemetry`, json), wording);
  block.strictBoolean('stackdriver_debug_logs');
  const usual = defaultTelemetry;
  const stanza: TelemetryStanza = {
    prometheusRetention: block.duration('prometheus_retention_time', usual.prometheusRetention),
    disableHostname: block.strictBoolean('disable_hostname'),
    usageGaugePeriod: block.duration('usage_gauge_period', usual.usageGaugePeriod),
    maximumGaugeCardinality: block.typedInteger('maximum_gauge_cardinality', usual.maximumGaugeCardinality),
    leaseMetricsEpsilon: block.duration('lease_metrics_epsilon', usual.leaseMetricsEpsilon),
    numLeaseMetricsBuckets: block.typedInteger('num_lease_metrics_buckets', usual.numLeaseMetricsBuckets),
    addLeaseMetricsNamespaceLabels: block.strictBoolean('add_lease_metrics_namespace_labels'),
    hostnameLabel: block.strictBoolean('enable_hostname_label'),
    prefixFilter: block.strictStrings('prefix_filter'),
    filterDefault: block.strictBoolean('filter_default', true),
    dogstatsdTags: block.strictStrings('dogstatsd_tags'),
    texts: Object.fromEntries(TEXTS.map((name) => [name, block.string(name)])),
  };
  return { stanza, unknown: block.unknown() };
}
