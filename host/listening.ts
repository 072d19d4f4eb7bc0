/** A listener as its stanza describes it, in front of the node. */
import type { ResponseHeaders } from '../core/server/configuration/response-headers.ts';
import type { ListenerConfiguration } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import { KEY_EXCHANGES } from '../core/server/configuration/cipher-suites.ts';
import type { ApiOptions } from '../core/http/api.ts';
import type { Log } from '../core/runtime.ts';
import { createHttpHandler } from '../core/http/handler.ts';
import type { HttpHandler } from '../core/http/message.ts';
import type { Node } from '../core/server/node.ts';
import { encodeUtf8 } from '../core/codec/utf8.ts';
import { withDeadline } from './deadline.ts';
import type { HttpListener } from './listener.ts';
import { isBehavior } from './proxy-protocol.ts';
import { listenHttp } from './listener.ts';
import { withSettings } from './listener-settings.ts';
import type { TlsFiles } from './tls.ts';
import type { AcmeChallenges } from './acme/challenges.ts';
import { watchTls } from './tls-watch.ts';

export interface OpenListener extends HttpListener {
  /** The headers of answers are these from now on. */
  setHeaders(configured: ResponseHeaders): void;
}

/** What listeners of one server have in common. */
export interface Listening {
  readonly failed: (error: unknown) => void;
  /** What proves names to authorities. */
  readonly challenges: AcmeChallenges;
  /** Requests wait for it. */
  readonly ready?: Promise<void> | undefined;
}

/** Rejects with ConfigurationError, or the system's error of a port that is in use. */
export const listen = (node: Node, listener: ListenerConfiguration, listening: Listening): Promise<OpenListener> =>
  listenWith(handlerOf(node, listener), listener, node.runtime.log, listening);

/** Likewise, in front of whatever handles requests. */
export async function listenWith(
  inner: HttpHandler,
  listener: ListenerConfiguration,
  log: Log,
  { failed, challenges, ready }: Listening,
): Promise<OpenListener> {
  const unix = listener.type === 'unix';
  const secure = !listener.tlsDisable && !unix;
  if (!unix) checkAddress(listener);
  if (!isBehavior(listener.proxyProtocol.behavior)) {
    const reason = 'failed configuring PROXY protocol wrapper: unknown behavior type for proxy proto config';
    throw initialising(listener.type, reason);
  }
  const handler = withDeadline(inner, millis(listener.maxRequestDuration));
  const settled = withSettings(withProofs(handler, challenges), listener, log);
  // Before the time of a request begins to count.
  const waiting: HttpHandler = async (request) => {
    await ready;
    return settled.handler(request);
  };
  const opened = await listenHttp(ready === undefined ? settled.handler : waiting, {
    address: listener.address,
    proxies: listener.proxyProtocol,
    ...(unix ? { unix: socketOf(listener) } : {}),
    ...(secure ? { tls: await tlsOf(listener, challenges, log) } : {}),
    maxRequestSize: listener.maxRequestSize,
    readHeaderTimeout: millis(listener.readHeaderTimeout),
    readTimeout: millis(listener.readTimeout),
    writeTimeout: millis(listener.writeTimeout),
    idleTimeout: millis(listener.idleTimeout),
    failed,
    refused: (client, reason) => log.write('info', '', `http: TLS handshake error from ${client}: ${reason}`),
  });
  const setHeaders = (configured: ResponseHeaders): void => settled.setHeaders(configured);
  if (!secure || listener.tlsReloadInterval === 0) return { ...opened, setHeaders };
  const paths = [listener.tlsCertFile, listener.tlsKeyFile].filter((path) => path !== '');
  return { ...(await watchTls(opened, { paths, interval: millis(listener.tlsReloadInterval), log })), setHeaders };
}

/** What is asked of an authority's names is answered wherever it is asked. */
const withProofs =
  (inner: HttpHandler, challenges: AcmeChallenges): HttpHandler =>
  async (request) => {
    if (!challenges.inUse || request.method !== 'GET') return inner(request);
    const { address, port } = request.remote;
    const [agent = ''] = request.headers.get('user-agent') ?? [];
    const asked = { path: request.url, host: request.host, remote: `${address}:${port}`, agent };
    const text = await challenges.answer(asked);
    if (text === undefined) return inner(request);
    return { status: 200, headers: [['Content-Type', 'text/plain']], body: encodeUtf8(text) };
  };

/** What is wrong with a listener; upstream says before it, on a line of its own, that something is. */
export const initialising = (type: string, reason: string): ConfigurationError =>
  new ConfigurationError(`Error initializing listener of type ${type}: ${reason}`);

function checkAddress({ address, clusterAddress }: ListenerConfiguration): void {
  if (!/:[0-9]+$/.test(address)) throw initialising('tcp', `listen tcp: address ${address}: missing port in address`);
  const port = address.slice(address.lastIndexOf(':') + 1);
  if (Number(port) > 65_535) throw initialising('tcp', `listen tcp: address ${port}: invalid port`);
  if (clusterAddress !== '' && !/:[0-9]+$/.test(clusterAddress)) {
    const reason = `Error resolving cluster_address: address ${clusterAddress}: missing port in address`;
    throw new ConfigurationError(reason);
  }
}

/** The node's own handler, unless this listener has other limits than the node, which has the first listener's. */
function handlerOf(node: Node, listener: ListenerConfiguration): HttpHandler {
  const options: ApiOptions = {
    ...node.options,
    maxRequestSize: listener.maxRequestSize,
    maxJsonMemory: listener.maxRequestJsonMemory,
    maxJsonStrings: listener.maxRequestJsonStrings,
    requireRequestHeader: listener.requireRequestHeader,
    unauthenticatedRekey: !listener.disableUnauthedRekey,
    unauthenticatedGenerateRoot: !listener.disableUnauthedGenerateRoot,
    unauthenticatedMetrics: node.config.dev !== undefined || listener.unauthenticatedMetrics,
    unauthenticatedPprof: listener.unauthenticatedPprof,
    unauthenticatedInFlight: listener.unauthenticatedInFlight,
    ...listener.consistency,
  };
  const names = Object.keys(options) as (keyof ApiOptions)[];
  return names.every((name) => options[name] === node.options[name]) ? node.http : createHttpHandler(node, options);
}

const millis = (micros: number): number => Math.floor(micros / 1_000);

const socketOf = ({ socketMode, socketUser, socketGroup }: ListenerConfiguration) => ({
  mode: socketMode,
  user: socketUser,
  group: socketGroup,
});

function keyExchange(name: string): string {
  const found = KEY_EXCHANGES[name];
  if (found !== undefined) return found;
  const all = Object.keys(KEY_EXCHANGES).sort().join(' ');
  throw initialising(
    'tcp',
    `'tls_key_exchange_preferences' value "${name}" not supported, please select from [${all}]`,
  );
}

/** A key alone is none: without a certificate there is an authority to ask. */
async function tlsOf(listener: ListenerConfiguration, challenges: AcmeChallenges, log: Log) {
  const settings = tlsFiles(listener);
  if (listener.tlsCertFile !== '') {
    return { ...settings, certificate: listener.tlsCertFile, key: listener.tlsKeyFile };
  }
  const { acmeOf } = await import('./acme/listener.ts');
  return { ...settings, acme: await acmeOf(listener, challenges, log) };
}

const tlsFiles = (listener: ListenerConfiguration): TlsFiles => ({
  ...(listener.tlsClientCaFile === '' ? {} : { clientCa: listener.tlsClientCaFile }),
  requireClientCertificate: listener.tlsRequireAndVerifyClientCert,
  disableClientCertificates: listener.tlsDisableClientCerts,
  minVersion: listener.tlsMinVersion,
  maxVersion: listener.tlsMaxVersion,
  ciphers: listener.tlsCiphers,
  groups: listener.tlsKeyExchanges.map(keyExchange),
});
