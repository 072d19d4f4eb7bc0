/** `listener "tcp" { … }` and `listener "unix" { … }`. */
import { quote } from '../../codec/go-quote.ts';
import type { HclItem, HclObject } from '../../codec/hcl.ts';
import type { JsonObject } from '../../codec/json.ts';
import type { Interfaces } from '../../codec/sockaddr/interfaces.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';
import { foundAddress } from './address.ts';
import { CIPHER_SUITES } from './cipher-suites.ts';
import type { Forwarding } from './forwarding.ts';
import { addresses, forwarding } from './forwarding.ts';
import { rawObject } from './raw.ts';
import { type ResponseHeaders, responseHeaders } from './response-headers.ts';
import { Block, ConfigurationError, type Wording } from './values.ts';

export interface ListenerConfiguration {
  readonly type: 'tcp' | 'unix';
  /** host:port, or a path. */
  readonly address: string;
  /** '' derives it from `address`. */
  readonly clusterAddress: string;
  /** '', 'default' or 'metrics_only': without effect, as upstream. */
  readonly role: string;
  readonly tlsDisable: boolean;
  readonly tlsCertFile: string;
  readonly tlsKeyFile: string;
  readonly tlsClientCaFile: string;
  readonly tlsRequireAndVerifyClientCert: boolean;
  readonly tlsDisableClientCerts: boolean;
  readonly tlsMinVersion: string;
  readonly tlsMaxVersion: string;
  /** OpenSSL's names; none: the defaults. */
  readonly tlsCiphers: readonly string[];
  /** Upstream's names, looked up when the listener opens; none: the defaults. */
  readonly tlsKeyExchanges: readonly string[];
  /** How often the certificate's files are looked at; 0: only when told to. */
  readonly tlsReloadInterval: Micros;
  /** Where its certificates come from when it has none; '' and 0 are the defaults. */
  readonly tlsAcme: {
    readonly directory: string;
    readonly cachePath: string;
    readonly caRoot: string;
    readonly eabKeyId: string;
    readonly eabMacKey: string;
    readonly keyType: string;
    readonly email: string;
    /** None: whatever name a client asks for. */
    readonly domains: readonly string[];
    readonly disableHttpChallenge: boolean;
    readonly disableAlpnChallenge: boolean;
    readonly challengeHost: string;
    readonly httpChallengePort: number;
    readonly alpnChallengePort: number;
  };
  readonly maxRequestSize: number;
  /** 0: the server's default. */
  readonly maxRequestDuration: Micros;
  readonly maxRequestJsonMemory: number;
  readonly maxRequestJsonStrings: number;
  readonly readHeaderTimeout: Micros;
  readonly readTimeout: Micros;
  readonly writeTimeout: Micros;
  readonly idleTimeout: Micros;
  readonly requireRequestHeader: boolean;
  readonly consistency: {
    /** How long clients may wait for an index. */
    readonly maxIndexWait: Micros;
    /** What becomes of who waited in vain; as written, and looked at only then. */
    readonly indexFallback: string;
    readonly forwardsWithoutIndex: boolean;
  };
  /** The legacy endpoints that ask for no token: off unless switched on. */
  readonly disableUnauthedRekey: boolean;
  readonly disableUnauthedGenerateRoot: boolean;
  readonly customResponseHeaders: ResponseHeaders;
  readonly proxyProtocol: {
    /** '' for none, 'use_always', 'allow_authorized', 'deny_unauthorized'; anything else is refused at the start. */
    readonly behavior: string;
    readonly authorized: readonly string[];
  };
  readonly xForwardedFor: Forwarding;
  readonly unauthenticatedMetrics: boolean;
  /** Nothing but sys/metrics is answered. */
  readonly metricsOnly: boolean;
  /** sys/metrics is not answered. */
  readonly disallowMetrics: boolean;
  readonly unauthenticatedPprof: boolean;
  readonly unauthenticatedInFlight: boolean;
  /** As written. */
  readonly raw: JsonObject;
  /** Of a unix socket: octal mode, names or numbers; '' leaves it. */
  readonly socketMode: string;
  readonly socketUser: string;
  readonly socketGroup: string;
}

/** As they listen: what a listener leaves open is the server's to say. */
export const timedListeners = ({
  listeners,
  defaultMaxRequestDuration,
}: {
  readonly listeners: readonly ListenerConfiguration[];
  readonly defaultMaxRequestDuration: Micros;
}): ListenerConfiguration[] =>
  listeners.map((listener) => ({
    ...listener,
    maxRequestDuration: listener.maxRequestDuration || defaultMaxRequestDuration || 90 * SECOND,
  }));

/** Known to upstream, without meaning here; CORS has none there either, but for what sys/config/cors says. */
const ignored: readonly string[] = [
  'agent_api',
  'cors_allowed_headers',
  'custom_response_headers',
  'proxy_api',
  'purpose',
  'tls_acme_test_ca_directory',
  'type',
];

export interface ParsedListener {
  readonly listener: ListenerConfiguration;
  readonly unknown: readonly HclItem[];
}

export interface ListenerSource {
  readonly object: HclObject;
  /** Which one it is, from 0 on. */
  readonly index: number;
  /** Positions mean nothing. */
  readonly json: boolean;
  readonly interfaces: () => Interfaces;
}

/** Throws ConfigurationError. */
export function parseListener(label: string, { object, index, json, interfaces }: ListenerSource): ParsedListener {
  const where = `error parsing 'listener': listeners.${index}`;
  const wording: Wording = {
    place: `${where}: `,
    wrong: (name, kind) => `${where} ${kind === 'boolean' ? `invalid value for ${name}` : `error parsing ${name}`}: `,
    json,
  };
  const block = new Block(object, wording);
  block.checkNumbers();
  const [address, clusterAddress] = ['address', 'cluster_address'].map((name) =>
    foundAddress(block.string(name), interfaces, `${where}: `),
  ) as [string, string];
  const type = (label || block.string('type')).toLowerCase();
  if (type === '') throw new ConfigurationError(`${where}: listener type must be specified`);
  if (type !== 'tcp' && type !== 'unix') throw new ConfigurationError(`${where}: unsupported listener type "${type}"`);
  const role = block.string('role');
  if (role !== '' && role !== 'default' && role !== 'metrics_only') {
    throw new ConfigurationError(`${where}: unsupported listener role ${quote(role)}`);
  }
  const fault = (text: string): never => {
    throw new ConfigurationError(`${where} ${text}`);
  };
  checkTyped(block, fault);
  block.ignore(...ignored);
  const inner = (name: string): Block => innerBlock(block, name, wording, where);
  const [telemetry, profiling, inFlight] = [inner('telemetry'), inner('profiling'), inner('inflight_requests_logging')];
  const listener: ListenerConfiguration = {
    type,
    role,
    address: address || (type === 'tcp' ? '127.0.0.1:8200' : '/run/vault.sock'),
    clusterAddress,
    ...tlsSettings(block, fault),
    ...limits(block, fault),
    readHeaderTimeout: block.duration('http_read_header_timeout', 0) || 10 * SECOND,
    readTimeout: block.duration('http_read_timeout', 0) || 30 * SECOND,
    writeTimeout: block.duration('http_write_timeout', 0),
    idleTimeout: block.duration('http_idle_timeout', 0) || 300 * SECOND,
    requireRequestHeader: block.boolean('require_request_header'),
    consistency: consistency(block, fault),
    disableUnauthedRekey: block.boolean('disable_unauthed_rekey_endpoints', true),
    disableUnauthedGenerateRoot: block.boolean('disable_unauthed_generate_root_endpoints', true),
    customResponseHeaders: responseHeaders(object, (text) => fault(`failed to parse custom_response_headers: ${text}`)),
    proxyProtocol: {
      behavior: block.string('proxy_protocol_behavior'),
      authorized: addresses(block, 'proxy_protocol_authorized_addrs', fault),
    },
    xForwardedFor: forwarding(block, fault),
    unauthenticatedMetrics: telemetry.boolean('unauthenticated_metrics_access'),
    metricsOnly: telemetry.boolean('metrics_only'),
    disallowMetrics: telemetry.boolean('disallow_metrics'),
    unauthenticatedPprof: profiling.boolean('unauthenticated_pprof_access'),
    unauthenticatedInFlight: inFlight.boolean('unauthenticated_in_flight_requests_access'),
    raw: rawObject(object),
    socketMode: block.string('socket_mode'),
    socketUser: block.string('socket_user'),
    socketGroup: block.string('socket_group'),
  };
  // Decoded and without effect, as upstream.
  telemetry.string('metrics_path');
  const unknown = [block, telemetry, profiling, inFlight].flatMap((part) => part.unknown());
  return { listener, unknown };
}

type Fault = (text: string) => never;

/** What upstream's decoder puts into a typed field before anything else is looked at, and what it checks of CORS. */
function checkTyped(block: Block, fault: Fault): void {
  for (const name of ['cors_enabled', 'cors_allow_credentials']) block.boolean(name);
  for (const name of ['tls_acme_disable_http_challenge', 'tls_acme_disable_alpn_challenge']) block.boolean(name);
  for (const name of ['cors_allowed_headers', 'tls_acme_domains']) block.strictStrings(name);
  for (const name of ['agent_api', 'proxy_api']) block.object(name);
  for (const name of ['tls_acme_http_challenge_port', 'tls_acme_alpn_challenge_port']) {
    block.typedInteger(name, 0);
  }
  const origins = block.strictStrings('cors_allowed_origins');
  if (origins.length > 1 && origins.includes('*')) {
    fault('cors_allowed_origins must only contain a wildcard or only non-wildcard values');
  }
}

const EMPTY: HclObject = { kind: 'object', position: { line: 0, column: 0 }, items: [] };

function innerBlock(block: Block, name: string, { place, json }: Wording, where: string): Block {
  return new Block(block.object(name) ?? EMPTY, {
    place,
    wrong: (field) => `${where} invalid value for ${name}.${field}: `,
    json,
  });
}

function tlsSettings(block: Block, fault: Fault) {
  const names = block.strings('tls_cipher_suites');
  const tlsCiphers = names.map((name) => {
    return CIPHER_SUITES[name] ?? fault(`invalid value for tls_cipher_suites: unsupported cipher ${quote(name)}`);
  });
  const [keyId, macKey] = [block.string('tls_acme_eab_key_id'), block.string('tls_acme_eab_mac_key')];
  if ((keyId === '') !== (macKey === '')) {
    fault('both tls_acme_eab_key_id and tls_acme_eab_mac_key must be provided to use external account bindings');
  }
  return {
    tlsDisable: block.boolean('tls_disable'),
    tlsCertFile: block.string('tls_cert_file'),
    tlsKeyFile: block.string('tls_key_file'),
    tlsClientCaFile: block.string('tls_client_ca_file'),
    tlsRequireAndVerifyClientCert: block.boolean('tls_require_and_verify_client_cert'),
    tlsDisableClientCerts: block.boolean('tls_disable_client_certs'),
    tlsMinVersion: block.string('tls_min_version') || 'tls12',
    tlsMaxVersion: block.string('tls_max_version') || 'tls13',
    tlsCiphers,
    tlsKeyExchanges: block.strictStrings('tls_key_exchange_preferences'),
    tlsReloadInterval: reloadInterval(block, fault),
    tlsAcme: {
      directory: block.string('tls_acme_ca_directory'),
      cachePath: block.string('tls_acme_cache_path'),
      caRoot: block.string('tls_acme_ca_root'),
      eabKeyId: keyId,
      eabMacKey: macKey,
      keyType: block.string('tls_acme_key_type'),
      email: block.string('tls_acme_email'),
      domains: block.strictStrings('tls_acme_domains'),
      disableHttpChallenge: block.boolean('tls_acme_disable_http_challenge'),
      disableAlpnChallenge: block.boolean('tls_acme_disable_alpn_challenge'),
      challengeHost: block.string('tls_acme_challenge_host'),
      httpChallengePort: block.typedInteger('tls_acme_http_challenge_port', 0),
      alpnChallengePort: block.typedInteger('tls_acme_alpn_challenge_port', 0),
    },
  };
}

/** 0 where certificates are read again only when the server is told to. */
function reloadInterval(block: Block, fault: Fault): Micros {
  const reloads = block.boolean('tls_auto_reload');
  const interval = block.duration('tls_auto_reload_interval', 0);
  if (interval !== 0 && interval < 5 * SECOND) fault('tls_auto_reload_interval must be at least 5s');
  if (!reloads) return 0;
  if (block.string('tls_cert_file') === '') fault('tls_auto_reload requires tls_cert_file');
  return interval || 30 * SECOND;
}

function consistency(block: Block, fault: Fault): ListenerConfiguration['consistency'] {
  const maxIndexWait = block.duration('consistency_max_index_wait', 0);
  if (maxIndexWait < 0) fault('consistency_max_index_wait cannot be negative');
  return {
    maxIndexWait,
    indexFallback: block.string('consistency_fallback_behavior'),
    forwardsWithoutIndex: block.strictBoolean('consistency_missing_header_forward'),
  };
}

/** 0 stands for the default, anything below for no limit; only a duration cannot be negative. */
function limits(block: Block, fault: Fault) {
  const maxRequestDuration = block.duration('max_request_duration', 0);
  if (maxRequestDuration < 0) fault('max_request_duration cannot be negative');
  return {
    maxRequestSize: block.integer('max_request_size', 0) || 33_554_432,
    maxRequestDuration,
    maxRequestJsonMemory: block.integer('max_request_json_memory', 0) || 34_078_720,
    maxRequestJsonStrings: block.integer('max_request_json_strings', 0) || 1_000,
  };
}
