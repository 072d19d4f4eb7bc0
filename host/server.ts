/** A node on this machine: its storage, runtime and listeners, from a configuration. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { NodeConfig, Physical } from '../core/server/config.ts';
import type { Configuration, ListenerConfiguration } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import { defaultConfig } from '../core/server/default-config.ts';
import type { DevKeys } from '../core/server/dev.ts';
import { Node } from '../core/server/node.ts';
import type { Log, Runtime } from '../core/runtime.ts';
import { InmemStorage } from '../core/storage/inmem.ts';
import { FileStorage } from '../core/storage/file.ts';
import type { HttpListener } from './listener.ts';
import { listenHttp } from './listener.ts';
import { HostDisk } from './disk.ts';
import { hostRuntime } from './runtime.ts';
import { hostSeal } from './seal.ts';

export interface ServerOptions {
  readonly configuration: Configuration;
  readonly dev?: { readonly rootToken: string; readonly kvVersion: 0 | 1 | 2 };
  readonly log: Log;
  /** The configuration as sys/config/state/sanitized shows it. */
  readonly sanitized?: NodeConfig['settings']['sanitized'];
  /** A bug of ours or a broken machine: the process should end. */
  readonly failed: (error: unknown) => void;
}

export interface RunningServer {
  readonly node: Node;
  readonly listeners: readonly HttpListener[];
  readonly devKeys: DevKeys | undefined;
  stop(): Promise<void>;
}

/** Rejects with ConfigurationError, or the system's error of a port that is in use. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { configuration, log, failed } = options;
  const storage = configuration.storage;
  if (storage === undefined) throw new ConfigurationError('a storage backend must be specified');
  const runtime = hostRuntime({ name: storage.settings['node_id'] ?? hostname(), folder: '/', log, failed });
  const physical = openPhysical(configuration, runtime);
  const seal = hostSeal(runtime, configuration.seals);
  const node = new Node(runtime, { ...nodeConfig(options, physical), ...(seal === undefined ? {} : { seal }) });
  const listeners: HttpListener[] = [];
  try {
    for (const listener of configuration.listeners) listeners.push(await listen(node, listener, failed));
    const devKeys = await node.start();
    return {
      node,
      listeners,
      devKeys,
      stop: async () => {
        await Promise.all(listeners.map((listener) => listener.close()));
        await node.stop();
      },
    };
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
}

function openPhysical({ storage }: Configuration, runtime: Runtime): Physical {
  const type = storage?.type ?? '';
  switch (type) {
    case 'inmem':
      return { type, storage: new InmemStorage() };
    case 'file': {
      const path = storage?.settings['path'] ?? '';
      if (path === '') throw new ConfigurationError("'path' must be set");
      return { type, storage: new FileStorage(new HostDisk(resolve(path))) };
    }
    default:
      runtime.log.write('debug', '', 'storage types here: inmem, file');
      throw new ConfigurationError(`unknown storage type ${type}`);
  }
}

function nodeConfig({ configuration, dev, sanitized }: ServerOptions, physical: Physical): NodeConfig {
  const usual = defaultConfig(physical);
  const listener = configuration.listeners[0];
  return {
    ...usual,
    audit: configuration.audit,
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
      ui: configuration.ui,
      allowUnprintablePaths: configuration.disablePrintableCheck,
      allowRelativePaths: configuration.unsafeRelativePaths,
      requireRequestHeader: listener?.requireRequestHeader ?? false,
      ...(configuration.enableResponseHeaderHostname ? { hostname: hostname() } : {}),
    },
    apiAddr: configuration.apiAddr,
    clusterAddr: configuration.clusterAddr,
    clusterName: configuration.clusterName,
    cacheSize: configuration.cacheSize,
    disableCache: configuration.disableCache,
    ...(dev === undefined ? {} : { dev }),
  };
}

const millis = (micros: number): number => Math.floor(micros / 1_000);

function listen(node: Node, listener: ListenerConfiguration, failed: (error: unknown) => void): Promise<HttpListener> {
  const unix = listener.type === 'unix';
  const mode = listener.socketMode === '' ? {} : { mode: Number.parseInt(listener.socketMode, 8) };
  const tls = listener.tlsDisable || unix ? {} : { tls: tlsFiles(listener) };
  return listenHttp(node.http, {
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
