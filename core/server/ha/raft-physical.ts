/** Integrated storage with all that belongs to it: the cluster port, raft, high availability, autopilot. */
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import { RaftNode, RaftStorage } from '../../raft/node.ts';
import type { StreamLayer } from '../../raft/types.ts';
import { type Micros, MILLISECOND, type Runtime, SECOND } from '../../runtime.ts';
import { Scope } from '../../scope.ts';
import { every } from '../../ticker.ts';
import type { Barrier } from '../../storage/barrier/barrier.ts';
import { Autopilot } from '../../storage/raft/autopilot.ts';
import {
  AUTOPILOT_CONFIG_PATH,
  defaultAutopilotConfig,
  parseAutopilotConfig,
} from '../../storage/raft/autopilot-config.ts';
import { RaftBackend, type Peer } from '../../storage/raft/backend.ts';
import { FollowerStates } from '../../storage/raft/followers.ts';
import type { Compaction } from '../../storage/raft/state.ts';
import {
  RAFT_TLS_PATH,
  type TlsKeyring,
  identitiesOf,
  makeTlsKeyring,
  parseTlsKeyring,
  printTlsKeyring,
} from '../../storage/raft/tls.ts';
import type { JoinOptions, Physical } from '../config.ts';
import { variableOf } from '../configuration/variable.ts';
import type { Ha, HaNode } from '../ha-port.ts';
import { parseBlob, serialiseBlob } from '../seal/blob.ts';
import { ClusterListener, RAFT_PROTOCOL } from './cluster-listener.ts';
import { LEADER_PREFIX, parseAdvertisement } from './advertisement.ts';
import { HighAvailability } from './ha.ts';
import { type JoiningNode, type JoinRequest, type LeaderContact, join, joinUnsealed, retryJoin } from './raft-join.ts';
import { RaftOperations } from './raft-control.ts';
import type { SharedStorage } from './shared-storage.ts';
import { startTlsRotation } from './tls-rotation.ts';

const LEADER_POLL: Micros = 10 * MILLISECOND;
/** How often a node whose log does not have them looks for new keys of raft's peers. */
const TLS_LOOK: Micros = 10 * SECOND;

/** How large files grow before they begin anew. */
export interface FileSizes {
  /** Of a segment of the log, in bytes. */
  readonly logSegment: number;
  readonly state: Compaction;
}

export interface RaftPhysicalOptions {
  /** Raft's folder on the node's disk: '' or with a trailing '/'. */
  readonly path: string;
  readonly nodeId: string;
  /** host:port that this node is known by. */
  readonly clusterAddress: string;
  /** host:port that it listens on, where those are others. */
  readonly listenAddresses?: readonly string[];
  readonly performanceMultiplier: number;
  readonly trailingLogs: number;
  readonly snapshotThreshold: number;
  readonly snapshotInterval: Micros;
  readonly maxEntryBytes?: number;
  readonly maxTransactionBytes?: number;
  /** How often a commit to raft's log syncs: bbolt does so twice, one is enough for ours (the default). */
  readonly logSyncs?: number;
  /** Applied data and their index share one sync; upstream's bbolt makes four of it (the default). */
  readonly syncOnce?: boolean;
  /** Large ones, unless somebody is in a hurry to see what comes after. */
  readonly files?: FileSizes;
  readonly autopilotUpdateInterval?: Micros;
  readonly autopilotReconcileInterval?: Micros;
  readonly standbyReads: boolean;
  /** The nodes' data are elsewhere. */
  readonly haOnly?: boolean;
  readonly hostname: string;
  readonly version: string;
  /** How a joining node reaches the leader's API; without it nobody is reached. */
  readonly put?: JoinRequest['put'];
  /** Upstream panics: the process must end. */
  readonly panic?: (message: string) => void;
}

/** Upstream's values where the configuration says nothing. */
export const raftDefaults = {
  performanceMultiplier: 5,
  trailingLogs: 10_240,
  snapshotThreshold: 8192,
  snapshotInterval: 120_000_000,
} as const;

/** The node that stands on this storage, as far as the storage needs it. */
export interface RaftHost extends JoiningNode {
  readonly barrier: Barrier;
  /** Does it with the node taken down, and sets the node up again; never rejects. */
  replaceStorage(replace: () => Promise<void>): Promise<void>;
}

export class RaftPhysical implements Physical {
  readonly type = 'raft';
  readonly storage: RaftBackend;
  readonly raft: RaftOperations;
  readonly listener: ClusterListener;
  readonly #runtime: Runtime;
  readonly #options: RaftPhysicalOptions;
  readonly #followers: FollowerStates;
  readonly #autopilot: Autopilot;
  #ha: HighAvailability | undefined;
  #host: RaftHost | undefined;
  /** Until the process ends. */
  readonly #life = new Scope();
  #unsealed = new Scope();

  private constructor(runtime: Runtime, options: RaftPhysicalOptions, storage: RaftBackend) {
    this.#runtime = runtime;
    this.#options = options;
    this.storage = storage;
    this.listener = new ClusterListener(runtime, options.listenAddresses ?? [options.clusterAddress]);
    this.#followers = new FollowerStates(runtime.clock);
    this.#autopilot = new Autopilot(runtime, storage, this.#followers, {
      version: options.version,
      ...(options.autopilotUpdateInterval === undefined ? {} : { updateInterval: options.autopilotUpdateInterval }),
      ...(options.autopilotReconcileInterval === undefined
        ? {}
        : { reconcileInterval: options.autopilotReconcileInterval }),
      disabled: variableOf(runtime, 'RAFT_AUTOPILOT_DISABLE') !== '',
    });
    this.raft = new RaftOperations({
      runtime,
      backend: storage,
      autopilot: this.#autopilot,
      barrier: () => this.host.barrier,
      replaceStorage: (replace) => this.host.replaceStorage(replace),
      sealer: () => {
        const { wrapper } = this.host.seals.seal;
        return {
          seal: async (plaintext) => serialiseBlob(await wrapper.encrypt(plaintext)),
          open: (sealed) => wrapper.decrypt(parseBlob(sealed)),
        };
      },
    });
  }

  /** Opens what the disk has. Rejects with CorruptState or CorruptLog. */
  static async open(runtime: Runtime, options: RaftPhysicalOptions): Promise<RaftPhysical> {
    const files = new RaftStorage(runtime, `${options.path}raft`, {
      syncs: options.logSyncs ?? 1,
      ...(options.files && { segmentSize: options.files.logSegment }),
    });
    // As upstream, a log that cannot be read is found when the server starts, not when it is unsealed.
    await files.open();
    let founding = false;
    const storage = await RaftBackend.open(runtime, {
      path: options.path,
      nodeId: options.nodeId,
      ...(options.syncOnce === undefined ? {} : { syncOnce: options.syncOnce }),
      ...(options.files && { compaction: options.files.state }),
      ...(options.maxEntryBytes === undefined ? {} : { maxEntryBytes: options.maxEntryBytes }),
      ...(options.maxTransactionBytes === undefined ? {} : { maxTransactionBytes: options.maxTransactionBytes }),
      files: {
        hasState: () => files.hasState(),
        recover: (configuration, fsm) => files.recover(configuration, fsm),
        bootstrap: async (configuration) => {
          await files.bootstrap(configuration);
          founding = configuration.servers.length === 1;
        },
        start: async ({ address, fsm, streams }) => {
          const node = await RaftNode.start(runtime, files, {
            id: options.nodeId,
            address,
            fsm,
            streams,
            performanceMultiplier: options.performanceMultiplier,
            trailingLogs: options.trailingLogs,
            snapshotThreshold: options.snapshotThreshold,
            snapshotInterval: options.snapshotInterval,
            ...(founding ? { startFactor: 1 } : {}),
          });
          founding = false;
          if (options.panic !== undefined) node.onPanic(options.panic);
          return node;
        },
      },
      hooks: {
        changed: (keys, index) => {
          if (keys.includes(RAFT_TLS_PATH)) void physical.#identify();
          if (!physical.#haOnly) physical.#ha?.changed(keys, index);
        },
        replaced: () => physical.#replaced(),
        restoreCallback: () => physical.#replaced(),
      },
    });
    const physical: RaftPhysical = new RaftPhysical(runtime, options, storage);
    return physical;
  }

  /** Once, when the node has been made. */
  attach(host: RaftHost): void {
    this.#host = host;
  }

  get host(): RaftHost {
    if (this.#host === undefined) throw new Error('raft storage is not attached to a node');
    return this.#host;
  }

  get #haOnly(): boolean {
    return this.#options.haOnly === true;
  }

  readonly ha = (node: HaNode): Ha => this.haOver(node);

  /** `shared`: where the data are, when they are elsewhere and the nodes share them. */
  haOver(node: HaNode, shared?: SharedStorage): Ha {
    const { storage } = this;
    const ha = new HighAvailability(node, {
      listener: this.listener,
      lockWith: (key, value) => storage.lockWith(key, value),
      hostname: this.#options.hostname,
      standbyReads: this.#options.standbyReads && (!this.#haOnly || shared !== undefined),
      ...(shared && { shared }),
      echo: () => ({
        nodeId: this.#options.nodeId,
        appliedIndex: storage.appliedIndex(),
        term: storage.fsm.applied().term,
        desiredSuffrage: storage.fsm.desiredSuffrage(),
      }),
      heard: (echo) => {
        if (echo.appliedIndex > 0 && echo.nodeId !== '') this.#followers.update(echo);
      },
      activeDuty: (scope) => this.#activeDuty(node.barrier, scope),
      indexes: () =>
        this.#haOnly ? undefined : { committed: storage.committedIndex(), applied: storage.appliedIndex() },
    });
    this.#ha = ha;
    return ha;
  }

  get #self(): Peer {
    const { nodeId, clusterAddress } = this.#options;
    return { id: nodeId, address: clusterAddress, suffrage: 'voter' };
  }

  /** This node alone is the cluster. Resolves when it leads. */
  async bootstrap(): Promise<void> {
    const { log } = this.#runtime;
    log.write('debug', 'core', 'bootstrapping raft backend');
    await this.storage.bootstrap([this.#self]);
    // Nobody is to be reached before it is unsealed; it is known by its name alone.
    await this.storage.start(this.#options.nodeId, noStreams);
    await this.#leading();
    log.write('debug', 'core', 'finished bootstrapping raft backend');
  }

  async recover(): Promise<void> {
    await this.storage.recover(this.#self);
    await this.storage.start(this.#options.clusterAddress, this.listener.streams(RAFT_PROTOCOL));
    await this.#leading();
  }

  async #leading(): Promise<void> {
    while (!this.storage.raft.isLeader()) await this.#runtime.clock.sleep(LEADER_POLL);
  }

  /** The leader let this node in: it knows its peers and what they prove themselves with, and takes part. */
  async join(peers: readonly Peer[], keyring: TlsKeyring, nonVoter: boolean): Promise<void> {
    this.listener.identify(RAFT_PROTOCOL, identitiesOf(keyring));
    await this.storage.bootstrap(peers);
    await this.storage.fsm.setDesiredSuffrage(nonVoter ? 'non-voter' : 'voter');
    await this.run();
  }

  /** `sys/storage/raft/join`: whether it is a member now. Rejects when the leader does not let it in. */
  async joinThrough(leader: LeaderContact, { nonVoter, retry }: JoinOptions): Promise<boolean> {
    if (await this.storage.hasState()) return true;
    if (retry) {
      void this.retryJoin([leader], nonVoter);
      return false;
    }
    return this.#joined(join(this.host, this, this.#joinRequest([leader], nonVoter), this.#life));
  }

  /** An unsealed node finds in the data, which the nodes share, who is active. */
  async joinActive(nonVoter: boolean): Promise<boolean> {
    const { barrier, seals } = this.host;
    const leaders: LeaderContact[] = [];
    for (const uuid of await barrier.list(LEADER_PREFIX)) {
      const stored = await barrier.get(LEADER_PREFIX + uuid);
      if (stored !== undefined) leaders.push({ address: parseAdvertisement(stored).apiAddress });
    }
    return this.#joined(joinUnsealed(seals, this, this.#joinRequest(leaders, nonVoter), this.#runtime.log));
  }

  async #joined(joining: Promise<void>): Promise<boolean> {
    try {
      await joining;
      return true;
    } catch (error) {
      this.#runtime.log.write('error', 'core', 'failed to join raft cluster', { error });
      throw failure(`failed to join raft cluster: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** `retry_join`, until it is a member. */
  retryJoin(leaders: readonly LeaderContact[], nonVoter: boolean): Promise<void> {
    return retryJoin(this.host, this, this.#joinRequest(leaders, nonVoter), this.#life);
  }

  #joinRequest(leaders: readonly LeaderContact[], nonVoter: boolean): JoinRequest {
    const { nodeId, clusterAddress, put } = this.#options;
    return { leaders, nodeId, clusterAddress, nonVoter, put: put ?? nobody };
  }

  async initialised(barrier: Barrier): Promise<void> {
    await barrier.put(RAFT_TLS_PATH, encodeUtf8(printTlsKeyring(makeTlsKeyring(this.#runtime))));
    try {
      await this.storage.raft.transferLeadership();
    } catch (error) {
      this.#runtime.log.write('error', 'core', 'failed to unlock initialization lock', { error });
    }
    // Unsealing starts it anew, then with its peers' transport.
    await this.storage.stop();
  }

  async unsealed(): Promise<void> {
    await this.#identify();
    await this.run();
    this.#unsealed = new Scope(this.#life);
    const nothing = (): void => undefined;
    if (this.#haOnly) every(this.#runtime.clock, TLS_LOOK, this.#unsealed, () => this.#identify(), nothing);
  }

  #replaced(): void {
    void this.#identify();
    this.#ha?.replaced();
  }

  /** Reads what the nodes prove themselves with; while the barrier is closed, what was known last stays. */
  async #identify(): Promise<void> {
    if (this.#runtime.network.tls === undefined || this.host.barrier.sealed) return;
    try {
      const stored = await this.host.barrier.get(RAFT_TLS_PATH);
      if (stored !== undefined) this.listener.identify(RAFT_PROTOCOL, identitiesOf(parseTlsKeyring(stored)));
    } catch (error) {
      this.#runtime.log.write('error', 'core.raft', 'error reading raft TLS keyring', { error });
    }
  }

  async sealing(): Promise<void> {
    this.#ha = undefined;
    this.#unsealed.cancel();
    if (this.storage.running) {
      const error = 'Raft RPC layer closed';
      this.#runtime.log.write('error', 'storage.raft.raft-net', 'failed to accept connection', { error });
    }
    await this.storage.stop();
    this.listener.stop();
  }

  /** The process ends: also what runs on a sealed node. */
  async close(): Promise<void> {
    this.#life.cancel();
    await this.sealing();
  }

  /** At the start of the process: listens. Raft runs from the unsealing on, but for a node that came down while it joined. */
  async resume(): Promise<void> {
    const joining = (await this.storage.hasState()) && (await this.storage.get('core/keyring')) === undefined;
    if (joining) await this.run();
    else this.listener.start();
  }

  /** Listens, and runs raft if there is anything to run; again is no error. */
  async run(): Promise<void> {
    this.listener.start();
    if (this.storage.running || !(await this.storage.hasState())) return;
    await this.storage.start(this.#options.clusterAddress, this.listener.streams(RAFT_PROTOCOL));
  }

  async #activeDuty(barrier: Barrier, scope: Scope): Promise<void> {
    this.#runtime.log.write('info', 'core', 'starting raft active node');
    const stored = await barrier.get(AUTOPILOT_CONFIG_PATH);
    this.#autopilot.start(stored === undefined ? defaultAutopilotConfig : parseAutopilotConfig(stored), scope);
    const followers = this.#followers;
    const appliedIndex = (): number => this.storage.appliedIndex();
    startTlsRotation({ runtime: this.#runtime, barrier, followers, appliedIndex }, scope);
  }
}

const nobody = (): Promise<never> => Promise.reject(failure('no way to the leader'));

/** A cluster of one speaks to nobody. */
const noStreams: StreamLayer = { dial: nobody, accept: () => undefined };
