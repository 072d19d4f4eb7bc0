/**
 * One node, as the HTTP layer sees it: wires what lives in the folders beside it. What a request does is in
 * `request.ts`, the changes of state (sealed, standby, active) in `states.ts`, what it says of itself in `status.ts`.
 */
import { coded, failure, refuse } from '../fault.ts';
import type { Raw, Request, Response } from '../framework/logical.ts';
import type { ApiNode, KeyHolders, ApiOptions, Cors, Health, IndexState, Limited, MaybeLater } from '../http/api.ts';
import type { InitRequest, InitResult, LeaderStatus, SealStatus } from '../http/api.ts';
import { createHttpHandler } from '../http/handler.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import { leaderStatus as leaderBody, sealStatus as sealStatusBody } from '../http/unsealing.ts';
import type { LogLevel, Runtime } from '../runtime.ts';
import { Scope } from '../scope.ts';
import { Barrier } from '../storage/barrier/barrier.ts';
import { CachedStorage } from '../storage/cache.ts';
import { ReadOnly } from '../storage/storage.ts';
import { measure } from '../telemetry/measure.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { type Gauge, readMetrics } from '../telemetry/reading.ts';
import type { SystemKeys, SystemNode } from '../system/context.ts';
import type { JoinOptions, NodeConfig } from './config.ts';
import { ConfigurationError } from './configuration/values.ts';
import { autoUnsealRetry } from './config.ts';
import type { DevKeys } from './dev.ts';
import { setUpDev } from './dev.ts';
import type { LeaderContact } from './ha/raft-join.ts';
import { Gauges } from './gauges.ts';
import { InFlight } from './in-flight.ts';
import { LogLevels } from './log-levels.ts';
import { measurePostgres, measureRaftStorage, measureStorage } from './measured.ts';
import { locate } from './namespaces/enter.ts';
import { OpenPaths } from './open-paths.ts';
import type { Running } from './post-unseal.ts';
import { countRequest } from './quotas/count.ts';
import { Reconfigurable, type Reconfiguration } from './reconfiguration.ts';
import { handleRequest } from './request.ts';
import { authorise } from './seal-request.ts';
import { type Origin, SealManager } from './seal/manager.ts';
import { ShamirWrapper } from './seal/shamir-wrapper.ts';
import { States } from './states.ts';
import { noProfiler } from '../system/pprof.ts';
import { halfInitialised, isHalfInitialised, markBegun, markDone } from './self-init-mark.ts';
import { haStatus, health, leaderStatus, sealStatus } from './status.ts';

const origin = ({ oldSeal }: NodeConfig): Origin => (oldSeal === undefined ? {} : { old: oldSeal });

/** Makes a node; `start` brings it up. */
export class Node implements ApiNode {
  readonly runtime: Runtime;
  readonly config: NodeConfig;
  readonly options: ApiOptions;
  readonly barrier: Barrier;
  readonly seals: SealManager;
  readonly states: States;
  /** The API over HTTP, whoever transports it. */
  readonly http: HttpHandler;
  readonly #inFlight: InFlight;
  /** Until the process ends: timers that are not tied to a term of office. */
  readonly #life = new Scope();
  /** While it does, its own mark does not stop it. */
  #initialisesItself = false;
  readonly #open: OpenPaths;
  readonly #changing: Reconfigurable;
  readonly #gauges = new Gauges();
  readonly #logLevels: LogLevels;
  /** Where the runtime keeps no metrics. */
  readonly #unmeasured: Metrics;

  constructor(runtime: Runtime, config: NodeConfig) {
    this.runtime = runtime;
    this.#logLevels = new LogLevels(runtime.log);
    this.#unmeasured = new Metrics(runtime.clock);
    this.config = config;
    this.options = config.options;
    const cache = config.disableCache
      ? undefined
      : new CachedStorage(config.physical.storage, config.cacheSize || undefined, runtime.metrics);
    const { ha, type } = config.physical;
    // Before it is active, nobody tells this node what others write to the storage they share; raft does.
    if (ha !== undefined && type !== 'raft') cache?.setEnabled(false);
    this.barrier = new Barrier(runtime, cache ?? config.physical.storage);
    this.seals = new SealManager(this.barrier, config.seal ?? new ShamirWrapper(runtime), origin(config));
    this.#inFlight = new InFlight(runtime.crypto);
    this.#open = new OpenPaths(runtime, this.barrier, this.#inFlight, config.profiler ?? noProfiler);
    this.states = new States({
      runtime,
      config,
      barrier: this.barrier,
      cache,
      seals: this.seals,
      inFlight: this.#inFlight,
      life: this.#life,
      http: () => this.http,
      system: () => this.#system(),
    });
    this.#changing = new Reconfigurable(runtime.log, config);
    if (runtime.metrics !== undefined) this.#measure(runtime.metrics);
    this.http = createHttpHandler(this);
  }

  /** Dev mode is ready when this resolves; otherwise the node waits sealed, and auto seals keep trying. */
  async start(options: { readonly initialisesItself?: boolean } = {}): Promise<DevKeys | undefined> {
    await this.seals.findMigration();
    this.runtime.trace({ kind: 'node.start' });
    this.runtime.trace({
      kind: 'node.state',
      state: (await this.seals.initialised(false)) ? 'sealed' : 'uninitialised',
    });
    if (this.config.dev) return setUpDev(this, this.config.dev);
    // Who is about to initialise it unseals it, too.
    if (options.initialisesItself === true && !(await this.seals.initialised(false))) return undefined;
    if (this.seals.opensItself) await this.#autoUnseal();
    return undefined;
  }

  /** The process ends in an orderly way: gives up leadership, seals. */
  async stop(): Promise<void> {
    this.#life.cancel();
    this.runtime.log.write('debug', 'core', 'shutdown called');
    await this.states.sealNow();
  }

  get running(): Running | undefined {
    return this.states.running;
  }

  // ---- requests

  get requestsLevel(): LogLevel | undefined {
    return this.#changing.requestsLevel;
  }

  /** The configuration has changed while the node runs; what it cannot follow is logged. */
  reconfigure(changed: Reconfiguration): Promise<void> {
    return this.#changing.follow(changed, this.states.state === 'active' ? this.running?.audit : undefined);
  }

  async handle(request: Request): Promise<Response | undefined> {
    const { states } = this;
    await states.settled();
    if (states.closed) throw coded(503, 'Vault is sealed');
    const { running } = states;
    if (running === undefined) throw new ReadOnly('please forward to the active node');
    const own: Request = states.state === 'standby' ? { ...request, standby: true } : request;
    const done = this.#inFlight.begin(own, this.runtime.clock.wall());
    try {
      return await handleRequest(own, running);
    } finally {
      if (own.caller !== undefined) request.caller = own.caller;
      done();
    }
  }

  isBinary(path: string, namespace: string | undefined): boolean {
    const { running } = this;
    if (running === undefined) return false;
    const found = locate(namespace, path, running.namespaces.root);
    return found?.node.realm?.mounts.router.isBinary(found.path) ?? false;
  }

  route(): 'local' | 'forward' {
    const { states } = this;
    const cannot = states.state === 'standby' && states.running === undefined && !states.closed;
    // During a change of role `handle` waits for what comes of it.
    return cannot && states.settled() === undefined ? 'forward' : 'local';
  }

  async forward(request: HttpRequest): Promise<HttpResponse | undefined> {
    return this.states.ha?.forward(request);
  }

  async activeAddress(): Promise<string | undefined> {
    return (await this.states.ha?.leader())?.apiAddr;
  }

  index(): MaybeLater<IndexState | undefined> {
    return this.states.index();
  }

  limit(request: HttpRequest, path: string): Promise<Limited> | undefined {
    const { running } = this;
    return running?.quotas.any === true ? countRequest(request, path, running, this) : undefined;
  }

  keyHolders(): KeyHolders | undefined {
    const { running, seals } = this;
    if (running === undefined || this.states.state !== 'active') return undefined;
    return {
      auto: seals.seal.auto,
      rekey: (recovery) => seals.rekey(recovery),
      rootGeneration: seals.rootGeneration,
      audit: running.audit,
      rootToken: async () => (await running.services.tokens.createRoot()).id,
    };
  }

  cors(): Cors | undefined {
    return this.running?.cors.settings;
  }

  // ---- status

  initialised(): Promise<boolean> {
    return this.seals.initialised();
  }

  health(): Promise<Health> {
    return health(this);
  }

  sealStatus(options: { readonly atOnce?: boolean } = {}): Promise<SealStatus> {
    return sealStatus(this, options.atOnce);
  }

  leader(): Promise<LeaderStatus> {
    return leaderStatus(this);
  }

  /** What sys/metrics answers. */
  async metrics(format: string, accept: string): Promise<Raw> {
    const figures = this.config.process?.();
    const metrics = this.runtime.metrics ?? this.#unmeasured;
    const gauges = await this.gauges(figures);
    const now = this.runtime.clock.wall();
    const { prometheusRetention: retention, showing } = this.config;
    const reading = { metrics, gauges, process: figures?.process ?? {}, now, retention };
    return readMetrics(showing === undefined ? reading : { ...reading, showing }, format, accept);
  }

  /** What is measured by looking. */
  async gauges(figures = this.config.process?.()): Promise<readonly Gauge[]> {
    const { clock } = this.runtime;
    const { state, running } = this.states;
    const metrics = this.runtime.metrics ?? this.#unmeasured;
    return this.#gauges.read({
      sealed: state === 'sealed',
      active: state === 'active',
      clusterName: (await this.states.clusterInfo())?.name ?? '',
      inFlight: this.#inFlight.size,
      running,
      raft: this.config.physical.raft,
      process: figures,
      uptime: clock.monotonic(),
      usage: this.config.usage,
      metrics,
    });
  }

  open(request: Request): Promise<Response | undefined> {
    return this.#open.handle(request);
  }

  // ---- init, unseal, seal

  initialise(asked: InitRequest): Promise<InitResult> {
    return this.#initialise(asked);
  }

  /** `configure` does what the configuration asks of a new server; should that fail, nobody can unseal it again. */
  async initialiseItself(asked: InitRequest, configure: (rootToken: string) => Promise<void>): Promise<void> {
    this.#initialisesItself = true;
    try {
      const { rootToken } = await this.#initialise(asked, () => markBegun(this.barrier));
      // Upstream tries once more whatever came of it.
      if (this.seals.seal.auto && !this.barrier.sealed) this.seals.tellUnsealed();
      await configure(rootToken);
      await markDone(this.barrier);
    } finally {
      this.#initialisesItself = false;
    }
  }

  /** `founded`: once there is a cluster, and before there is anything else. */
  async #initialise(asked: InitRequest, founded?: () => Promise<void>): Promise<InitResult> {
    const { physical } = this.config;
    const { states } = this;
    const result = await this.seals.initialise(asked, {
      ...(physical.bootstrap ? { bootstrap: () => physical.bootstrap!() } : {}),
      postUnseal: async () => {
        await states.foundCluster();
        if (founded !== undefined) await founded();
        await states.begin(true);
      },
      rootToken: async () => (await states.running!.services.tokens.createRoot()).id,
      preSeal: async () => {
        await states.end();
        await physical.initialised?.(this.barrier);
      },
    });
    await this.config.registration?.initialised();
    if (this.seals.seal.auto) await this.#autoUnseal();
    return {
      shares: result.shares,
      ...(result.recoveryShares ? { recoveryShares: result.recoveryShares } : {}),
      rootToken: result.rootToken,
    };
  }

  async unseal(share: Uint8Array, options: { migrate: boolean }): Promise<void> {
    if (await this.seals.submitShare(share, options)) await this.states.opened();
  }

  /** Auto seals: true when the stored keys opened the barrier. Rejects with ConfigurationError, sealed, at the mark. */
  async unsealStored(): Promise<boolean> {
    if (!(await this.seals.tryStoredKeys())) return false;
    if (!this.#initialisesItself && (await isHalfInitialised(this.barrier))) {
      this.seals.sealNode();
      throw halfInitialised();
    }
    try {
      await this.states.opened(true);
    } catch (error) {
      throw failure(`unseal with stored key failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    return true;
  }

  /** Shamir: the cluster that this node joined has sent its storage. */
  async unsealJoined(key: Uint8Array): Promise<void> {
    await this.seals.openJoined(key);
    await this.states.opened();
  }

  /** Rejects with ConfigurationError where it is no use to go on. */
  async #autoUnseal(): Promise<void> {
    if (this.#life.cancelled) return;
    if (this.states.state !== 'sealed') {
      this.seals.tellUnsealed();
      return;
    }
    try {
      // Somebody else may have been faster.
      if ((await this.unsealStored()) || !this.barrier.sealed) return;
    } catch (error) {
      if (error instanceof ConfigurationError) {
        this.runtime.log.write('error', '', 'error unsealing core', { error: error.message });
        throw error;
      }
      this.runtime.log.write('warn', '', 'failed to unseal core', { error });
    }
    this.runtime.clock.after(autoUnsealRetry, () => void this.#autoUnseal().catch(() => undefined));
  }

  resetUnseal(): Promise<void> {
    this.seals.resetShares();
    return Promise.resolve();
  }

  async seal(request: Request): Promise<void> {
    if (this.states.closed) return;
    if (this.running === undefined) {
      throw failure('vault cannot seal when in standby mode; please restart instead');
    }
    await authorise(request, this.running);
    await this.states.sealNow();
  }

  async stepDown(request: Request): Promise<void> {
    const { states } = this;
    const { ha } = states;
    // Who has nobody to hand over to is done, sealed or not.
    if (this.config.physical.ha === undefined) return;
    if (states.closed || ha === undefined) throw coded(503, 'Vault is sealed');
    await ha.settled();
    if (states.state !== 'active' || states.running === undefined)
      throw new ReadOnly('please forward to the active node');
    await authorise(request, states.running);
    await ha.stepDown();
  }

  // ---- raft

  async joinRaft(leader: LeaderContact, options: JoinOptions): Promise<boolean> {
    const { physical } = this.config;
    if (physical.joinThrough === undefined) throw failure('raft backend not in use');
    return await physical.joinThrough(leader, options);
  }

  bootstrapRaft(): Promise<void> {
    const { physical } = this.config;
    if (physical.bootstrap === undefined) throw failure('raft backend not in use');
    if (physical.type !== 'raft' && this.states.closed) {
      throw failure('could not generate TLS keyring during bootstrap: Vault is sealed');
    }
    throw failure('could not bootstrap clustered storage: error bootstrapping cluster: cluster already has state');
  }

  /** See `States`. */
  replaceStorage(replace: () => Promise<void>): Promise<void> {
    return this.states.replaceStorage(replace);
  }

  // ---- inside

  #measure(metrics: Metrics): void {
    const { physical } = this.config;
    measureStorage(this.barrier, metrics, 'vault.barrier');
    if (physical.type === 'raft') measureRaftStorage(physical.storage, metrics);
    if (physical.type === 'postgresql') measurePostgres(physical.storage, metrics);
    measure<Node>(this, metrics, {
      unseal: 'vault.core.unseal',
      seal: 'vault.core.seal_with_request',
      stepDown: 'vault.core.step_down',
    });
    measure<States>(this.states, metrics, { sealNow: 'vault.core.seal_internal' });
  }

  #system(): SystemNode {
    const { config, states } = this;
    const changing = this.#changing;
    const keys: SystemKeys = {
      barrier: this.barrier,
      seals: this.seals,
      rotate: async () => {
        await this.seals.rotateKey({ ha: config.physical.ha !== undefined, scope: states.scope });
      },
    };
    return {
      active: () => {
        if (states.running === undefined) throw refuse('Vault is sealed', 503);
        return states.running;
      },
      barrier: this.barrier,
      keys: () => keys,
      catalog: config.catalog,
      settings: {
        ...config.settings,
        get sanitized() {
          return changing.sanitized;
        },
      },
      raft: config.physical.raft,
      inFlight: () => this.#inFlight.list(),
      logLevels: this.#logLevels,
      storageType: config.physical.type,
      metrics: (format, accept) => this.metrics(format, accept),
      profiler: this.config.profiler ?? noProfiler,
      haStatus: () => haStatus(this),
      sealStatus: () => sealStatusBody(this),
      leaderStatus: () => leaderBody(this),
    };
  }
}
