/**
 * A cluster for somebody else's tests: nodes with Raft on simulated machines, each behind a real port, whose failures
 * and whose time the test decides. Comes up in a fraction of a second of real time.
 *
 * For tests and study only: keys come from the seed.
 */
import { parseDuration } from '../core/codec/duration.ts';
import { assert } from '../core/assert.ts';
import { MILLISECOND, SECOND } from '../core/runtime.ts';
import { nodeCrypto } from '../host/crypto.ts';
import { EPOCH } from '../sim/clock.ts';
import type { Cluster } from '../sim/cluster.ts';
import { openbao } from '../sim/openbao.ts';
import { Simulation } from '../sim/simulation.ts';
import { World } from '../sim/world.ts';
import { type BaoResponse, call, type RequestOptions } from './call.ts';
import { Doors } from './doors.ts';
import { type LogOptions, logOf } from './log.ts';
import { WorldTime } from './world-time.ts';

export interface ClusterOptions {
  /** 3 when left out. */
  readonly nodes?: number;
  /** The root token; `root` when left out. */
  readonly token?: string;
  /** What is at secret/: KV of this version (2 when left out), or nothing. */
  readonly kv?: 1 | 2 | false;
  /** `static` unseals by itself, also after a restart; `shamir` wants one of one share. */
  readonly seal?: 'static' | 'shamir';
  /** Whether standbys answer reads themselves, as 2.5 and later do. Default true. */
  readonly standbyReads?: boolean;
  /** Raft's performance_multiplier: elections take about as many seconds. 1 when left out (upstream: 5). */
  readonly multiplier?: number;
  /**
   * Seconds that pass for the cluster a real second; 1 when left out. With 0 time stands still but for `advance` and as
   * long as a request needs: the same calls then give the same run under the same seed.
   */
  readonly speed?: number;
  /** 1 when left out. */
  readonly seed?: number;
  /** Gets the nodes' log lines, each with its node's name before it; silent when left out. */
  readonly log?: LogOptions;
}

export interface ClusterNode {
  /** `n1`, `n2` … */
  readonly name: string;
  /** `http://127.0.0.1:PORT`. */
  readonly address: string;
}

export interface ClusterRequestOptions extends RequestOptions {
  /** The name of the node that is asked; the active one when left out. */
  readonly node?: string;
}

/** Nodes are told by name. What ends a node or its connections has happened when the promise resolves. */
export interface BaoCluster extends AsyncDisposable {
  readonly nodes: readonly ClusterNode[];
  /** The root token. */
  readonly token: string;
  /** Base64: the unseal share, or with a static seal the recovery key. */
  readonly unsealKey: string;
  /** The active node's name; undefined while there is none. */
  readonly leader: string | undefined;
  /** As `BaoServer.request`; status 0 when the node does not answer. */
  request<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    options?: ClusterRequestOptions,
  ): Promise<BaoResponse<Body>>;
  /** SIGKILL: its port refuses connections. */
  kill(node: string): Promise<void>;
  /** Starts a killed node again, from its disk alone. Resolves when it answers; it may still be sealed. */
  restart(node: string): Promise<void>;
  /** SIGSTOP: its port accepts, and nobody answers. */
  pause(node: string): void;
  /** SIGCONT. */
  resume(node: string): void;
  /** Cuts a node off from the others; clients still reach it. */
  isolate(node: string): void;
  /** Ends every isolation. */
  heal(): void;
  /** Lets time pass at once, as Go writes it ('15s'). Rejects with DurationError. */
  advance(duration: string): Promise<void>;
  /** Lets as much time pass as it takes until a node is active, and gives its name. Rejects after a minute of it. */
  elected(): Promise<string>;
  /** The cluster's time of day: it begins on 2026-06-01. */
  now(): Date;
  /** Ends the nodes and closes their ports. Calling it again does nothing. */
  stop(): Promise<void>;
}

/** Rejects with StoryFailure when the cluster does not come up. */
export async function startCluster(options: ClusterOptions = {}): Promise<BaoCluster> {
  const world = new World(String(options.seed ?? 1));
  const simulation = new Simulation(world, { nodeFactory: openbao, crypto: nodeCrypto() });
  const time = new WorldTime(world, options.speed ?? 1);
  const failures: unknown[] = [];
  world.onCrash = ({ error }) => failures.push(error);
  logInto(world, options.log);
  const names = Array.from({ length: options.nodes ?? 3 }, (_, index) => `n${index + 1}`);
  const doors = await Doors.open(simulation, time, names, (error) => failures.push(error));
  const cluster = simulation.prepare({
    nodes: names.length,
    seal: options.seal ?? 'static',
    shares: [1, 1],
    standbyReads: options.standbyReads ?? true,
    multiplier: options.multiplier ?? 1,
    advertised: (name) => doors.address(name),
  });
  const token = options.token ?? 'root';
  try {
    await time.run(arrange(simulation, cluster, token, options.kv ?? 2));
  } catch (error) {
    time.stop();
    await doors.closeAll();
    throw failures[0] ?? error;
  }
  return new EmbeddedCluster(simulation, cluster, time, doors, token, failures);
}

async function arrange(simulation: Simulation, cluster: Cluster, token: string, kv: 1 | 2 | false): Promise<void> {
  await cluster.up();
  await cluster.request('POST', 'auth/token/create', { id: token, policies: ['root'], no_parent: true });
  if (kv === false) return;
  await cluster.mount('secret', kv === 2 ? 'kv-v2' : 'kv');
  // A standby learns of the mount a little later, and that its store is versioned later still.
  const everywhere = async (): Promise<boolean> => {
    for (const node of cluster.names) {
      const { status } = await cluster.ask('LIST', kv === 2 ? 'secret/metadata' : 'secret', { node });
      if (status !== 404) return false;
    }
    return true;
  };
  await simulation.until('every node has secret/', everywhere, 100 * MILLISECOND, 60 * SECOND);
}

function logInto(world: World, options: LogOptions | undefined): void {
  if (options === undefined) return;
  world.onLog(({ node, level, name, message, fields }) => {
    const log = logOf({ ...options, line: (line) => options.line(`${node}: ${line}`) });
    log.write(level, name, message, fields);
  });
}

class EmbeddedCluster implements BaoCluster {
  readonly nodes: readonly ClusterNode[];
  readonly token: string;
  readonly #simulation: Simulation;
  readonly #cluster: Cluster;
  readonly #time: WorldTime;
  readonly #doors: Doors;
  readonly #failures: readonly unknown[];
  #stopped: Promise<void> | undefined;

  constructor(
    simulation: Simulation,
    cluster: Cluster,
    time: WorldTime,
    doors: Doors,
    token: string,
    failures: readonly unknown[],
  ) {
    this.#simulation = simulation;
    this.#cluster = cluster;
    this.#time = time;
    this.#doors = doors;
    this.token = token;
    this.#failures = failures;
    this.nodes = cluster.names.map((name) => ({ name, address: doors.address(name) }));
  }

  get unsealKey(): string {
    return this.#cluster.keys.shares[0]!;
  }

  get leader(): string | undefined {
    return this.#cluster.names.find((name) => this.#cluster.isLatestActive(name));
  }

  request<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    { node, token = this.token, headers = {} }: ClusterRequestOptions = {},
  ): Promise<BaoResponse<Body>> {
    const asked = node ?? this.leader;
    if (asked === undefined) return Promise.resolve({ status: 0, body: undefined });
    return call<Body>(this.#doors.handler(asked), { method, path, body, token, headers });
  }

  async kill(node: string): Promise<void> {
    this.#cluster.kill(node);
    await this.#doors.close(node);
  }

  async restart(node: string): Promise<void> {
    this.#cluster.restart(node);
    const { operator } = this.#cluster;
    const answers = async (): Promise<boolean> => (await operator.health(this.#cluster.address(node))) !== undefined;
    await this.#until(`${node} answers`, answers);
    await this.#doors.reopen(node);
  }

  pause(node: string): void {
    this.#cluster.pause(node);
  }

  resume(node: string): void {
    this.#cluster.resume(node);
  }

  isolate(node: string): void {
    this.#simulation.network.isolate(this.#cluster.machine(node).name);
  }

  heal(): void {
    this.#simulation.network.heal();
  }

  async advance(duration: string): Promise<void> {
    await this.#time.advance(parseDuration(duration));
  }

  async elected(): Promise<string> {
    await this.#until('a node is active', () => this.leader !== undefined);
    assert(this.leader !== undefined, 'nothing has happened since');
    return this.leader;
  }

  now(): Date {
    return new Date((EPOCH + this.#simulation.world.now) / MILLISECOND);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #end(): Promise<void> {
    for (const name of this.#cluster.names) this.#cluster.machine(name).losePower();
    await this.#doors.closeAll();
    this.#time.stop();
    // A bug of ours must not pass for a green test.
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  #until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    return this.#time.run(this.#simulation.until(what, condition, 100 * MILLISECOND, 60 * SECOND));
  }
}
