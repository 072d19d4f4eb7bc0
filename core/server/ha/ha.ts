/**
 * When a node is active: it contends for the lock, does its term of office, and in between knows who is active
 * instead, forwards to it, and serves reads (facts §3). The order of steps and the pauses are upstream's 2.7.
 */
import type { JsonValue } from '../../codec/json.ts';
import type { IndexState, MaybeLater } from '../../http/api.ts';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { type Micros, MILLISECOND, SECOND } from '../../runtime.ts';
import { Scope } from '../../scope.ts';
import { checkUpgrade, upgradeCheckInterval } from '../../storage/barrier/rotation.ts';
import { Permits } from '../../storage/permits.ts';
import { every, pause } from '../../ticker.ts';
import { readClusterInfo } from '../cluster-info.ts';
import { type Ha, type HaLeader, type HaNode, KeyUpgradesFailed } from '../ha-port.ts';
import { LOCK_PATH, makeClusterIdentity } from './advertisement.ts';
import type { EchoCall } from './calls.ts';
import { type ClusterListener, LISTENER_DEADLINE } from './cluster-listener.ts';
import { ForwardingServer } from './forwarding-server.ts';
import { Invalidations } from './invalidations.ts';
import { LeaderFinder } from './leader-finder.ts';
import { type HaLock, Leadership, lockBackoff } from './leadership.ts';
import { HaPeers } from './peers.ts';
import { alone, feedOf, listening, type SharedStorage } from './shared-storage.ts';
import { StandbyReads } from './standby-reads.ts';
import { ToldChanges } from './told-changes.ts';

const LEADER_REFRESH: Micros = 2500 * MILLISECOND;
const STEP_DOWN_PAUSE: Micros = 10 * SECOND;

/** As the log calls them. */
const LOOPS = [
  'periodic keyring upgrade checker',
  'periodic leader refresh',
  'periodic metrics',
  'read-enabled standby handler',
  'leader elections',
];

export interface HaOptions {
  readonly listener: ClusterListener;
  lockWith(key: string, value: string): HaLock;
  readonly hostname: string;
  readonly standbyReads: boolean;
  /** Undefined where the storage itself calls `changed`. */
  readonly shared?: SharedStorage;
  /** What this standby says of itself every 5 s. */
  echo(): Pick<EchoCall, 'nodeId' | 'appliedIndex' | 'term' | 'desiredSuffrage'>;
  /** A standby said it. */
  heard(echo: EchoCall): void;
  /** What else the active node does, until `scope` ends (autopilot, TLS rotation). */
  activeDuty(scope: Scope): Promise<void>;
  /** Undefined where the storage has none. */
  indexes(): { readonly committed: number; readonly applied: number } | undefined;
}

interface Office {
  readonly uuid: string;
  /** Wall. */
  readonly since: Micros;
}

export class HighAvailability implements Ha {
  readonly #node: HaNode;
  readonly #options: HaOptions;
  readonly #stop = new Scope();
  readonly #changes = new Permits(1);
  readonly #peers: HaPeers;
  readonly #server: ForwardingServer;
  readonly #finder: LeaderFinder;
  readonly #invalidations: Invalidations;
  readonly #reads: StandbyReads;
  readonly #told: ToldChanges | undefined;
  #loops: Promise<unknown> = Promise.resolve();
  #office: Office | undefined;
  /** Of what an active node does besides. */
  #duty: Scope | undefined;
  #stepDown: (() => void) | undefined;
  #steppedDown = false;
  #clusterId: string | undefined;

  constructor(node: HaNode, options: HaOptions) {
    this.#node = node;
    this.#options = options;
    const { runtime } = node;
    this.#peers = new HaPeers(runtime.clock);
    const heard = (echo: EchoCall): void => {
      this.#peers.heard(echo);
      options.heard(echo);
    };
    const { shared } = options;
    const feed = shared && feedOf(runtime, shared);
    this.#server = new ForwardingServer(runtime, options.listener, node.http, heard, node, feed);
    this.#finder = new LeaderFinder(
      node,
      options.listener,
      () => options.lockWith(LOCK_PATH, 'read').value(),
      () => ({
        ...options.echo(),
        clusterAddress: node.clusterAddr,
        apiAddress: node.apiAddr,
        hostname: options.hostname,
        version: node.version,
        upgradeVersion: this.#upgradeVersion,
      }),
      shared !== undefined,
    );
    this.#invalidations = new Invalidations(
      runtime,
      (keys) => this.#invalidate(keys),
      () => this.#reads.restart(),
    );
    this.#told = shared && new ToldChanges(runtime, shared.index, this.#invalidations, () => this.#reads.restart());
    this.#reads = new StandbyReads(
      node,
      this.#changes,
      this.#invalidations,
      this.#stop,
      this.#told && listening(this.#finder, this.#told),
    );
  }

  start(): Promise<void> {
    const { runtime } = this.#node;
    this.#invalidations.enable(true);
    const failed = (what: string) => (error: unknown) => runtime.log.write('debug', 'core', what, { error });
    every(
      runtime.clock,
      LEADER_REFRESH,
      this.#stop,
      async () => {
        if (this.#office === undefined) await this.#finder.refresh();
        if (this.#clusterId === undefined) await this.#learnClusterId();
      },
      failed('periodicLeaderRefresh fail to fetch leader info'),
    );
    every(
      runtime.clock,
      upgradeCheckInterval,
      this.#stop,
      () => this.#checkUpgrade(),
      failed('root keyring rotation periodic upgrade check failed'),
    );
    this.#learnClusterId().catch(failed('cluster information cannot be read yet'));
    const reads = this.#options.standbyReads ? this.#reads.run() : undefined;
    this.#loops = Promise.all([this.#leadershipLoop(), reads]);
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    const { log } = this.#node.runtime;
    log.write('debug', 'core', 'finished triggering haLoopCh for runHALoop');
    for (const loop of LOOPS) log.write('debug', 'core', `shutting down ${loop}`);
    const active = this.#office !== undefined;
    this.#stop.cancel(new Error('core shutting down'));
    await this.#loops;
    if (!active) this.#tellStopped();
    this.#invalidations.enable(false);
    this.#finder.close();
    this.#server.close();
  }

  get forwards(): boolean {
    return this.#finder.forwards;
  }

  #tellStopped(): void {
    const { log } = this.#node.runtime;
    log.write('debug', 'core', 'stop channel triggered in runHALoop');
    log.write('info', 'core', 'runHALoop stopped');
    log.write('debug', 'core', 'runHALoop done');
  }

  stepDown(): Promise<void> {
    if (this.#stepDown === undefined) {
      this.#node.runtime.log.write('warn', 'core', 'manual step-down operation already queued');
    }
    this.#stepDown?.();
    return Promise.resolve();
  }

  async changing(work: () => Promise<void>): Promise<void> {
    await this.#changes.acquire();
    try {
      await work();
    } finally {
      this.#changes.release();
    }
  }

  async takeUpDuty(): Promise<void> {
    this.#duty = new Scope();
    await this.#options.activeDuty(this.#duty);
    this.#server.tellSetUp();
  }

  layDownDuty(): void {
    this.#duty?.cancel();
    this.#duty = undefined;
  }

  settled(): Promise<void> | undefined {
    const turn = this.#changes.acquire();
    if (turn !== undefined) return turn.then(() => this.#changes.release());
    this.#changes.release();
    return undefined;
  }

  async leader(): Promise<HaLeader> {
    // Who asks during a change hears what came of it.
    await this.settled();
    const indexes = this.#options.indexes();
    const raft =
      indexes === undefined ? {} : { raftCommittedIndex: indexes.committed, raftAppliedIndex: indexes.applied };
    if (this.#office !== undefined) {
      const { apiAddr, clusterAddr } = this.#node;
      return { isSelf: true, activeSince: this.#office.since, apiAddr, clusterAddr, ...raft };
    }
    const known = await this.#finder.find();
    if (known === undefined) return { isSelf: false, ...raft };
    return { isSelf: false, apiAddr: known.apiAddress, clusterAddr: known.clusterAddress, ...raft };
  }

  status(): Promise<JsonValue[]> {
    const { apiAddr, clusterAddr, version } = this.#node;
    const { hostname } = this.#options;
    const upgradeVersion = this.#upgradeVersion;
    const self = { hostname, apiAddress: apiAddr, clusterAddress: clusterAddr, version, upgradeVersion };
    return Promise.resolve(this.#peers.status(self));
  }

  async forward(request: HttpRequest): Promise<HttpResponse | undefined> {
    // It became the active node itself meanwhile.
    if (this.#office !== undefined) return this.#node.http(request);
    const { client } = this.#finder;
    if (client === undefined) return undefined;
    try {
      return await client.forward(request);
    } catch (error) {
      this.#node.runtime.log.write('error', 'core', 'error during forwarded RPC request', { error });
      return undefined;
    }
  }

  index(): IndexState | undefined {
    const indexes = this.#options.indexes();
    if (indexes === undefined || this.#clusterId === undefined) return undefined;
    return {
      clusterId: this.#clusterId,
      value: String(indexes.applied),
      behind: (value) => this.#office === undefined && isUint64(value) && indexes.applied < Number(value),
      reached: (value) => isUint64(value) && indexes.applied >= Number(value),
    };
  }

  caughtUp(value: string): MaybeLater<boolean> {
    const { shared } = this.#options;
    if (shared === undefined || this.#told === undefined) return true;
    // Who does not know yet that another one is active remembers what was before.
    return this.#office === undefined ? this.#told.caughtUp(value) : alone(shared);
  }

  /** Only raft upgrades itself. */
  get #upgradeVersion(): string {
    return this.#options.echo().nodeId === '' ? '' : this.#node.version;
  }

  get performanceMode(): string {
    return this.#office === undefined ? this.#finder.performanceMode : 'primary';
  }

  /** The state machine below applied a batch that did not come from here. */
  changed(keys: readonly string[], index: number): void {
    this.#invalidations.add(keys, index);
  }

  /** The whole state was replaced by the leader's snapshot. */
  replaced(): void {
    this.#node.purge();
    this.#reads.restart();
  }

  // --- the term of office

  async #leadershipLoop(): Promise<void> {
    const { clock, random } = this.#node.runtime;
    const backoff = lockBackoff(random);
    while (!this.#stop.cancelled) {
      if (this.#steppedDown) {
        // It could take the lock again at once: the others get a chance first.
        await pause(clock, STEP_DOWN_PAUSE, this.#stop);
        this.#steppedDown = false;
      }
      const served = await this.#term();
      if (served) backoff.reset();
      else await pause(clock, backoff.next(), this.#stop);
    }
  }

  /** From contending to having let go. False when it came to nothing. */
  async #term(): Promise<boolean> {
    const { runtime } = this.#node;
    const leadership = new Leadership(this.#node, (key, value) => this.#options.lockWith(key, value));
    runtime.log.write('info', 'core', 'attempting leadership lock acquisition');
    const lost = await leadership.acquire(this.#stop);
    if (lost === undefined) return true;
    runtime.log.write('info', 'core', 'acquired lock, enabling active operation');
    this.#reads.allow(false);
    const office = new Scope();
    try {
      if (!(await this.#takeOffice(leadership, lost, office))) return false;
      const why = await this.#untilOver(lost);
      if (why === 'stepped down') this.#steppedDown = true;
      await this.#leaveOffice(leadership, office, why === 'stopped');
      return true;
    } finally {
      office.cancel();
      this.#reads.allow(true);
      if (!this.#stop.cancelled) this.#tellDone();
    }
  }

  #tellDone(): void {
    this.#node.runtime.log.write('info', 'core', 'done with active loop iteration');
  }

  async #takeOffice(leadership: Leadership, lost: Scope, office: Scope): Promise<boolean> {
    const { runtime } = this.#node;
    await this.#changes.acquire();
    try {
      this.#reads.restart();
      this.#invalidations.enable(false);
      const identity = makeClusterIdentity(runtime);
      await runtime.cpu.spend('cluster.certificate');
      const advertise = () => leadership.advertise(identity, lost);
      office.onCancel(() => this.layDownDuty());
      await this.#node.becomeActive(advertise, async () => {
        this.#finder.close();
        this.#peers.clear();
        await this.takeUpDuty();
      });
      this.#server.start(identity);
      this.#office = { uuid: leadership.uuid, since: runtime.clock.wall() };
      await this.#learnClusterId();
      return true;
    } catch (error) {
      const keys = error instanceof KeyUpgradesFailed;
      runtime.log.write('error', 'core', keys ? 'error performing key upgrades' : 'post-unseal setup failed', {
        error,
      });
      // Not waited for: sealing waits for this loop.
      if (keys) void this.#node.sealNow();
      this.#invalidations.enable(true);
      await leadership.unlock();
      if (keys) await this.#otherLoopsEnd();
      return false;
    } finally {
      this.#changes.release();
    }
  }

  #untilOver(lost: Scope): Promise<'lost' | 'stopped' | 'stepped down'> {
    const { log } = this.#node.runtime;
    return new Promise((resolve) => {
      const unwatch = lost.onCancel(() => {
        log.write('warn', 'core', 'leadership lost, stopping active operation');
        resolve('lost');
      });
      this.#stop.onCancel(() => resolve('stopped'));
      this.#stepDown = () => {
        this.#stepDown = undefined;
        unwatch();
        log.write('warn', 'core', 'stepping down from active operation to standby');
        resolve('stepped down');
      };
    });
  }

  async #leaveOffice(leadership: Leadership, office: Scope, sealing: boolean): Promise<void> {
    const { runtime } = this.#node;
    const letGo = () => leadership.letGo();
    this.#stepDown = undefined;
    await this.#changes.acquire();
    try {
      this.#office = undefined;
      await this.#node.becomeStandby({
        ...(sealing ? { first: () => this.#letGoFirst(office, letGo) } : { last: letGo }),
        drain: async () => {
          office.cancel();
          this.#server.stopAccepting();
          // Upstream gives running calls that long, whether there are any or not.
          await runtime.clock.sleep(LISTENER_DEADLINE);
          this.#server.close();
        },
      });
    } finally {
      this.#invalidations.enable(true);
      // What was written by others since leadership was lost was not noted.
      this.#node.purge();
      this.#changes.release();
    }
  }

  /** Who seals lets go before the teardown, and its raft helps the next leader while the other loops come to their end. */
  async #letGoFirst(office: Scope, letGo: () => Promise<void>): Promise<void> {
    office.cancel();
    await letGo();
    this.#tellDone();
    await this.#otherLoopsEnd();
    this.#tellStopped();
  }

  /** The one of standby reads looks about once a second. */
  async #otherLoopsEnd(): Promise<void> {
    const { clock, random } = this.#node.runtime;
    if (this.#options.standbyReads) await clock.sleep(random.below(SECOND));
  }

  // --- standby

  async #invalidate(keys: readonly string[]): Promise<void> {
    await this.#node.invalidate(keys);
    for (const key of keys) this.#finder.changed(key);
    if (keys.some((key) => key.startsWith('core/upgrade/'))) await this.#checkUpgrade();
  }

  async #checkUpgrade(): Promise<void> {
    if (this.#office !== undefined) return;
    for (;;) {
      const term = await checkUpgrade(this.#node.barrier);
      if (term === undefined) return;
      this.#node.runtime.log.write('info', 'core', 'upgraded to new key term', { term });
    }
  }

  async #learnClusterId(): Promise<void> {
    this.#clusterId = (await readClusterInfo(this.#node.barrier))?.id ?? this.#clusterId;
  }
}

const isUint64 = (text: string): boolean => /^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n;
