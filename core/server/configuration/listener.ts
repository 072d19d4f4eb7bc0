/** `listener "tcp" { … }` and `listener "unix" { … }`. */
import type { HclItem, HclObject } from '../../codec/hcl.ts';
import type { JsonObject } from '../../codec/json.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';
import { rawObject } from './raw.ts';
import { type ResponseHeaders, responseHeaders } from './response-headers.ts';
import { Block, ConfigurationError } from './values.ts';

export interface ListenerConfiguration {
  readonly type: 'tcp' | 'unix';
  /** host:port, or a path. */
  readonly address: string;
  /** '' derives it from `address`. */
  readonly clusterAddress: string;
  readonly tlsDisable: boolean;
  readonly tlsCertFile: string;
  readonly tlsKeyFile: string;
  readonly tlsClientCaFile: string;
  readonly tlsRequireAndVerifyClientCert: boolean;
  readonly tlsDisableClientCerts: boolean;
  readonly tlsMinVersion: string;
  readonly tlsMaxVersion: string;
  readonly maxRequestSize: number;
  readonly maxRequestDuration: Micros;
  readonly maxRequestJsonMemory: number;
  readonly maxRequestJsonStrings: number;
  readonly readHeaderTimeout: Micros;
  readonly readTimeout: Micros;
  readonly idleTimeout: Micros;
  readonly requireRequestHeader: boolean;
  readonly customResponseHeaders: ResponseHeaders;
  readonly xForwardedFor: {
    /** CIDR blocks of the proxies that are believed; none: the header means nothing. */
    readonly authorized: readonly string[];
    /** Proxies between the client and the one that speaks to us. */
    readonly hopSkips: number;
    readonly rejectNotPresent: boolean;
    readonly rejectNotAuthorized: boolean;
  };
  /** As written. */
  readonly raw: JsonObject;
  /** Of a unix socket, octal; '' leaves it. */
  readonly socketMode: string;
}

const ignored: readonly string[] = [
  'allow_insecure_max_request_duration',
  'chroot_namespace',
  'cors_allowed_headers',
  'cors_allowed_origins',
  'cors_enabled',
  'custom_response_headers',
  'disable_replication_status_endpoints',
  'disable_unauthed_generate_root_endpoints',
  'disable_unauthed_rekey_endpoints',
  'http_write_timeout',
  'inflight_requests_logging',
  'profiling',
  'proxy_api',
  'proxy_protocol_authorized_addrs',
  'proxy_protocol_behavior',
  'purpose',
  'role',
  'socket_group',
  'socket_user',
  'telemetry',
  'tls_acme_ca_directory',
  'tls_acme_ca_root',
  'tls_acme_cache_path',
  'tls_acme_disable_alpn_challenge',
  'tls_acme_disable_http_challenge',
  'tls_acme_domains',
  'tls_acme_eab_key_id',
  'tls_acme_eab_mac_key',
  'tls_acme_email',
  'tls_acme_key_type',
  'tls_cipher_suites',
  'tls_prefer_server_cipher_suites',
  'x_forwarded_for_client_cert_header',
  'x_forwarded_for_client_cert_header_decoders',
];

export function parseListener(
  type: string,
  object: HclObject,
  index: number,
): { listener: ListenerConfiguration; unknown: readonly HclItem[] } {
  const where = `error parsing 'listener': listeners.${index}`;
  if (type !== 'tcp' && type !== 'unix') throw new ConfigurationError(`${where}: unsupported listener type "${type}"`);
  const block = new Block(object);
  block.ignore(...ignored);
  try {
    const listener: ListenerConfiguration = {
      type,
      address: block.string('address', type === 'tcp' ? '127.0.0.1:8200' : ''),
      clusterAddress: block.string('cluster_address'),
      tlsDisable: block.boolean('tls_disable'),
      tlsCertFile: block.string('tls_cert_file'),
      tlsKeyFile: block.string('tls_key_file'),
      tlsClientCaFile: block.string('tls_client_ca_file'),
      tlsRequireAndVerifyClientCert: block.boolean('tls_require_and_verify_client_cert'),
      tlsDisableClientCerts: block.boolean('tls_disable_client_certs'),
      tlsMinVersion: block.string('tls_min_version', 'tls12'),
      tlsMaxVersion: block.string('tls_max_version', 'tls13'),
      maxRequestSize: block.integer('max_request_size', 33_554_432),
      maxRequestDuration: block.duration('max_request_duration', 90 * SECOND),
      maxRequestJsonMemory: block.integer('max_request_json_memory', 34_078_720),
      maxRequestJsonStrings: block.integer('max_request_json_strings', 1_000),
      readHeaderTimeout: block.duration('http_read_header_timeout', 10 * SECOND),
      readTimeout: block.duration('http_read_timeout', 30 * SECOND),
      idleTimeout: block.duration('http_idle_timeout', 300 * SECOND),
      requireRequestHeader: block.boolean('require_request_header'),
      customResponseHeaders: responseHeaders(object),
      xForwardedFor: {
        authorized: block.strings('x_forwarded_for_authorized_addrs'),
        hopSkips: block.integer('x_forwarded_for_hop_skips', 0),
        rejectNotPresent: block.boolean('x_forwarded_for_reject_not_present'),
        rejectNotAuthorized: block.boolean('x_forwarded_for_reject_not_authorized'),
      },
      raw: rawObject(object),
      socketMode: block.string('socket_mode'),
    };
    return { listener, unknown: block.unknown() };
  } catch (error) {
    if (error instanceof ConfigurationError) throw new ConfigurationError(`${where} ${error.message}`);
    throw error;
  }
}
