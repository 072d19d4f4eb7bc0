/**
 * What the leader does for its cluster by itself: it judges every server's health, gives stable ones a vote, and
 * removes dead ones when told to (hashicorp/raft-autopilot as OpenBao configures it; facts §2.7).
 */
import { shownDuration } from '../../codec/log-text.ts';
import { jsonObject, parseObject, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import type { Server } from '../../raft/types.ts';
import { type Micros, type Runtime, SECOND } from '../../runtime.ts';
import type { Scope } from '../../scope.ts';
import { every } from '../../ticker.ts';
import { type AutopilotConfig, defaultAutopilotConfig, shownConfig } from './autopilot-config.ts';
import type { RaftBackend } from './backend.ts';
import type { FollowerStates } from './followers.ts';

export const UPDATE_INTERVAL = 2 * SECOND;
export const RECONCILE_INTERVAL = 10 * SECOND;
const DEAD_CHECK_INTERVAL = SECOND;
const NON_VOTERS_PATH = 'autopilot/non-voters';

export interface ServerState {
  readonly id: string;
  readonly address: string;
  readonly nodeStatus: 'alive' | 'left' | 'unknown';
  readonly lastContact: Micros;
  readonly lastTerm: number;
  readonly lastIndex: number;
  readonly healthy: boolean;
  /** Wall, for showing. */
  readonly stableSince: Micros;
  /** Monotonic, for reckoning. */
  readonly stableFrom: Micros;
  readonly status: 'leader' | 'voter' | 'non-voter';
  readonly version: string;
  readonly nodeType: 'voter' | 'non-voter';
}

export interface AutopilotState {
  readonly healthy: boolean;
  readonly failureTolerance: number;
  readonly leader: string;
  readonly servers: ReadonlyMap<string, ServerState>;
  readonly voters: readonly string[];
}

export interface AutopilotOptions {
  readonly version: string;
  readonly updateInterval?: Micros;
  readonly reconcileInterval?: Micros;
  /** Nobody judges, and what others ask for is done to raft itself at once. */
  readonly disabled?: boolean;
}

export class Autopilot {
  readonly #runtime: Runtime;
  readonly #backend: RaftBackend;
  readonly #followers: FollowerStates;
  readonly #options: AutopilotOptions;
  readonly #removing = new Set<string>();
  #config: AutopilotConfig = defaultAutopilotConfig;
  #nonVoters = new Set<string>();
  #servers = new Map<string, ServerState>();
  #startedAt: Micros = 0;
  #running = false;

  constructor(runtime: Runtime, backend: RaftBackend, followers: FollowerStates, options: AutopilotOptions) {
    this.#runtime = runtime;
    this.#backend = backend;
    this.#followers = followers;
    this.#options = options;
  }

  get disabled(): boolean {
    return this.#options.disabled === true;
  }

  get config(): AutopilotConfig {
    return this.#config;
  }

  setConfig(config: AutopilotConfig): void {
    this.#config = config;
    this.#runtime.log.write('info', 'storage.raft', 'updated autopilot configuration', { config: shownConfig(config) });
  }

  /** On the active node, until `scope` ends. */
  start(config: AutopilotConfig, scope: Scope): void {
    this.#config = config;
    this.#servers.clear();
    const { configuration } = this.#backend.raft.configuration();
    this.#followers.reset(configuration.servers.map(({ id }) => id).filter((id) => id !== this.#backend.nodeId));
    const { clock } = this.#runtime;
    if (this.disabled) return this.#runtime.log.write('info', 'storage.raft', 'disabling autopilot');
    this.#runtime.log.write('info', 'storage.raft', 'starting autopilot', {
      config: shownConfig(config),
      reconcile_interval: shownDuration(this.#options.reconcileInterval ?? 0),
    });
    this.#running = true;
    const told = (message: string): void => this.#runtime.log.write('debug', 'storage.raft.autopilot', message);
    told('autopilot is now running');
    told('state update routine is now running');
    scope.onCancel(() => {
      this.#running = false;
      told('state update routine is now stopped');
      told('autopilot is now stopped');
    });
    this.#startedAt = clock.monotonic();
    const failed = (error: unknown): void => {
      this.#runtime.log.write(
        'error',
        'storage.raft.autopilot',
        'failed to reconcile current state with the desired state',
        { error },
      );
    };
    void this.#update().catch(failed);
    every(clock, this.#options.updateInterval ?? UPDATE_INTERVAL, scope, () => this.#update(), failed);
    every(clock, this.#options.reconcileInterval ?? RECONCILE_INTERVAL, scope, () => this.#reconcile(), failed);
    every(
      clock,
      DEAD_CHECK_INTERVAL,
      scope,
      async () => {
        if (this.#config.cleanupDeadServers) this.#followers.markDead(this.#config.deadServerLastContactThreshold);
      },
      failed,
    );
  }

  /** Undefined while it does not run. */
  state(): AutopilotState | undefined {
    if (!this.#running) return undefined;
    const servers = [...this.#servers.values()];
    const voters = servers.filter(({ status }) => status !== 'non-voter');
    const healthyVoters = voters.filter(({ healthy }) => healthy).length;
    const quorum = Math.floor(voters.length / 2) + 1;
    return {
      healthy: servers.every(({ healthy }) => healthy),
      failureTolerance: Math.max(0, healthyVoters - quorum),
      leader: this.#backend.nodeId,
      servers: this.#servers,
      voters: voters.map(({ id }) => id),
    };
  }

  /** A server that passed the join challenge. It starts without a vote. */
  async addServer(id: string, address: string, nonVoter: boolean): Promise<void> {
    if (this.disabled) return void (await this.#backend.raft.addVoter(id, address));
    if (!this.#running) throw failure('raft storage autopilot is not initialized');
    if (nonVoter) await this.#storeNonVoter(id, true);
    const { raft } = this.#backend;
    const { servers } = raft.configuration().configuration;
    const known = servers.find((server) => server.id === id);
    if (known !== undefined && known.address === address) return;
    const voters = servers.filter(({ suffrage }) => suffrage === 'voter');
    const sameAddress = servers.filter((server) => server.id !== id && server.address === address);
    const votes = sameAddress.filter(({ suffrage }) => suffrage === 'voter').length;
    if (votes > voters.length - (Math.floor(voters.length / 2) + 1)) {
      throw failure(
        'Preventing server addition that would require removal of too many servers and cause cluster instability',
      );
    }
    for (const server of sameAddress) await raft.removeServer(server.id);
    if (known?.suffrage === 'voter') await raft.addVoter(id, address);
    else await raft.addNonvoter(id, address);
    await this.#prune();
  }

  /** An operator's removal. Unknown servers are no error. */
  async removeServer(id: string): Promise<void> {
    const { log } = this.#runtime;
    log.write('trace', 'storage.raft', 'removing server from raft via autopilot', { id });
    log.write('debug', 'storage.raft.autopilot', 'removing server by ID', { id });
    await this.#backend.raft.removeServer(id);
    this.#log('info', 'removed server', { id });
    if (this.#nonVoters.has(id)) await this.#storeNonVoter(id, false);
    this.#followers.delete(id);
  }

  /** No longer a permanent non-voter: reconciliation gives it a vote. */
  async promote(id: string): Promise<void> {
    if (this.disabled) return void (await this.#backend.raft.addVoter(id, this.#known(id).address));
    if (!this.#running) throw failure('raft storage autopilot is not initialized');
    this.#known(id);
    if (!this.#nonVoters.has(id)) throw failure('server is not a non-voter');
    await this.#storeNonVoter(id, false);
  }

  /** A permanent non-voter from now on: reconciliation takes its vote away. */
  async demote(id: string): Promise<void> {
    if (this.disabled) return this.#demoteNow(id);
    if (!this.#running) throw failure('raft storage autopilot is not initialized');
    this.#known(id);
    if (this.#nonVoters.has(id)) throw failure('server is already a non-voter');
    await this.#storeNonVoter(id, true);
  }

  async #demoteNow(id: string): Promise<void> {
    const server = this.#known(id);
    if (id === this.#backend.nodeId) throw failure('refusing to demote current leader');
    await this.#backend.raft.demoteVoter(server.id);
  }

  #known(id: string): Server {
    const { servers } = this.#backend.raft.configuration().configuration;
    const found = servers.find((server) => server.id === id);
    if (found === undefined) throw failure(`server ${id} not found in raft configuration`);
    return found;
  }

  async #update(): Promise<void> {
    if (!this.#backend.raft.isLeader()) return;
    await this.#loadNonVoters();
    const { configuration } = this.#backend.raft.configuration();
    const next = new Map<string, ServerState>();
    for (const { id, address, suffrage } of configuration.servers) next.set(id, this.#judge(id, address, suffrage));
    this.#servers = next;
  }

  #judge(id: string, address: string, suffrage: 'voter' | 'nonvoter'): ServerState {
    const { clock } = this.#runtime;
    const { raft } = this.#backend;
    const leader = id === this.#backend.nodeId;
    const follower = this.#followers.get(id);
    const lastContact = leader || follower === undefined ? 0 : clock.monotonic() - follower.lastHeartbeat;
    const applied = this.#backend.fsm.applied();
    const lastTerm = leader ? applied.term : (follower?.term ?? 0);
    const lastIndex = leader ? applied.index : (follower?.appliedIndex ?? 0);
    const nodeStatus = leader ? 'alive' : follower === undefined ? 'unknown' : follower.dead ? 'left' : 'alive';
    const healthy =
      leader ||
      (nodeStatus === 'alive' &&
        lastContact <= this.#config.lastContactThreshold &&
        lastTerm === applied.term &&
        lastIndex + this.#config.maxTrailingLogs >= raft.commitIndex());
    const before = this.#servers.get(id);
    const same = before !== undefined && before.healthy === healthy;
    return {
      id,
      address,
      nodeStatus,
      lastContact,
      lastTerm,
      lastIndex,
      healthy,
      stableSince: same ? before.stableSince : clock.wall(),
      stableFrom: same ? before.stableFrom : clock.monotonic(),
      status: leader ? 'leader' : suffrage === 'voter' ? 'voter' : 'non-voter',
      version: follower?.version === undefined || follower.version === '' ? this.#options.version : follower.version,
      nodeType: this.#nonVoters.has(id) ? 'non-voter' : 'voter',
    };
  }

  async #reconcile(): Promise<void> {
    const { raft } = this.#backend;
    if (!raft.isLeader()) return;
    const now = this.#runtime.clock.monotonic();
    // A young leader cannot know for how long a server has been stable: it takes what it sees.
    const { serverStabilizationTime } = this.#config;
    const grown = now - this.#startedAt > Math.floor((serverStabilizationTime * 110) / 100);
    const required = grown ? serverStabilizationTime : 0;
    let promoted = false;
    for (const server of this.#servers.values()) {
      if (server.status !== 'non-voter' || server.nodeType === 'non-voter') continue;
      if (!server.healthy || now - server.stableFrom < required) continue;
      this.#log('info', 'Promoting server', { id: server.id, address: server.address, name: server.id });
      await raft.addVoter(server.id, server.address);
      promoted = true;
    }
    if (!promoted) {
      for (const server of this.#servers.values()) {
        if (server.status !== 'voter' || server.nodeType !== 'non-voter') continue;
        this.#log('info', 'Demoting server', { id: server.id, address: server.address, name: server.id });
        await raft.demoteVoter(server.id);
      }
    }
    await this.#prune();
  }

  /** Removes dead servers, never so many that the rest loses its quorum or falls below the configured minimum. */
  async #prune(): Promise<void> {
    if (!this.#config.cleanupDeadServers) return;
    const { servers } = this.#backend.raft.configuration().configuration;
    const dead = servers.filter(({ id }) => this.#followers.get(id)?.dead === true);
    let voters = servers.filter(({ suffrage }) => suffrage === 'voter').length;
    let left = Math.floor((voters - 1) / 2);
    for (const { id, suffrage } of dead) {
      if (this.#removing.has(id)) continue;
      if (suffrage === 'voter') {
        if (left === 0 || voters - 1 < this.#config.minQuorum) continue;
        left--;
        voters--;
      }
      this.#log('info', 'removing dead server from raft configuration', { id });
      this.#removing.add(id);
      try {
        await this.removeServer(id);
      } finally {
        this.#removing.delete(id);
      }
    }
  }

  async #loadNonVoters(): Promise<void> {
    const stored = await this.#backend.get(NON_VOTERS_PATH);
    if (stored !== undefined) this.#nonVoters = new Set(Object.keys(parseObject(stored)));
  }

  async #storeNonVoter(id: string, nonVoter: boolean): Promise<void> {
    if (nonVoter) this.#nonVoters.add(id);
    else this.#nonVoters.delete(id);
    const all = print(jsonObject(Object.fromEntries([...this.#nonVoters].map((id) => [id, true]))));
    await this.#backend.put(NON_VOTERS_PATH, encodeUtf8(all));
  }

  #log(level: 'info' | 'error', message: string, fields: Record<string, unknown>): void {
    this.#runtime.log.write(level, 'storage.raft.autopilot', message, fields);
  }
}
