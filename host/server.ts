/** A node on this machine: its storage, runtime and listeners, from a configuration. */
import { hostname } from 'node:os';
import { devices } from '../core/server/audit/device.ts';
import type { NodeConfig, Physical } from '../core/server/config.ts';
import type { Configuration, ListenerConfiguration } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import type { ApiOptions } from '../core/http/api.ts';
import { createHttpHandler } from '../core/http/handler.ts';
import type { HttpHandler } from '../core/http/message.ts';
import { defaultConfig } from '../core/server/default-config.ts';
import type { DevKeys } from '../core/server/dev.ts';
import { Node } from '../core/server/node.ts';
import type { Clock, Log } from '../core/runtime.ts';
import type { HttpListener } from './listener.ts';
import { hostOutlets } from './audit-outlets.ts';
import { listenHttp } from './listener.ts';
import { withSettings } from './listener-settings.ts';
import { openPhysical } from './physical.ts';
import { hostRuntime } from './runtime.ts';
import { hostSeal } from './seal.ts';

export interface ServerOptions {
  readonly configuration: Configuration;
  readonly dev?: { readonly rootToken: string; readonly kvVersion: 0 | 1 | 2 };
  readonly log: Log;
  /** The real one when left out. */
  readonly clock?: Clock;
  /** The configuration as sys/config/state/sanitized shows it. */
  readonly sanitized?: NodeConfig['settings']['sanitized'];
  /** A bug of ours or a broken machine: the process should end. */
  readonly failed: (error: unknown) => void;
}

export interface RunningServer {
  readonly node: Node;
  readonly listeners: readonly HttpListener[];
  readonly devKeys: DevKeys | undefined;
  /** SIGHUP: certificates are read and audit files opened again. Rejects with ConfigurationError. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** Rejects with ConfigurationError, or the system's error of a port that is in use. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { configuration, log, failed, clock } = options;
  const name = configuration.storage?.settings['node_id'] ?? hostname();
  const runtime = hostRuntime({ name, folder: '/', log, failed, ...(clock === undefined ? {} : { clock }) });
  const storage = await openPhysical(configuration, runtime, (message) => failed(new Error(message)));
  const { physical, nodeId } = storage;
  const seal = hostSeal(runtime, configuration.seals);
  const node = new Node(runtime, { ...nodeConfig(options, physical, nodeId), ...(seal === undefined ? {} : { seal }) });
  storage.attach?.(node);
  const listeners: HttpListener[] = [];
  try {
    for (const listener of configuration.listeners) listeners.push(await listen(node, listener, failed));
    storage.begin?.();
    const devKeys = await started(node);
    return {
      node,
      listeners,
      devKeys,
      reload: async () => {
        for (const listener of listeners) await listener.reload();
        await node.running?.audit.reopen();
      },
      stop: async () => {
        await Promise.all(listeners.map((listener) => listener.close()));
        await node.stop();
        await storage.close?.();
        await runtime.close();
      },
    };
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
}

/** What a node cannot make out in its storage is the storage's fault, not the program's. */
async function started(node: Node): Promise<DevKeys | undefined> {
  try {
    return await node.start();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ConfigurationError(`Error initializing core: ${error.message.split('\n')[0]}`);
  }
}

function nodeConfig({ configuration, dev, sanitized }: ServerOptions, physical: Physical, nodeId?: string): NodeConfig {
  const usual = defaultConfig(physical);
  const listener = configuration.listeners[0];
  return {
    ...usual,
    audit: configuration.audit,
    openAudit: devices(hostOutlets),
    process: processFigures,
    settings: {
      ...usual.settings,
      defaultLeaseTtl: configuration.defaultLeaseTtl || usual.settings.defaultLeaseTtl,
      maxLeaseTtl: configuration.maxLeaseTtl || usual.settings.maxLeaseTtl,
      rawStorage: configuration.rawStorageEndpoint,
      introspection: configuration.introspectionEndpoint,
      apiAuditCreation: configuration.unsafeAllowApiAuditCreation,
      auditPrefixing: configuration.allowAuditLogPrefixing,
      sanitized: sanitized ?? usual.settings.sanitized,
      hostname: hostname(),
    },
    options: {
      ...usual.options,
      maxRequestSize: listener?.maxRequestSize ?? usual.options.maxRequestSize,
      maxJsonMemory: listener?.maxRequestJsonMemory ?? usual.options.maxJsonMemory,
      maxJsonStrings: listener?.maxRequestJsonStrings ?? usual.options.maxJsonStrings,
      unauthenticatedMetrics: dev !== undefined,
      ui: configuration.ui,
      allowUnprintablePaths: configuration.disablePrintableCheck,
      allowRelativePaths: configuration.unsafeRelativePaths,
      requireRequestHeader: listener?.requireRequestHeader ?? false,
      ...(configuration.enableResponseHeaderHostname ? { hostname: hostname() } : {}),
      ...(configuration.enableResponseHeaderRaftNodeId && nodeId !== undefined ? { raftNodeId: nodeId } : {}),
    },
    apiAddr: configuration.apiAddr,
    clusterAddr: configuration.clusterAddr,
    clusterName: configuration.clusterName,
    cacheSize: configuration.cacheSize,
    disableCache: configuration.disableCache,
    ...(dev === undefined ? {} : { dev }),
  };
}

function processFigures() {
  const { heapUsed, rss } = process.memoryUsage();
  return { allocated: heapUsed, system: rss };
}

/** The node's own handler, unless this listener has other limits than the node, which has the first listener's. */
function handlerOf(node: Node, listener: ListenerConfiguration): HttpHandler {
  const options: ApiOptions = {
    ...node.options,
    maxRequestSize: listener.maxRequestSize,
    maxJsonMemory: listener.maxRequestJsonMemory,
    maxJsonStrings: listener.maxRequestJsonStrings,
    requireRequestHeader: listener.requireRequestHeader,
  };
  const names = Object.keys(options) as (keyof ApiOptions)[];
  return names.every((name) => options[name] === node.options[name]) ? node.http : createHttpHandler(node, options);
}

const millis = (micros: number): number => Math.floor(micros / 1_000);

async function listen(
  node: Node,
  listener: ListenerConfiguration,
  failed: (error: unknown) => void,
): Promise<HttpListener> {
  const unix = listener.type === 'unix';
  if (!unix && !listener.tlsDisable && (listener.tlsCertFile === '' || listener.tlsKeyFile === '')) {
    const text = 'tls_cert_file and tls_key_file must be set; certificates over ACME are not available';
    throw new ConfigurationError(`Error initializing listener of type tcp: ${text}`);
  }
  if (!unix && !/:[0-9]{1,5}$/.test(listener.address)) {
    const text = `listen tcp: address ${listener.address}: missing port in address`;
    throw new ConfigurationError(`Error initializing listener of type tcp: ${text}`);
  }
  const mode = listener.socketMode === '' ? {} : { mode: Number.parseInt(listener.socketMode, 8) };
  const tls = listener.tlsDisable || unix ? {} : { tls: tlsFiles(listener) };
  return listenHttp(withSettings(handlerOf(node, listener), listener), {
    address: listener.address,
    ...(unix ? { unix: mode } : {}),
    ...tls,
    maxRequestSize: listener.maxRequestSize,
    readHeaderTimeout: millis(listener.readHeaderTimeout),
    readTimeout: millis(listener.readTimeout),
    idleTimeout: millis(listener.idleTimeout),
    failed,
  });
}

const tlsFiles = (listener: ListenerConfiguration) => ({
  certificate: listener.tlsCertFile,
  key: listener.tlsKeyFile,
  ...(listener.tlsClientCaFile === '' ? {} : { clientCa: listener.tlsClientCaFile }),
  requireClientCertificate: listener.tlsRequireAndVerifyClientCert,
  disableClientCertificates: listener.tlsDisableClientCerts,
  minVersion: listener.tlsMinVersion,
  maxVersion: listener.tlsMaxVersion,
});
