/**
 * One node: owns the changes of state (sealed, standby, active) and wires what lives in the folders beside it. What a
 * request does is in `request.ts`, what is set up after unsealing in `post-unseal.ts`, when to be active in `ha/`.
 */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { coded, failure, refuse } from '../fault.ts';
import type { Raw, Request, Response } from '../framework/logical.ts';
import type { ApiNode, ApiOptions, Cors, Health, IndexState, Limited } from '../http/api.ts';
import type { InitRequest, InitResult, LeaderStatus, SealStatus } from '../http/api.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import { createHttpHandler } from '../http/handler.ts';
import type { Runtime } from '../runtime.ts';
import { formatRfc3339 } from '../codec/rfc3339.ts';
import { Scope } from '../scope.ts';
import { Barrier } from '../storage/barrier/barrier.ts';
import { CachedStorage } from '../storage/cache.ts';
import { ReadOnly } from '../storage/storage.ts';
import { pause } from '../ticker.ts';
import { measure } from '../telemetry/measure.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { readMetrics } from '../telemetry/reading.ts';
import type { SystemNode } from '../system/context.ts';
import type { ClusterInfo } from './cluster-info.ts';
import { readClusterInfo, setUpCluster } from './cluster-info.ts';
import type { NodeConfig } from './config.ts';
import { autoUnsealRetry, maxRequestDuration } from './config.ts';
import type { DevKeys } from './dev.ts';
import { setUpDev } from './dev.ts';
import type { Ha, HaNode } from './ha-port.ts';
import { Gauges } from './gauges.ts';
import { LogLevels } from './log-levels.ts';
import { InFlight } from './in-flight.ts';
import { invalidateKeys } from './invalidation.ts';
import { measureStorage } from './measured.ts';
import type { Running } from './post-unseal.ts';
import { postUnseal } from './post-unseal.ts';
import { countRequest } from './quotas/count.ts';
import { handleRequest } from './request.ts';
import { authorise } from './seal-request.ts';
import { SealManager } from './seal/manager.ts';
import { ShamirWrapper } from './seal/shamir-wrapper.ts';
import { scheduleLeftoverUpgrades } from './seal/key-rotation.ts';
import { startKeyChecks } from './key-checks.ts';

type State = 'sealed' | 'standby' | 'active';

/** Makes a node; `start` brings it up. */
export class Node implements ApiNode, HaNode {
  readonly runtime: Runtime;
  readonly config: NodeConfig;
  readonly options: ApiOptions;
  readonly barrier: Barrier;
  readonly seals: SealManager;
  /** The API over HTTP, whoever transports it. */
  readonly http: HttpHandler;
  readonly #cache: CachedStorage | undefined;
  readonly #inFlight: InFlight;
  /** Until the process ends: timers that are not tied to a term of office. */
  readonly #life = new Scope();
  #state: State = 'sealed';
  /** Monotonic micros. */
  #activeSince = 0;
  readonly #gauges = new Gauges();
  readonly #logLevels = new LogLevels('info');
  /** Where the runtime keeps no metrics. */
  readonly #unmeasured: Metrics;
  /** Marked as sealed, and on the way there. */
  #sealing = false;
  #running: Running | undefined;
  /** Of the term as active node. */
  #office: Scope | undefined;
  #ha: Ha | undefined;
  #cluster: ClusterInfo | undefined;

  constructor(runtime: Runtime, config: NodeConfig) {
    this.runtime = runtime;
    this.#unmeasured = new Metrics(runtime.clock);
    this.config = config;
    this.options = config.options;
    this.#cache = config.disableCache
      ? undefined
      : new CachedStorage(config.physical.storage, config.cacheSize || undefined, runtime.metrics);
    // Only between post-unseal and pre-seal is the node told of what others change.
    this.#cache?.setEnabled(false);
    this.barrier = new Barrier(runtime, this.#cache ?? config.physical.storage);
    this.seals = new SealManager(this.barrier, config.seal ?? new ShamirWrapper(runtime));
    this.#inFlight = new InFlight(runtime.crypto);
    if (runtime.metrics !== undefined) this.#measure(runtime.metrics);
    this.http = createHttpHandler(this);
  }

  /** Dev mode is ready when this resolves; otherwise the node waits sealed, and auto seals keep trying. */
  async start(): Promise<DevKeys | undefined> {
    this.runtime.trace({ kind: 'node.state', state: (await this.seals.initialised()) ? 'sealed' : 'uninitialised' });
    if (this.config.dev) return setUpDev(this, this.config.dev);
    if (this.seals.seal.auto) await this.#autoUnseal();
    return undefined;
  }

  /** The process ends in an orderly way: gives up leadership, seals. */
  async stop(): Promise<void> {
    this.#life.cancel();
    await this.sealNow('shutdown');
  }

  get #closed(): boolean {
    return this.#sealing || this.#state === 'sealed';
  }

  get running(): Running | undefined {
    return this.#running;
  }

  // ---- requests

  async handle(request: Request): Promise<Response | undefined> {
    if (this.#closed) throw coded(503, 'Vault is sealed');
    await this.#ha?.settled();
    const running = this.#running;
    if (running === undefined) throw new ReadOnly('please forward to the active node');
    const done = this.#inFlight.begin(request, this.runtime.clock.wall());
    try {
      return await handleRequest(this.#state === 'standby' ? { ...request, standby: true } : request, running);
    } finally {
      done();
    }
  }

  isBinary(path: string): boolean {
    return this.#running?.mounts.router.isBinary(path) ?? false;
  }

  route(): 'local' | 'forward' {
    const cannot = this.#state === 'standby' && this.#running === undefined;
    // During a change of role `handle` waits for what comes of it.
    return cannot && this.#ha?.settled() === undefined ? 'forward' : 'local';
  }

  async forward(request: HttpRequest): Promise<HttpResponse | undefined> {
    return this.#ha?.forward(request);
  }

  async activeAddress(): Promise<string | undefined> {
    return (await this.#ha?.leader())?.apiAddr;
  }

  index(): IndexState | undefined {
    return this.#ha?.index();
  }

  limit(request: HttpRequest, path: string): Promise<Limited> | undefined {
    const running = this.#running;
    return running?.quotas.any === true ? countRequest(request, path, running, this) : undefined;
  }

  cors(): Cors | undefined {
    return this.#running?.cors.settings;
  }

  // ---- status

  initialised(): Promise<boolean> {
    return this.seals.initialised();
  }

  async health(): Promise<Health> {
    const sealed = this.#closed;
    const cluster = await this.#clusterInfo();
    const ha = this.config.physical.ha !== undefined;
    const mode = !ha ? 'disabled' : sealed ? 'unknown' : (this.#ha?.performanceMode ?? 'unknown');
    return {
      initialised: await this.seals.initialised(),
      sealed,
      standby: this.#state !== 'active',
      performanceMode: sealed ? 'unknown' : mode,
      drMode: sealed || mode === 'unknown' ? 'unknown' : 'disabled',
      ...(cluster ? { clusterName: cluster.name, clusterId: cluster.id } : {}),
    };
  }

  async sealStatus(): Promise<SealStatus> {
    await this.#ha?.settled();
    const status = await this.seals.status();
    const cluster = await this.#clusterInfo();
    return {
      ...status,
      sealed: this.#closed,
      ...(status.recoverySeal ? { recoverySealType: 'shamir' } : {}),
      migration: false,
      ...(cluster ? { clusterName: cluster.name, clusterId: cluster.id } : {}),
      storageType: this.config.physical.type,
    };
  }

  async leader(): Promise<LeaderStatus> {
    if (this.config.physical.ha === undefined) return { haEnabled: false };
    if (this.#closed || this.#ha === undefined) throw coded(503, 'Vault is sealed');
    const leader = await this.#ha.leader();
    return {
      haEnabled: true,
      isSelf: leader.isSelf,
      ...(leader.isSelf && leader.activeSince !== undefined ? { activeTime: formatRfc3339(leader.activeSince) } : {}),
      ...(leader.apiAddr === undefined ? {} : { leaderAddress: leader.apiAddr }),
      ...(leader.clusterAddr === undefined ? {} : { leaderClusterAddress: leader.clusterAddr }),
      ...(leader.raftCommittedIndex === undefined ? {} : { raftCommittedIndex: leader.raftCommittedIndex }),
      ...(leader.raftAppliedIndex === undefined ? {} : { raftAppliedIndex: leader.raftAppliedIndex }),
    };
  }

  // ---- init, unseal, seal

  async initialise(asked: InitRequest): Promise<InitResult> {
    const { physical } = this.config;
    const result = await this.seals.initialise(asked, {
      ...(physical.bootstrap ? { bootstrap: () => physical.bootstrap!() } : {}),
      postUnseal: async () => {
        await this.#setUpCluster();
        await this.#begin(true);
      },
      rootToken: async () => (await this.#running!.services.tokens.createRoot()).id,
      preSeal: async () => {
        await this.#end();
        await physical.initialised?.(this.barrier);
      },
    });
    if (this.seals.seal.auto) await this.#autoUnseal();
    return {
      shares: result.shares,
      ...(result.recoveryShares ? { recoveryShares: result.recoveryShares } : {}),
      rootToken: result.rootToken,
    };
  }

  async unseal(share: Uint8Array, options: { migrate: boolean }): Promise<void> {
    if (await this.seals.submitShare(share, options)) await this.#opened();
  }

  /** Auto seals: true when the stored keys opened the barrier. */
  async unsealStored(): Promise<boolean> {
    if (!(await this.seals.tryStoredKeys())) return false;
    await this.#opened();
    return true;
  }

  /** Shamir: the cluster that this node joined has sent its storage. */
  async unsealJoined(key: Uint8Array): Promise<void> {
    await this.seals.openJoined(key);
    await this.#opened();
  }

  async joinRaft(leader: string, options: { nonVoter: boolean }): Promise<void> {
    const { physical } = this.config;
    if (physical.joinThrough === undefined) throw failure('raft backend not in use');
    await physical.joinThrough(leader, options);
  }

  bootstrapRaft(): Promise<void> {
    if (this.config.physical.bootstrap === undefined) throw failure('raft backend not in use');
    throw failure('could not bootstrap clustered storage: error bootstrapping cluster: cluster already has state');
  }

  resetUnseal(): Promise<void> {
    this.seals.resetShares();
    return Promise.resolve();
  }

  async seal(request: Request): Promise<void> {
    if (this.#closed) return;
    if (this.#running === undefined) {
      throw failure('vault cannot seal when in standby mode; please restart instead');
    }
    await authorise(request, this.#running);
    await this.sealNow('requested');
  }

  async stepDown(request: Request): Promise<void> {
    if (this.#closed) throw coded(503, 'Vault is sealed');
    if (this.#ha === undefined) return;
    await this.#ha.settled();
    if (this.#state !== 'active' || this.#running === undefined)
      throw new ReadOnly('please forward to the active node');
    await authorise(request, this.#running);
    await this.#ha.stepDown();
  }

  /**
   * Storage is about to be replaced as a whole: whatever stands on it is taken down, and set up anew. Any node does so
   * when it is asked, and one on which it fails (a standby's raft refuses) seals itself, as upstream.
   */
  async replaceStorage(replace: () => Promise<void>): Promise<void> {
    const { log } = this.runtime;
    try {
      await this.#ha?.changing(async () => {
        const running = this.#running;
        await this.#quiet();
        log.write('info', 'core', 'shutting down prior to restoring snapshot');
        await this.#end(running);
        log.write('info', 'core', 'applying snapshot');
        await replace();
        this.#cache?.purge();
        await this.seals.refresh();
        await this.#begin(this.#state === 'active');
      });
    } catch (error) {
      log.write('error', 'core', 'error while restoring raft snapshot', { error });
      await this.sealNow('a snapshot could not be restored');
    }
  }

  /** As behind upstream's state lock: nothing new begins, and what is under way may end, within its longest time. */
  async #quiet(): Promise<void> {
    this.#running = undefined;
    const patience = new Scope();
    await Promise.race([this.#inFlight.idle(), pause(this.runtime.clock, maxRequestDuration, patience)]);
    patience.cancel();
  }

  async sealNow(reason: string): Promise<void> {
    if (this.#closed) return;
    this.#sealing = true;
    this.runtime.log.write('info', 'core', 'marked as sealed', { reason });
    const ha = this.#ha;
    this.#ha = undefined;
    await ha?.stop();
    await this.#end();
    this.#enter('sealed');
    await this.config.physical.sealing?.();
    this.seals.sealNode();
    this.#cluster = undefined;
    this.#cache?.purge();
    this.#sealing = false;
    this.runtime.log.write('info', 'core', 'vault is sealed');
  }

  // ---- what high availability asks for

  get apiAddr(): string {
    return this.config.apiAddr;
  }

  get clusterAddr(): string {
    return this.config.clusterAddr;
  }

  get version(): string {
    return this.config.settings.version;
  }

  async becomeActive(advertise: () => Promise<void>): Promise<void> {
    await this.#end();
    this.barrier.readOnly = false;
    this.#cache?.purge();
    await this.seals.refresh();
    await this.#setUpCluster();
    await advertise();
    await this.#begin(true);
    this.#enter('active');
  }

  async becomeStandby(drain: () => Promise<void>, letGo: () => Promise<void>): Promise<void> {
    const running = this.#running;
    await this.#quiet();
    this.#enter('standby');
    await this.#end(running, drain);
    await letGo();
    this.barrier.readOnly = true;
  }

  purge(): void {
    this.#cache?.purge();
  }

  async enableReads(): Promise<void> {
    await this.#begin(false);
    this.runtime.trace({ kind: 'node.reads', enabled: true });
  }

  async disableReads(): Promise<void> {
    await this.#end();
    this.runtime.trace({ kind: 'node.reads', enabled: false });
  }

  async invalidate(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#cache?.invalidate(key);
    if (this.#running !== undefined) await invalidateKeys(keys, this.#running);
  }

  // ---- inside

  /** The barrier has been opened: with shares, by itself, or in a join. */
  async #opened(): Promise<void> {
    const { physical } = this.config;
    this.runtime.log.write('info', 'core', 'vault is unsealed');
    await physical.unsealed?.(this.barrier);
    if (physical.ha === undefined) {
      try {
        await this.#setUpCluster();
        await this.#begin(true);
      } catch (error) {
        this.seals.sealNode();
        throw error;
      }
      this.#enter('active');
      return;
    }
    this.barrier.readOnly = true;
    this.#enter('standby');
    this.#ha = physical.ha(this);
    await this.#ha.start();
  }

  async #autoUnseal(): Promise<void> {
    if (this.#state !== 'sealed' || this.#life.cancelled) return;
    try {
      if (await this.unsealStored()) return;
    } catch (error) {
      this.runtime.log.write('error', 'core', 'failed to unseal core', { error });
    }
    this.runtime.clock.after(autoUnsealRetry, () => void this.#autoUnseal());
  }

  /** Post-unseal, as active node or as a standby that serves reads. */
  async #begin(active: boolean): Promise<void> {
    this.#cache?.purge();
    this.#cache?.setEnabled(true);
    this.barrier.readOnly = !active;
    const office = new Scope(this.#life);
    const { config, runtime, barrier } = this;
    if (active) this.runtime.log.write('info', 'core', 'post-unseal setup starting');
    try {
      await runtime.cpu.spend('core.post-unseal');
      const clusterId = () => this.#cluster?.id ?? '';
      const clusterName = () => this.#cluster?.name ?? '';
      this.#running = await postUnseal({
        runtime,
        config,
        barrier,
        active,
        clusterId,
        clusterName,
        system: this.#system(),
      });
    } catch (error) {
      runtime.log.write('error', 'core', 'post-unseal setup failed', { error });
      office.cancel();
      throw error;
    }
    this.#office = office;
    if (!active) return;
    startKeyChecks(this.seals, office, config.physical.ha !== undefined);
    await this.seals.upgradeKeys();
    await scheduleLeftoverUpgrades(barrier, office);
    this.runtime.log.write('info', 'core', 'post-unseal setup complete');
  }

  /** Pre-seal: everything that runs by itself stops, requests under way fail. */
  async #end(running = this.#running, drain?: () => Promise<void>): Promise<void> {
    this.#running = undefined;
    this.#office?.cancel();
    this.#office = undefined;
    if (running === undefined) {
      await drain?.();
      return;
    }
    this.runtime.log.write('info', 'core', 'pre-seal teardown starting');
    await drain?.();
    if (this.config.physical.raft !== undefined) this.runtime.log.write('info', 'core', 'stopping raft active node');
    this.seals.abandon();
    await running.stop();
    this.#cache?.setEnabled(false);
    this.runtime.log.write('info', 'core', 'pre-seal teardown complete');
  }

  #measure(metrics: Metrics): void {
    const { physical } = this.config;
    measureStorage(this.barrier, metrics, 'vault.barrier');
    if (physical.type === 'raft') measureStorage(physical.storage, metrics, 'vault.raft_storage');
    measure<Node>(this, metrics, {
      unseal: 'vault.core.unseal',
      seal: 'vault.core.seal_with_request',
      sealNow: 'vault.core.seal_internal',
      stepDown: 'vault.core.step_down',
    });
  }

  /** What sys/metrics answers. */
  async metrics(format: string, accept: string): Promise<Raw> {
    const { clock } = this.runtime;
    const gauges = await this.#gauges.read({
      sealed: this.#state === 'sealed',
      active: this.#state === 'active',
      clusterName: (await this.#clusterInfo())?.name ?? '',
      inFlight: this.#inFlight.size,
      running: this.#running,
      raft: this.config.physical.raft,
      process: this.config.process?.(),
      barrier: this.barrier,
      uptime: clock.monotonic(),
    });
    const metrics = this.runtime.metrics ?? this.#unmeasured;
    const now = clock.wall();
    return readMetrics({ metrics, gauges, now, retention: this.config.prometheusRetention }, format, accept);
  }

  #enter(state: State): void {
    if (this.#state === state) return;
    if (this.#state === 'active' && this.config.physical.ha !== undefined) {
      this.runtime.metrics?.since('vault.core.leadership_lost', this.#activeSince);
    }
    if (state === 'active') this.#activeSince = this.runtime.clock.monotonic();
    this.#state = state;
    this.runtime.trace({ kind: 'node.state', state });
  }

  async #setUpCluster(): Promise<void> {
    this.#cluster = await setUpCluster(this.barrier, this.config.clusterName, this.runtime.random);
  }

  async #clusterInfo(): Promise<ClusterInfo | undefined> {
    if (this.#state === 'sealed') return undefined;
    this.#cluster ??= await readClusterInfo(this.barrier);
    return this.#cluster;
  }

  #system(): SystemNode {
    const { config } = this;
    return {
      active: () => {
        if (this.#running === undefined) throw refuse('Vault is sealed', 503);
        return this.#running;
      },
      barrier: this.barrier,
      seals: this.seals,
      catalog: config.catalog,
      settings: config.settings,
      raft: config.physical.raft,
      inFlight: (): JsonObject => this.#inFlight.list(),
      logLevels: this.#logLevels,
      storageType: config.physical.type,
      metrics: (format, accept) => this.metrics(format, accept),
      haStatus: async () => (await this.#ha?.status()) ?? [this.#ownStatus()],
      rotateKeyring: async () => {
        const scope = this.#office ?? this.#life;
        await this.seals.rotateKey({ ha: config.physical.ha !== undefined, scope });
      },
    };
  }

  #ownStatus(): JsonValue {
    return new Map<string, JsonValue>([
      ['hostname', this.config.settings.hostname],
      ['api_address', this.config.apiAddr],
      ['cluster_address', this.config.clusterAddr],
      ['active_node', true],
      ['last_echo', null],
      ['version', this.config.settings.version],
    ]);
  }
}
