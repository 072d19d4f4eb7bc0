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
import { withDeadline } from './deadline.ts';
import type { HttpListener } from './listener.ts';
import { isBehavior } from './proxy-protocol.ts';
import { listenHttp } from './listener.ts';
import { withSettings } from './listener-settings.ts';
import { watchTls } from './tls-watch.ts';

export interface OpenListener extends HttpListener {
  /** The headers of answers are these from now on. */
  setHeaders(configured: ResponseHeaders): void;
}

/** Rejects with ConfigurationError, or the system's error of a port that is in use. Requests wait for `ready`. */
export function listen(
  node: Node,
  listener: ListenerConfiguration,
  failed: (error: unknown) => void,
  ready?: Promise<void>,
): Promise<OpenListener> {
  return listenWith(handlerOf(node, listener), listener, node.runtime.log, failed, ready);
}

/** Likewise, in front of whatever handles requests. */
export async function listenWith(
  inner: HttpHandler,
  listener: ListenerConfiguration,
  log: Log,
  failed: (error: unknown) => void,
  ready?: Promise<void>,
): Promise<OpenListener> {
  const unix = listener.type === 'unix';
  const secure = !listener.tlsDisable && !unix;
  if (!unix) checkAddress(listener);
  if (secure && listener.tlsCertFile === '' && listener.tlsKeyFile === '') {
    throw initialising('tcp', 'tls_cert_file and tls_key_file must be set; certificates over ACME are not available');
  }
  if (!isBehavior(listener.proxyProtocol.behavior)) {
    const reason = 'failed configuring PROXY protocol wrapper: unknown behavior type for proxy proto config';
    throw initialising(listener.type, reason);
  }
  const handler = withDeadline(inner, millis(listener.maxRequestDuration));
  const settled = withSettings(handler, listener, log);
  // Before the time of a request begins to count.
  const waiting: HttpHandler = async (request) => {
    await ready;
    return settled.handler(request);
  };
  const opened = await listenHttp(ready === undefined ? settled.handler : waiting, {
    address: listener.address,
    proxies: listener.proxyProtocol,
    ...(unix ? { unix: socketOf(listener) } : {}),
    ...(secure ? { tls: tlsFiles(listener) } : {}),
    maxRequestSize: listener.maxRequestSize,
    readHeaderTimeout: millis(listener.readHeaderTimeout),
    readTimeout: millis(listener.readTimeout),
    writeTimeout: millis(listener.writeTimeout),
    idleTimeout: millis(listener.idleTimeout),
    failed,
  });
  const setHeaders = (configured: ResponseHeaders): void => settled.setHeaders(configured);
  if (!secure || listener.tlsReloadInterval === 0) return { ...opened, setHeaders };
  const paths = [listener.tlsCertFile, listener.tlsKeyFile].filter((path) => path !== '');
  return { ...(await watchTls(opened, { paths, interval: millis(listener.tlsReloadInterval), log })), setHeaders };
}

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

const tlsFiles = (listener: ListenerConfiguration) => ({
  certificate: listener.tlsCertFile,
  key: listener.tlsKeyFile,
  ...(listener.tlsClientCaFile === '' ? {} : { clientCa: listener.tlsClientCaFile }),
  requireClientCertificate: listener.tlsRequireAndVerifyClientCert,
  disableClientCertificates: listener.tlsDisableClientCerts,
  minVersion: listener.tlsMinVersion,
  maxVersion: listener.tlsMaxVersion,
  ciphers: listener.tlsCiphers,
  groups: listener.tlsKeyExchanges.map(keyExchange),
});
