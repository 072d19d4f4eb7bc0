/** `listener "tcp" { … }` and `listener "unix" { … }`. */
import { canonicalAddress, parseCidr } from '../../codec/address.ts';
import { quote } from '../../codec/go-quote.ts';
import type { HclItem, HclObject } from '../../codec/hcl.ts';
import type { JsonObject } from '../../codec/json.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';
import { CIPHER_SUITES } from './cipher-suites.ts';
import { rawObject } from './raw.ts';
import { type ResponseHeaders, responseHeaders } from './response-headers.ts';
import { Block, ConfigurationError, type Wording } from './values.ts';

export interface ListenerConfiguration {
  readonly type: 'tcp' | 'unix';
  /** host:port, or a path. */
  readonly address: string;
  /** '' derives it from `address`. */
  readonly clusterAddress: string;
  /** 'metrics_only' answers sys/metrics and nothing else; '' answers everything. */
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
  readonly tlsAcmeKeyType: string;
  readonly maxRequestSize: number;
  readonly maxRequestDuration: Micros;
  readonly maxRequestJsonMemory: number;
  readonly maxRequestJsonStrings: number;
  readonly readHeaderTimeout: Micros;
  readonly readTimeout: Micros;
  readonly writeTimeout: Micros;
  readonly idleTimeout: Micros;
  readonly requireRequestHeader: boolean;
  /** The legacy endpoints that ask for no token: off unless switched on. */
  readonly disableUnauthedRekey: boolean;
  readonly disableUnauthedGenerateRoot: boolean;
  readonly customResponseHeaders: ResponseHeaders;
  readonly proxyProtocol: {
    /** '' for none, 'use_always', 'allow_authorized', 'deny_unauthorized'; anything else is refused at the start. */
    readonly behavior: string;
    readonly authorized: readonly string[];
  };
  readonly xForwardedFor: {
    /** CIDR blocks of the proxies that are believed; none: the header means nothing. */
    readonly authorized: readonly string[];
    /** Proxies between the client and the one that speaks to us. */
    readonly hopSkips: number;
    readonly rejectNotPresent: boolean;
    readonly rejectNotAuthorized: boolean;
    /** Where a proxy puts the client's certificate; '' for nowhere. */
    readonly clientCertHeader: string;
  };
  readonly unauthenticatedMetrics: boolean;
  readonly unauthenticatedPprof: boolean;
  readonly unauthenticatedInFlight: boolean;
  /** As written. */
  readonly raw: JsonObject;
  /** Of a unix socket: octal mode, names or numbers; '' leaves it. */
  readonly socketMode: string;
  readonly socketUser: string;
  readonly socketGroup: string;
}

/** Known to upstream, without meaning here; CORS has none there either, but for what sys/config/cors says. */
const ignored: readonly string[] = [
  'agent_api',
  'cors_allowed_headers',
  'cors_allowed_origins',
  'cors_enabled',
  'custom_response_headers',
  'proxy_api',
  'purpose',
  'tls_acme_ca_directory',
  'tls_acme_ca_root',
  'tls_acme_cache_path',
  'tls_acme_disable_alpn_challenge',
  'tls_acme_disable_http_challenge',
  'tls_acme_email',
  'type',
];

export interface ParsedListener {
  readonly listener: ListenerConfiguration;
  readonly unknown: readonly HclItem[];
}

/** Throws ConfigurationError. `json`: positions mean nothing. */
export function parseListener(label: string, object: HclObject, index: number, json: boolean): ParsedListener {
  const where = `error parsing 'listener': listeners.${index}`;
  const wording: Wording = {
    place: `${where}: `,
    wrong: (name, kind) => `${where} ${kind === 'boolean' ? `invalid value for ${name}` : `error parsing ${name}`}: `,
    json,
  };
  const block = new Block(object, wording);
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
  checkTyped(block);
  block.ignore(...ignored);
  const inner = (name: string): Block => innerBlock(block, name, wording, where);
  const [telemetry, profiling, inFlight] = [inner('telemetry'), inner('profiling'), inner('inflight_requests_logging')];
  const listener: ListenerConfiguration = {
    type,
    role,
    address: block.string('address') || (type === 'tcp' ? '127.0.0.1:8200' : '/run/vault.sock'),
    clusterAddress: block.string('cluster_address'),
    ...tlsSettings(block, fault),
    ...limits(block, fault),
    readHeaderTimeout: block.duration('http_read_header_timeout', 0) || 10 * SECOND,
    readTimeout: block.duration('http_read_timeout', 0) || 30 * SECOND,
    writeTimeout: block.duration('http_write_timeout', 0),
    idleTimeout: block.duration('http_idle_timeout', 0) || 300 * SECOND,
    requireRequestHeader: block.boolean('require_request_header'),
    disableUnauthedRekey: block.boolean('disable_unauthed_rekey_endpoints', true),
    disableUnauthedGenerateRoot: block.boolean('disable_unauthed_generate_root_endpoints', true),
    customResponseHeaders: responseHeaders(object, (text) => fault(`failed to parse custom_response_headers: ${text}`)),
    proxyProtocol: {
      behavior: block.string('proxy_protocol_behavior'),
      authorized: addresses(block, 'proxy_protocol_authorized_addrs', fault),
    },
    xForwardedFor: forwarded(block, fault),
    unauthenticatedMetrics: telemetry.boolean('unauthenticated_metrics_access'),
    unauthenticatedPprof: profiling.boolean('unauthenticated_pprof_access'),
    unauthenticatedInFlight: inFlight.boolean('unauthenticated_in_flight_requests_access'),
    raw: rawObject(object),
    socketMode: block.string('socket_mode'),
    socketUser: block.string('socket_user'),
    socketGroup: block.string('socket_group'),
  };
  telemetry.ignore('metrics_only', 'disallow_metrics');
  const unknown = [block, telemetry, profiling, inFlight].flatMap((part) => part.unknown());
  return { listener, unknown };
}

type Fault = (text: string) => never;

/** What upstream's decoder puts into a typed field before anything else is looked at. */
function checkTyped(block: Block): void {
  block.boolean('cors_enabled');
  for (const name of ['cors_allowed_origins', 'cors_allowed_headers', 'tls_acme_domains']) block.strictStrings(name);
  for (const name of ['agent_api', 'proxy_api']) block.object(name);
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
    tlsAcmeKeyType: block.string('tls_acme_key_type'),
  };
}

/** 0 stands for the default, anything below for no limit; only a duration cannot be negative. */
function limits(block: Block, fault: Fault) {
  const maxRequestDuration = block.duration('max_request_duration', 0);
  if (maxRequestDuration < 0) fault('max_request_duration cannot be negative');
  return {
    maxRequestSize: block.integer('max_request_size', 0) || 33_554_432,
    maxRequestDuration: maxRequestDuration || 90 * SECOND,
    maxRequestJsonMemory: block.integer('max_request_json_memory', 0) || 34_078_720,
    maxRequestJsonStrings: block.integer('max_request_json_strings', 0) || 1_000,
  };
}

function forwarded(block: Block, fault: Fault): ListenerConfiguration['xForwardedFor'] {
  const hopSkips = block.integer('x_forwarded_for_hop_skips', 0);
  if (hopSkips < 0) fault(`x_forwarded_for_hop_skips cannot be negative but set to ${hopSkips}`);
  return {
    authorized: addresses(block, 'x_forwarded_for_authorized_addrs', fault),
    hopSkips,
    rejectNotPresent: block.boolean('x_forwarded_for_reject_not_present'),
    rejectNotAuthorized: block.boolean('x_forwarded_for_reject_not_authorized'),
    clientCertHeader: block.string('x_forwarded_for_client_cert_header'),
  };
}

/** Addresses and blocks of them. */
function addresses(block: Block, name: string, fault: Fault): string[] {
  const value = block.value(name);
  if (value?.kind === 'literal' && typeof value.value === 'number') {
    fault(`error parsing ${name}: unknown address input type int`);
  }
  const found = block.strings(name);
  for (const address of found) {
    if (canonicalAddress(address) !== undefined || parseCidr(address) !== undefined) continue;
    const reason = `Unable to convert ${quote(address)} to an IPv4 or IPv6 address, or a UNIX Socket`;
    fault(`error parsing ${name}: error parsing address ${quote(address)}: ${reason}`);
  }
  return found;
}
