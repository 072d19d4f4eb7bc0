/** A node on this machine: its storage, runtime and listeners, from a configuration. */
import { hostname } from 'node:os';
import { sanitizedText } from '../core/server/reconfiguration.ts';
import { shownAddress } from '../core/codec/log-text.ts';
import { clusterListeners } from './cluster-address.ts';
import type { NodeConfig, Physical } from '../core/server/config.ts';
import type { Configuration } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import { configuredRegistration } from '../core/server/registration/configured.ts';
import type { DevKeys } from '../core/server/dev.ts';
import { Node } from '../core/server/node.ts';
import { VERSION } from '../core/server/profile.ts';
import type { Log } from '../core/runtime.ts';
import type { EndingClock } from './clock.ts';
import { timedListeners } from '../core/server/configuration/listener.ts';
import type { OpenListener } from './listening.ts';
import { AcmeChallenges } from './acme/challenges.ts';
import { listen } from './listening.ts';
import { pushMetrics } from './metrics-push.ts';
import { nodeConfig, showingOf } from './node-config.ts';
import type { ConfiguredSeals } from '../core/server/seal/configured.ts';
import { openPhysical, type OpenedPhysical } from './physical.ts';
import type { RsaSource } from './crypto.ts';
import { hostRuntime } from './runtime.ts';
import { devSeals, hostSeals } from './seal.ts';
import { initialiseSelf } from './self-init.ts';
import { type Latency, slowed } from './slow-storage.ts';
import { checkSurroundings, noMigration } from './start-checks.ts';

export interface ServerOptions {
  readonly configuration: Configuration;
  readonly dev?: {
    readonly rootToken: string;
    readonly kvVersion: 0 | 1 | 2;
    /** A key that lasts as long as the process opens it, whatever seals are configured. */
    readonly autoSeal?: boolean;
    /** Of each operation of the storage. */
    readonly latency?: Latency | undefined;
  };
  readonly log: Log;
  /** The real one when left out. */
  readonly clock?: EndingClock;
  /** Where RSA keys come from; the system's generator when left out. */
  readonly rsa?: RsaSource;
  /** The configuration as sys/config/state/sanitized shows it. */
  readonly sanitized?: NodeConfig['settings']['sanitized'];
  /** Only to see whether it would start: nothing is unsealed or joined. */
  readonly check?: boolean;
  /** What is to be said to whoever starts the server, beside the log. */
  readonly notice?: (text: string) => void;
  /** Told once storage and seals are there. */
  readonly founded?: () => void;
  /** Told once everything is open and before anything else happens. */
  readonly opened?: (listeners: readonly OpenListener[], physical: Physical) => void;
  /** A bug of ours or a broken machine: the process should end. */
  readonly failed: (error: unknown) => void;
}

export interface Changed {
  readonly configuration: Configuration;
  readonly sanitized: NodeConfig['settings']['sanitized'];
}

export interface RunningServer {
  readonly node: Node;
  readonly listeners: readonly OpenListener[];
  readonly devKeys: DevKeys | undefined;
  /**
   * SIGHUP: certificates are read and audit files opened again, and what of a changed configuration may change is
   * taken from it. Rejects with ConfigurationError.
   */
  reload(changed?: Changed): Promise<void>;
  stop(): Promise<void>;
}

/** Rejects with ConfigurationError, or the system's error of a port that is in use. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { configuration, failed } = options;
  const founded = await foundation(options);
  const { runtime, storage, seals } = founded;
  const { physical } = storage;
  const { serviceRegistration: stanza } = configuration;
  const registration = stanza && (await configuredRegistration(runtime, stanza, VERSION));
  if (registration !== undefined && physical.ha === undefined && options.dev === undefined) {
    throw new ConfigurationError('service_registration is configured, but storage does not support HA');
  }
  options.founded?.();
  const config = coreConfig(options, storage, seals);
  tellConfiguration(options, config);
  const node = new Node(runtime, registration === undefined ? config : { ...config, registration });
  storage.attach?.(node);
  founded.push?.watch(node);
  const listeners: OpenListener[] = [];
  try {
    // Connections are taken at once, and answered when the first state has been said, or could not be.
    let registered = (): void => {};
    const ready = registration && new Promise<void>((resolve) => (registered = resolve));
    const challenges = new AcmeChallenges(runtime.log);
    for (const listener of timedListeners(configuration)) {
      listeners.push(await listen(node, listener, { failed, challenges, ready }));
    }
    options.opened?.(listeners, physical);
    const goOn = storage.begin?.();
    if (options.check !== true) await registration?.start();
    registered();
    let devKeys: DevKeys | undefined;
    if (options.check !== true) {
      goOn?.();
      devKeys = await started(node, options);
      await initialiseSelf(node, configuration.initialize);
    }
    return {
      node,
      listeners,
      devKeys,
      reload: async (changed) => {
        if (changed !== undefined) {
          await node.reconfigure({ ...changed.configuration, sanitized: changed.sanitized });
          for (const [index, { customResponseHeaders }] of changed.configuration.listeners.entries()) {
            listeners[index]?.setHeaders(customResponseHeaders);
          }
        }
        for (const listener of listeners) await listener.reload();
        await node.running?.audit.reopen();
      },
      stop: async () => {
        await Promise.all(listeners.map((listener) => listener.close()));
        // What could not be said is said no more, but what happens now still is.
        registration?.stop();
        await node.stop();
        await closeFoundation(founded);
      },
    };
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
}

const CHANGES_ARE_TOLD =
  "enabling grpc-based invalidation on HA backend which doesn't natively support invalidation notifications";

/** What upstream says of a core that it makes. */
function tellConfiguration({ configuration, log }: ServerOptions, { settings, physical }: NodeConfig): void {
  log.write('debug', 'core', 'set config', { 'sanitized config': sanitizedText(settings.sanitized) });
  if (physical.ha !== undefined && physical.type !== 'raft' && !configuration.disableStandbyReads) {
    log.write('info', 'core', CHANGES_ARE_TOLD);
  }
  log.write('debug', 'storage.cache', 'creating LRU cache', { size: configuration.cacheSize });
  log.write('info', 'core', 'Initializing version history cache for core');
  const addresses = clusterListeners(configuration).map((address) => shownAddress(address));
  log.write('debug', '', 'cluster listener addresses synthesized', { cluster_addresses: addresses });
}

/** What a node is made of: the machine, its storage and what it was configured with. */
export async function foundation(options: ServerOptions) {
  const { configuration, log, failed, clock, rsa } = options;
  const runtime = hostRuntime({
    name: configuration.storage?.settings['node_id'] ?? hostname(),
    folder: '/',
    log,
    failed,
    ...(clock === undefined ? {} : { clock }),
    ...(rsa === undefined ? {} : { rsa }),
  });
  checkSurroundings(configuration);
  const push = await pushMetrics(configuration, runtime.metrics, showingOf(configuration), log);
  const opened = await openPhysical(configuration, runtime, (message) => failed(new Error(message)));
  const latency = options.dev?.latency;
  const storage =
    latency === undefined ? opened : { ...opened, physical: slowed(opened.physical, latency, runtime.random) };
  if (configuration.storage?.type === 'postgresql') {
    await noMigration(storage.physical.storage, runtime, options.notice ?? (() => undefined));
  }
  const seals = options.dev?.autoSeal === true ? devSeals(runtime) : await hostSeals(runtime, configuration.seals);
  return { runtime, storage, seals, push };
}

type Foundation = Awaited<ReturnType<typeof foundation>>;

/** Once the node has stopped. */
export async function closeFoundation({ runtime, storage, push, seals: { seal, old } }: Foundation): Promise<void> {
  await seal?.close?.();
  await old?.close?.();
  await storage.close?.();
  await push?.stop();
  await runtime.close();
}

/** Throws ConfigurationError for what a core would not start with. */
export function coreConfig(options: ServerOptions, { physical, nodeId }: OpenedPhysical, seals: ConfiguredSeals) {
  // Others have to find a node that may become active.
  if (physical.ha !== undefined && options.configuration.apiAddr === '') {
    const reason = 'missing API address, please set in configuration or via environment';
    throw new ConfigurationError(`Error initializing core: ${reason}`);
  }
  const config: NodeConfig = { ...nodeConfig(options, physical, nodeId), ...sealConfig(seals) };
  return config;
}

const sealConfig = ({ seal, old }: ConfiguredSeals): Pick<NodeConfig, 'seal' | 'oldSeal'> => ({
  ...(seal === undefined ? {} : { seal }),
  ...(old === undefined ? {} : { oldSeal: old }),
});

/** What a node cannot make out in its storage is the storage's fault, not the program's. */
async function started(node: Node, { dev, configuration }: ServerOptions): Promise<DevKeys | undefined> {
  try {
    return await node.start({ initialisesItself: configuration.initialize.length > 0 });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (dev !== undefined) throw new ConfigurationError(`Error initializing Dev mode: ${error.message}`);
    throw new ConfigurationError(`Error initializing core: ${error.message.split('\n')[0]}`);
  }
}
