/**
 * The states of a node (sealed, standby, active) and the ways between them: what is set up and taken down on each.
 * When to be active is decided in `ha/`, what is set up after unsealing in `post-unseal.ts`.
 */
import type { HttpHandler } from '../http/message.ts';
import type { Runtime } from '../runtime.ts';
import { Scope } from '../scope.ts';
import type { Barrier } from '../storage/barrier/barrier.ts';
import type { CachedStorage } from '../storage/cache.ts';
import type { SystemNode } from '../system/context.ts';
import { pause } from '../ticker.ts';
import type { IndexState, MaybeLater } from '../http/api.ts';
import type { ClusterInfo } from './cluster-info.ts';
import { readClusterInfo, setUpCluster } from './cluster-info.ts';
import type { NodeConfig, StorageIndex } from './config.ts';
import { maxRequestDuration } from './config.ts';
import { variableOf } from './configuration/variable.ts';
import { type Ha, type HaNode, KeyUpgradesFailed, type LeavingOffice } from './ha-port.ts';
import type { NamespaceKeys } from './ha/calls.ts';
import type { InFlight } from './in-flight.ts';
import { invalidateKeys } from './invalidation.ts';
import { startKeyChecks } from './key-checks.ts';
import { WITHOUT_LOCAL_ENTITIES } from './login.ts';
import { NamespaceSeals } from './namespaces/seals.ts';
import { tellNoForwarding } from './no-forwarding.ts';
import type { Running } from './post-unseal.ts';
import { postUnseal } from './post-unseal.ts';
import { scheduleLeftoverUpgrades } from './seal/key-rotation.ts';
import { watchHealth } from './seal/health.ts';
import type { SealManager } from './seal/manager.ts';

export type State = 'sealed' | 'standby' | 'active';

/** What the states stand on. */
export interface Foundation {
  readonly runtime: Runtime;
  readonly config: NodeConfig;
  readonly barrier: Barrier;
  /** Between barrier and storage; undefined: none. */
  readonly cache: CachedStorage | undefined;
  readonly seals: SealManager;
  readonly inFlight: InFlight;
  /** Until the process ends: what is not tied to a term of office. */
  readonly life: Scope;
  /** The API, for requests that standbys forward. */
  http(): HttpHandler;
  /** The node as sys/ sees it. */
  system(): SystemNode;
}

export class States implements HaNode {
  readonly runtime: Runtime;
  readonly barrier: Barrier;
  readonly #on: Foundation;
  readonly #config: NodeConfig;
  readonly #cache: CachedStorage | undefined;
  #state: State = 'sealed';
  /** Monotonic micros. */
  #activeSince = 0;
  /** Marked as sealed, and on the way there. */
  #sealing = false;
  /**
   * An active node that seals keeps whoever asks waiting until it is done, and so does one that says that it has been
   * unsealed, as upstream's state lock does.
   */
  #waiting: Promise<void> | undefined;
  readonly #namespaceSeals: NamespaceSeals;
  #running: Running | undefined;
  /** Of the term as active node. */
  #office: Scope | undefined;
  #ha: Ha | undefined;
  #clusterInfo: ClusterInfo | undefined;

  constructor(foundation: Foundation) {
    this.#on = foundation;
    this.runtime = foundation.runtime;
    this.barrier = foundation.barrier;
    this.#config = foundation.config;
    this.#cache = foundation.cache;
    this.#namespaceSeals = new NamespaceSeals(foundation.runtime);
    // Only between post-unseal and pre-seal is the node told of what others change.
    this.#cache?.setEnabled(false);
  }

  get state(): State {
    return this.#state;
  }

  /** Sealed, or about to be. */
  get closed(): boolean {
    return this.#sealing || this.#state === 'sealed';
  }

  /** What requests are served with; undefined while sealed, between states, and on a standby that serves no reads. */
  get running(): Running | undefined {
    return this.#running;
  }

  /** Undefined while sealed, and on storage without it. */
  get ha(): Ha | undefined {
    return this.#ha;
  }

  /** When the change of role that is under way will be over; undefined when there is none. */
  settled(): Promise<void> | undefined {
    return this.#waiting ?? this.#ha?.settled();
  }

  /** What lasts as long as this term of office, or as the process when there is none. */
  get scope(): Scope {
    return this.#office ?? this.#on.life;
  }

  /** Undefined while sealed, and before the active node has written it. */
  async clusterInfo(): Promise<ClusterInfo | undefined> {
    if (this.#state === 'sealed') return undefined;
    this.#cluster ??= await readClusterInfo(this.barrier);
    return this.#cluster;
  }

  /** How far this node has come, where its storage knows of such a thing. */
  index(): MaybeLater<IndexState | undefined> {
    const { index } = this.#config.physical;
    return index === undefined ? this.#ha?.index() : this.#stored(index);
  }

  async #stored(index: StorageIndex): Promise<IndexState | undefined> {
    const { log } = this.runtime;
    const failed = (error: unknown): undefined => {
      log.write('debug', 'core', 'storage does not say how far it has come', { error });
    };
    const value = await index.now().catch(failed);
    const cluster = await this.clusterInfo().catch(failed);
    if (cluster === undefined) return undefined;
    const own = value === undefined ? undefined : index.order(value);
    const at = (text: string): -1 | 0 | 1 => {
      const wanted = index.order(text);
      return own === undefined || wanted === undefined ? 0 : own < wanted ? -1 : 1;
    };
    return {
      clusterId: cluster.id,
      ...(value === undefined ? {} : { value }),
      behind: (text) => index.order(text) !== undefined && this.#isBehind(at(text) < 0, text),
      reached: (text) => at(text) > 0,
    };
  }

  /** Its storage may be there, and what it remembers of it be older. */
  #isBehind(stored: boolean, value: string): MaybeLater<boolean> {
    if (stored && this.#state === 'standby') return true;
    if (this.#running === undefined) return false;
    const known = this.#ha?.caughtUp(value) ?? true;
    return known instanceof Promise ? known.then((caughtUp) => !caughtUp) : !known;
  }

  get #cluster(): ClusterInfo | undefined {
    return this.#clusterInfo;
  }

  set #cluster(info: ClusterInfo | undefined) {
    this.#clusterInfo = info;
    const { metrics } = this.runtime;
    if (metrics !== undefined && info !== undefined) metrics.cluster = info.name;
  }

  // ---- sealed → standby or active

  /** The barrier has been opened: with shares, by itself (`stored`), or in a join. */
  async opened(stored = false): Promise<void> {
    const { physical } = this.#config;
    const told = (): void => {
      this.runtime.log.write('info', 'core', 'vault is unsealed');
      if (stored) this.runtime.log.write('info', 'core', 'unsealed with stored key');
    };
    try {
      await physical.unsealed?.(this.barrier);
    } catch (error) {
      this.#on.seals.sealNode();
      throw error;
    }
    if (physical.ha === undefined) {
      try {
        await this.#migrateSeal();
        await this.foundCluster();
        await this.begin(true);
      } catch (error) {
        this.#on.seals.sealNode();
        throw error;
      }
      told();
      this.#enter('active');
      await this.#tellUnsealed();
      return;
    }
    told();
    this.barrier.readOnly = true;
    this.#enter('standby');
    if (this.#config.registration !== undefined) {
      // Whoever unseals, and whoever asks for anything, waits till it has been said; only then it may become active.
      this.#waiting = this.#tellUnsealed();
      await this.#waiting;
      this.#waiting = undefined;
      if (this.#state !== 'standby') return;
    }
    this.#ha = physical.ha(this);
    await this.#ha.start();
  }

  /** Names the cluster, where it has no name yet. */
  async foundCluster(): Promise<void> {
    this.#cluster = await setUpCluster(this.barrier, this.#config.clusterName, this.runtime);
  }

  /** Post-unseal, as active node or as a standby that serves reads. `duties`: what else an active node begins. */
  async begin(active: boolean, duties?: () => Promise<void>): Promise<void> {
    this.#cache?.purge();
    this.#cache?.setEnabled(true);
    this.barrier.readOnly = !active;
    const office = new Scope(this.#on.life);
    const { runtime, barrier } = this;
    const config = this.#config;
    runtime.log.write('info', 'core', 'post-unseal setup starting');
    if (active) {
      runtime.log.write('debug', 'core', 'standard unseal starting');
      tellNoForwarding(runtime.log, this.#ha?.forwards === true);
    }
    try {
      // What changes while the state is being read has to be noticed, so the work is not all done before.
      await runtime.cpu.spend('core.post-unseal', 0.5);
      const clusterId = () => this.#cluster?.id ?? '';
      const system = this.#on.system();
      const seals = this.#namespaceSeals;
      const index = () => (config.options.indexHeaders ? this.index() : undefined);
      const upgradeKeys = () => (active ? this.#on.seals.upgradeKeys() : Promise.resolve());
      const given = { runtime, config, barrier, active, clusterId, index, system, seals, duties, upgradeKeys };
      const running = await postUnseal(given);
      await runtime.cpu.spend('core.post-unseal', 0.5);
      this.#running = running;
    } catch (error) {
      runtime.log.write('error', 'core', 'post-unseal setup failed', { error });
      office.cancel();
      this.#cache?.setEnabled(false);
      throw error;
    }
    this.#office = office;
    const { seals } = this.#on;
    seals.begin();
    if (seals.seal.auto) watchHealth(runtime, seals.seal.wrapper, office);
    if (!active) {
      runtime.log.write('info', 'core', 'post-unseal setup complete');
      return;
    }
    startKeyChecks(seals, office, config.physical.ha !== undefined);
    await scheduleLeftoverUpgrades(barrier, office);
    if (variableOf(runtime, WITHOUT_LOCAL_ENTITIES) !== '') {
      const env = `BAO_${WITHOUT_LOCAL_ENTITIES}`;
      runtime.log.write('warn', 'core', 'disabling entities for local auth mounts through env var', { env });
    }
    this.runtime.log.write('info', 'core', 'post-unseal setup complete');
  }

  // ---- and back

  /** Pre-seal: everything that runs by itself stops, requests under way fail. */
  async end(running = this.#running, drain?: () => Promise<void>): Promise<void> {
    this.#running = undefined;
    this.#office?.cancel();
    this.#office = undefined;
    const { log } = this.runtime;
    log.write('info', 'core', 'pre-seal teardown starting');
    await drain?.();
    if (this.#config.physical.raft !== undefined) log.write('info', 'core', 'stopping raft active node');
    if (running !== undefined) {
      this.#on.seals.abandon();
      this.#namespaceSeals.abandon();
    }
    log.write('debug', 'core.invalidate-dispatch', 'stop triggered');
    log.write('debug', 'core.invalidate-dispatch', 'finished stopping');
    if (running !== undefined) {
      await running.stop();
      this.#cache?.setEnabled(false);
    }
    log.write('info', 'core', 'pre-seal teardown complete');
  }

  async sealNow(): Promise<void> {
    if (this.closed) return;
    this.#sealing = true;
    const { log } = this.runtime;
    log.write('info', 'core', 'marked as sealed');
    tellNoForwarding(log, this.#ha?.forwards === true);
    const ha = this.#ha;
    this.#ha = undefined;
    const active = this.#state === 'active';
    const stopped = ha?.stop();
    if (active) this.#waiting = stopped;
    await stopped;
    this.#waiting = undefined;
    // An active node has given up its state with the lock.
    if (!active || ha === undefined) await this.end();
    this.#enter('sealed');
    await this.#config.physical.sealing?.();
    log.write('debug', 'core', 'sealing all barriers');
    this.#namespaceSeals.sealAll();
    this.#on.seals.sealNode();
    this.#cluster = undefined;
    this.#cache?.purge();
    this.#sealing = false;
    await this.#config.registration?.sealed(true);
    log.write('info', 'core', 'vault is sealed');
  }

  /**
   * Storage is about to be replaced as a whole: whatever stands on it is taken down, and set up anew. Any node does so
   * when it is asked, and one on which it fails (a standby's raft refuses) seals itself, as upstream.
   */
  async replaceStorage(replace: () => Promise<void>): Promise<void> {
    const { log } = this.runtime;
    try {
      const ha = this.#ha;
      await ha?.changing(async () => {
        const running = this.#running;
        const active = this.#state === 'active';
        await this.#quiet();
        log.write('info', 'core', 'shutting down prior to restoring snapshot');
        await this.end(running, () => Promise.resolve(ha.layDownDuty()));
        log.write('info', 'core', 'applying snapshot');
        await replace();
        this.#cache?.purge();
        await this.#on.seals.refresh();
        log.write('info', 'core', 'running post snapshot restore invalidations');
        await this.begin(active, active ? () => ha.takeUpDuty() : undefined);
      });
    } catch (error) {
      log.write('error', 'core', 'error while restoring raft snapshot', { error });
      await this.sealNow();
    }
  }

  // ---- what high availability asks for

  get apiAddr(): string {
    return this.#config.apiAddr;
  }

  get clusterAddr(): string {
    return this.#config.clusterAddr;
  }

  get version(): string {
    return this.#config.settings.version;
  }

  get http(): HttpHandler {
    return this.#on.http();
  }

  async becomeActive(advertise: () => Promise<void>, duties: () => Promise<void>): Promise<void> {
    await this.end();
    this.barrier.readOnly = false;
    this.#cache?.purge();
    try {
      await this.#on.seals.refresh();
    } catch (error) {
      throw new KeyUpgradesFailed(error);
    }
    await this.#migrateSeal();
    await this.foundCluster();
    await advertise();
    await this.begin(true, duties);
    await this.#config.registration?.active(true);
    this.#enter('active');
  }

  async becomeStandby({ first, drain, last }: LeavingOffice): Promise<void> {
    const running = this.#running;
    await this.#quiet();
    this.#enter('standby');
    // Nothing is taken down before it has been said, or given up.
    await this.#config.registration?.active(false);
    await first?.();
    await this.end(running, drain);
    await last?.();
    this.barrier.readOnly = true;
  }

  purge(): void {
    this.#cache?.purge();
  }

  async enableReads(): Promise<void> {
    await this.end();
    this.runtime.log.write('info', 'core', 'entering read-enabled standby mode');
    await this.begin(false);
    this.runtime.trace({ kind: 'node.reads', enabled: true });
  }

  async disableReads(): Promise<void> {
    await this.end();
    this.runtime.trace({ kind: 'node.reads', enabled: false });
  }

  async invalidate(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#cache?.invalidate(key);
    if (this.#running !== undefined) await invalidateKeys(keys, this.#running);
  }

  /** Of the namespaces with a seal of their own. */
  namespaceKeys(): NamespaceKeys {
    return this.#namespaceSeals.rootKeys();
  }

  async takeNamespaceKeys(keys: NamespaceKeys): Promise<void> {
    this.#namespaceSeals.keep(keys);
    await this.#running?.namespaces.opened();
  }

  // ---- inside

  /** A node that cannot change the seal has nothing to serve with, and seals itself. */
  async #migrateSeal(): Promise<void> {
    try {
      await this.#on.seals.migrate();
    } catch (error) {
      this.runtime.log.write('error', 'core', 'root seal migration error', { error });
      // Not before whoever is making this node the active one has heard of it.
      this.runtime.clock.after(0, () => void this.sealNow());
      throw error;
    }
  }

  async #tellUnsealed(): Promise<void> {
    const { registration } = this.#config;
    await Promise.all([registration?.sealed(false), registration?.initialised()]);
  }

  /** As behind upstream's state lock: nothing new begins, and what is under way may end, within its longest time. */
  async #quiet(): Promise<void> {
    this.#running = undefined;
    const patience = new Scope();
    await Promise.race([this.#on.inFlight.idle(), pause(this.runtime.clock, maxRequestDuration, patience)]);
    patience.cancel();
  }

  #enter(state: State): void {
    if (this.#state === state) return;
    if (this.#state === 'active' && this.#config.physical.ha !== undefined) {
      this.runtime.metrics?.since('vault.core.leadership_lost', this.#activeSince);
    }
    if (state === 'active') this.#activeSince = this.runtime.clock.monotonic();
    this.#state = state;
    this.runtime.trace({ kind: 'node.state', state });
  }
}
