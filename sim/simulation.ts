/** What a story holds in its hand: time, the network, clusters, and the questions it may ask. */
import { parseDuration } from '../core/codec/duration.ts';
import type { Crypto } from '../core/crypto/crypto.ts';
import { type Micros, MILLISECOND } from '../core/runtime.ts';
import type { TraceRecord } from '../core/trace.ts';
import { Cluster } from './cluster.ts';
import type { ClusterOptions } from './cluster-options.ts';
import type { CostTable } from './cpu.ts';
import type { Distribution } from './distribution.ts';
import { DrawnFaults, type Without } from './explore/drawn-faults.ts';
import { StoryFailure } from './failure.ts';
import { Faults } from './faults.ts';
import type { History } from './history.ts';
import { type LinkProfile, LOOPBACK } from './network/link.ts';
import { Machine } from './machine.ts';
import { SimNetwork } from './network/network.ts';
import type { NodeFactory } from './node.ts';
import { measuredCosts, measuredSpread } from './machine-costs.ts';
import { startNemesis, type NemesisOptions } from './nemesis.ts';
import { demandProgress } from './liveness.ts';
import type { Recorded, RecordedPlace, Recordings } from './recorded.ts';
import type { Minimum } from './scenario.ts';
import { StoryNetwork } from './story-network.ts';
import { FAULT, TIMER } from './event-kinds.ts';
import type { World } from './world.ts';

export interface SimulationOptions {
  readonly nodeFactory: NodeFactory;
  readonly crypto: Crypto;
  readonly profile?: LinkProfile;
  readonly costs?: CostTable;
  /** Of service times, in percent of the table's. */
  readonly spread?: Distribution;
  /** What the real server answered; only stories of recorded cases ask for it. */
  readonly recordings?: Recordings;
  /** Faults that are left out, of those that came in the whole run. */
  readonly without?: Without;
}

/** How often `eventually` looks. */
const LOOK: Micros = 50 * MILLISECOND;

export class Simulation {
  readonly world: World;
  readonly network: StoryNetwork;
  readonly faults: Faults;
  readonly drawn: DrawnFaults;
  readonly crypto: Crypto;
  readonly costs: CostTable;
  readonly spread: Distribution;
  readonly nodeFactory: NodeFactory;
  readonly clusters: Cluster[] = [];
  readonly histories: History[] = [];
  /** The least that must have happened, as declared so far. */
  minimum: Minimum;
  /** Clients begin nothing new while this is set. */
  resting = false;
  readonly #recordings: Recordings | undefined;
  readonly #elections: () => number;
  #electionsToComeUp = 0;
  #clients = 0;
  #failed: { readonly error: unknown } | undefined;

  constructor(world: World, options: SimulationOptions, minimum: Minimum = {}) {
    this.world = world;
    this.faults = new Faults(world);
    this.drawn = new DrawnFaults(world, this.faults, options.without);
    this.network = new StoryNetwork(new SimNetwork(world, options.profile ?? LOOPBACK), this.faults);
    this.crypto = options.crypto;
    this.costs = options.costs ?? measuredCosts;
    this.spread = options.spread ?? measuredSpread;
    this.nodeFactory = options.nodeFactory;
    this.minimum = minimum;
    this.#recordings = options.recordings;
    this.#elections = this.count(({ event }) => event.kind === 'raft.state' && event.state === 'leader');
  }

  /** Nodes that became leader, bringing clusters up not counted. */
  get elections(): number {
    return this.#elections() - this.#electionsToComeUp;
  }

  /** Brings a cluster up and waits until it serves. */
  async cluster(options: ClusterOptions): Promise<Cluster> {
    const cluster = this.prepare(options);
    const before = this.#elections();
    await cluster.up();
    this.#electionsToComeUp += this.#elections() - before;
    return cluster;
  }

  /** A cluster whose nodes are not started yet. */
  prepare(options: ClusterOptions): Cluster {
    const cluster = new Cluster(this, options);
    this.clusters.push(cluster);
    return cluster;
  }

  /** A machine for a client; a name of its own unless given. */
  client(name = `c${++this.#clients}`): Machine {
    return new Machine(this.network.network, name, { role: 'client', cores: 4, crypto: this.crypto });
  }

  /** Does something when so much time has passed from now, e.g. `sim.at('10s', 'isolate the leader', …)`. */
  at(delay: string, what: string, action: () => void | Promise<void>): void {
    const planned = this.drawn.plan(what);
    this.later(delay, what, () => this.drawn.perform(planned, action));
  }

  /** As `at`, for what nobody leaves out by itself. */
  later(delay: string, what: string, action: () => void | Promise<void>): void {
    const failed = (error: unknown): void => {
      this.#failed ??= { error };
    };
    const act = (): void => {
      try {
        void Promise.resolve(this.faults.labelled(what, action)).catch(failed);
      } catch (error) {
        failed(error);
      }
    };
    this.world.schedule(this.world.root, parseDuration(delay), FAULT, act, undefined);
  }

  /** Lets time pass. */
  async run(duration: string): Promise<void> {
    await this.sleep(parseDuration(duration));
  }

  /** Waits until `condition` holds, with clients at rest; fails after `within`. */
  async eventually(within: string, what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    this.resting = true;
    await this.until(what, condition, LOOK, parseDuration(within));
    this.resting = false;
  }

  /** Waits until `condition` holds, with clients at work. */
  async until(what: string, condition: () => boolean | Promise<boolean>, every: Micros, within: Micros): Promise<void> {
    const end = this.world.now + within;
    while (!(await condition())) {
      if (this.world.now >= end) throw new StoryFailure(`not within ${within / 1_000_000} s: ${what}`);
      await this.sleep(every);
    }
  }

  /** A recorded conversation, to be held there. */
  recorded(name: string, place: RecordedPlace): Recorded {
    const found = this.#recordings?.(name, place);
    if (found === undefined) throw new StoryFailure(`no recording of ${name} is at hand`);
    return found;
  }

  /** Counts trace events from now on. */
  count(which: (record: TraceRecord) => boolean): () => number {
    let count = 0;
    this.world.onTrace((record) => {
      if (which(record)) count++;
    });
    return () => count;
  }

  /** Declares the least that must have happened for the story to prove anything. */
  atLeast(minimum: Minimum): void {
    this.minimum = { ...this.minimum, ...minimum };
  }

  /** Lets random faults loose on a cluster, until the story ends or `stop` is called. */
  nemesis(cluster: Cluster, options: NemesisOptions): { stop(): void } {
    return startNemesis(this, cluster, options);
  }

  /** Makes only a random quorum whole and demands that it takes writes again; KV v2 must be at secret/. Gives the quorum. */
  progress(cluster: Cluster, within: string): Promise<readonly string[]> {
    return demandProgress(this, cluster, within);
  }

  /** Resolves `delay` from now; rejects when something scheduled with `at` has failed. */
  sleep(delay: Micros): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        if (this.#failed === undefined) resolve();
        else reject(this.#failed.error);
      };
      this.world.schedule(this.world.root, delay, TIMER, wake, undefined);
    });
  }
}
