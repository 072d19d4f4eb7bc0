/**
 * Failovers measured by the procedure of the recorded data, step for step (conformance/failover/measure.ts does the
 * same to a real cluster): one cluster for all trials, the time from the fault to the first write that is acknowledged.
 */
import { type Micros, MILLISECOND, SECOND } from '../core/runtime.ts';
import { answered, HttpClient } from './client.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { StoryFailure } from './failure.ts';
import { Machine } from './machine.ts';
import { measuredClientCosts, measuredDisk, measuredPauseLateness, measuredTimeoutLateness } from './machine-costs.ts';
import type { Stream } from './random.ts';
import type { Simulation } from './simulation.ts';

export type FailoverFault = 'kill' | 'stop' | 'stepdown';

export interface FailoverPlan {
  readonly fault: FailoverFault;
  /** performance_multiplier. */
  readonly multiplier: number;
  /** One after another on the same cluster: survivors include nodes that were restarted. */
  readonly trials: number;
  readonly cluster?: Partial<ClusterOptions>;
  /** Called at each fault, for those who read the logs of it. */
  readonly began?: (leader: string, at: Micros) => void;
}

const HEALTH_TIMEOUT: Micros = 500 * MILLISECOND;
const HEALTH_PAUSE: Micros = 50 * MILLISECOND;
const READY_WITHIN: Micros = 600 * SECOND;
const QUIET: Micros = 1_500 * MILLISECOND;
const QUIET_SPREAD: Micros = 500 * MILLISECOND;
const WRITE_TIMEOUT: Micros = 300 * MILLISECOND;
const WRITE_PAUSE: Micros = 10 * MILLISECOND;
const WRITTEN_WITHIN: Micros = 600 * SECOND;
const RESTART_AFTER: Micros = 200 * MILLISECOND;
const STEP_DOWN_TIMEOUT: Micros = 5 * SECOND;
const STEP_DOWN_REST: Micros = 11 * SECOND;

/** Micros from each fault to the first acknowledged write. */
export async function measureFailovers(sim: Simulation, plan: FailoverPlan): Promise<Micros[]> {
  const { fault, multiplier, trials } = plan;
  const cluster = await sim.cluster({ nodes: 3, disk: measuredDisk, oneMachine: true, ...plan.cluster, multiplier });
  await cluster.mount('kv', 'kv');
  const random = sim.world.random('failover');
  const times: Micros[] = [];
  const probe = new Probe(sim, cluster);
  for (let trial = 0; trial < trials; trial++) {
    const leader = await probe.leader();
    await sim.sleep(QUIET + random.below(QUIET_SPREAD));
    plan.began?.(leader, sim.world.now);
    times.push(await probe.trial(fault, leader));
  }
  return times;
}

/** The one who measures: a machine of its own with one client. */
class Probe {
  readonly #sim: Simulation;
  readonly #cluster: Cluster;
  readonly #http: HttpClient;
  readonly #late: Stream;

  constructor(sim: Simulation, cluster: Cluster) {
    this.#sim = sim;
    this.#late = sim.world.random('lateness of the probe');
    this.#cluster = cluster;
    const { crypto, spread } = sim;
    // One thread, which can do one thing at a time.
    const options = { role: 'client', cores: 1, costs: measuredClientCosts, spread, crypto } as const;
    const runtime = new Machine(sim.network.network, 'probe', options).start(() => {});
    this.#http = new HttpClient(runtime, { token: cluster.keys.rootToken, follow: false });
  }

  /** Waits until one node is active, the others stand by, and all are voters. */
  async leader(): Promise<string> {
    let found = '';
    const ready = async (): Promise<boolean> => {
      const { names, operator } = this.#cluster;
      const statuses = await Promise.all(names.map((name) => this.#status(name, 'GET', 'sys/health', HEALTH_TIMEOUT)));
      if (statuses.filter((status) => status === 200).length !== 1) return false;
      if (statuses.filter((status) => status === 429).length !== names.length - 1) return false;
      found = names[statuses.indexOf(200)]!;
      return (await operator.voters(this.#cluster.address(found))) === names.length;
    };
    await this.#sim.until('one node is active and all are voters', ready, HEALTH_PAUSE, READY_WITHIN);
    return found;
  }

  async trial(fault: FailoverFault, leader: string): Promise<Micros> {
    const cluster = this.#cluster;
    const started = this.#sim.world.now;
    if (fault === 'kill') cluster.kill(leader);
    if (fault === 'stop') cluster.pause(leader);
    // The writes do not wait for its answer: some are taken before the leader lets go.
    if (fault === 'stepdown') void this.#status(leader, 'PUT', 'sys/step-down', STEP_DOWN_TIMEOUT);
    const { names } = cluster;
    const tried = fault === 'stepdown' ? names : names.filter((name) => name !== leader);
    const took = (await this.#firstWrite(tried)) - started;
    if (fault === 'kill') {
      await this.#sim.sleep(RESTART_AFTER);
      cluster.restart(leader);
    }
    if (fault === 'stop') cluster.resume(leader);
    if (fault === 'stepdown') await this.#sim.sleep(STEP_DOWN_REST);
    return took;
  }

  /** When it was acknowledged. */
  async #firstWrite(nodes: readonly string[]): Promise<Micros> {
    const { world } = this.#sim;
    const end = world.now + WRITTEN_WITHIN;
    for (let turn = 0; world.now < end; turn++) {
      const name = nodes[turn % nodes.length]!;
      const timeout = WRITE_TIMEOUT + measuredTimeoutLateness.sample(this.#late);
      if ((await this.#status(name, 'PUT', 'kv/failover', timeout)) === 204) return world.now;
      await this.#sim.sleep(WRITE_PAUSE + measuredPauseLateness.sample(this.#late));
    }
    throw new StoryFailure('no write was acknowledged within ten minutes');
  }

  async #status(name: string, method: string, path: string, timeout: Micros): Promise<number> {
    const options = method === 'PUT' ? { timeout, body: { a: 'b' } } : { timeout };
    return (await answered(this.#http.request(this.#cluster.address(name), method, `/v1/${path}`, options))).status;
  }
}
