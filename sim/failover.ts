/**
 * Failovers measured by the procedure of the recorded data, step for step (conformance/failover/measure.ts does the
 * same to a real cluster): one cluster for all trials, the time from the fault to the first write that is acknowledged.
 */
import { type Micros, MILLISECOND, SECOND } from '../core/runtime.ts';
import { answered, HttpClient, type RequestOptions } from './client.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { StoryFailure } from './failure.ts';
import { Machine } from './machine.ts';
import { type MachineProfile, measuredClientCosts, measuredMachine } from './machine-costs.ts';
import type { Stream } from './random.ts';
import type { Simulation } from './simulation.ts';
import type { StoryNetwork } from './story-network.ts';

export const FAILOVER_FAULTS = [
  'kill',
  'stop',
  'stepdown',
  'twokills',
  'restart',
  'powerloss',
  'partition',
  'slowdisk',
  'kill5',
  'twodown',
  'rejoin',
  'terminate',
  'seal',
  'mute',
  'deaf',
] as const;
export type FailoverFault = (typeof FAILOVER_FAULTS)[number];

export interface FailoverPlan {
  readonly fault: FailoverFault;
  /** performance_multiplier. */
  readonly multiplier: number;
  /** One after another on the same cluster: survivors include nodes that were restarted. */
  readonly trials: number;
  readonly cluster?: Partial<ClusterOptions>;
  /** What the machine costs, but for the service times, which are the simulation's; as measured unless given. */
  readonly machine?: MachineProfile;
  /** Called at each fault, for those who read the logs of it. */
  readonly began?: (leader: string, at: Micros) => void;
}

/** How many nodes the cluster of a fault has. */
export const nodesFor = (fault: FailoverFault): number => (fault === 'kill5' ? 5 : 3);

/** How long a node is away before it rejoins. */
export const AWAY_SECONDS = 10;

const HEALTH_TIMEOUT: Micros = 500 * MILLISECOND;
const HEALTH_PAUSE: Micros = 50 * MILLISECOND;
const READY_WITHIN: Micros = 600 * SECOND;
const QUIET: Micros = 1_500 * MILLISECOND;
const QUIET_SPREAD: Micros = 500 * MILLISECOND;
const WRITE_TIMEOUT: Micros = 300 * MILLISECOND;
const WRITE_PAUSE: Micros = 10 * MILLISECOND;
const WRITTEN_WITHIN: Micros = 600 * SECOND;
const RESTART_AFTER: Micros = 200 * MILLISECOND;
const SLOW_SYNC = '300ms';
const SLOW_DISK_REST: Micros = 500 * MILLISECOND;
const SLOW_WRITE_TIMEOUT: Micros = 30 * SECOND;
const STEP_DOWN_TIMEOUT: Micros = 5 * SECOND;
const STEP_DOWN_REST: Micros = 11 * SECOND;

/** Not by asking the active node. */
const BY_ITSELF = [['X-Vault-No-Request-Forwarding', 'true']] as const;

/** Micros from each fault to the first acknowledged write. */
export async function measureFailovers(sim: Simulation, plan: FailoverPlan): Promise<Micros[]> {
  const { fault, multiplier, trials, machine = measuredMachine } = plan;
  const { disk, start: startup } = machine;
  const cluster = await sim.cluster({
    nodes: nodesFor(fault),
    disk,
    startup,
    oneMachine: true,
    ...plan.cluster,
    multiplier,
  });
  await cluster.mount('kv', 'kv');
  const random = sim.world.random('failover');
  const times: Micros[] = [];
  const probe = new Probe(sim, cluster, machine);
  for (let trial = 0; trial < trials; trial++) {
    const leader = await probe.leader();
    await sim.sleep(QUIET + random.below(QUIET_SPREAD));
    plan.began?.(leader, sim.world.now);
    times.push(await probe.trial(fault, leader, trial));
  }
  return times;
}

/** The one who measures: a machine of its own with one client. */
class Probe {
  readonly #sim: Simulation;
  readonly #cluster: Cluster;
  readonly #http: HttpClient;
  readonly #late: Stream;
  readonly #machine: MachineProfile;

  constructor(sim: Simulation, cluster: Cluster, machine: MachineProfile) {
    this.#sim = sim;
    this.#machine = machine;
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

  trial(fault: FailoverFault, leader: string, number: number): Promise<Micros> {
    const cluster = this.#cluster;
    switch (fault) {
      case 'kill':
      case 'kill5':
        return this.#kill(leader);
      case 'twokills':
        return this.#twoKills(leader);
      case 'stop':
        return this.#whileDown(
          leader,
          () => cluster.pause(leader),
          () => cluster.resume(leader),
        );
      case 'stepdown':
        return this.#stepDown(leader);
      case 'restart':
        return this.#restart(leader);
      case 'powerloss':
        return this.#powerLoss();
      case 'partition':
        return this.#cut(leader, (network) => network.isolate(leader));
      case 'slowdisk':
        return this.#slowDisk(leader);
      case 'twodown':
        return this.#twoDown(leader);
      case 'rejoin':
        return this.#rejoin(leader, `kv/rejoin-${number}`);
      case 'terminate':
        return this.#terminate(leader);
      case 'seal':
        return this.#seal(leader);
      case 'mute':
        return this.#cut(leader, (network) => network.oneWay(leader, this.#others(leader)));
      case 'deaf':
        return this.#cut(leader, (network) => this.#others(leader).forEach((other) => network.oneWay(other, [leader])));
    }
  }

  /** Until one of the others acknowledges a write. */
  async #whileDown(leader: string, begin: () => void, end: () => void): Promise<Micros> {
    const started = this.#sim.world.now;
    begin();
    const took = (await this.#firstWrite(this.#others(leader))) - started;
    end();
    return took;
  }

  /** What nodes send each other is lost, as far as it is cut, until the first write. */
  #cut(leader: string, cut: (network: StoryNetwork) => void): Promise<Micros> {
    const { network } = this.#sim;
    return this.#whileDown(
      leader,
      () => cut(network),
      () => network.heal(),
    );
  }

  /** It is started again a little after the first write. */
  async #kill(leader: string): Promise<Micros> {
    const took = await this.#whileDown(
      leader,
      () => this.#cluster.kill(leader),
      () => {},
    );
    await this.#sim.sleep(RESTART_AFTER);
    this.#cluster.restart(leader);
    return took;
  }

  /** SIGTERM; it is started again a little after the first write. */
  async #terminate(leader: string): Promise<Micros> {
    let gone = Promise.resolve();
    const terminate = (): void => {
      gone = this.#cluster.terminate(leader);
    };
    const took = await this.#whileDown(leader, terminate, () => {});
    await gone;
    await this.#sim.sleep(RESTART_AFTER);
    this.#cluster.restart(leader);
    return took;
  }

  /** The request to seal is not waited for; sealed it stays, so it is killed and started a little after the first write. */
  async #seal(leader: string): Promise<Micros> {
    const seal = (): void => void this.#status(leader, 'PUT', 'sys/seal', STEP_DOWN_TIMEOUT);
    const took = await this.#whileDown(leader, seal, () => {});
    await this.#sim.sleep(RESTART_AFTER);
    this.#cluster.kill(leader);
    this.#cluster.restart(leader);
    return took;
  }

  /** The new leader is killed in the moment in which the old one is started again; the time is that of the second. */
  async #twoKills(leader: string): Promise<Micros> {
    await this.#kill(leader);
    return this.#kill(this.#cluster.leader);
  }

  /** The writes do not wait for its answer: some are taken before the leader lets go. */
  async #stepDown(leader: string): Promise<Micros> {
    const started = this.#sim.world.now;
    void this.#status(leader, 'PUT', 'sys/step-down', STEP_DOWN_TIMEOUT);
    const took = (await this.#firstWrite(this.#cluster.names)) - started;
    await this.#sim.sleep(STEP_DOWN_REST);
    return took;
  }

  /** SIGTERM to the leader; the process is started again when it has exited. */
  async #restart(leader: string): Promise<Micros> {
    let back = Promise.resolve();
    const terminate = (): void => {
      back = this.#cluster.terminate(leader).then(() => this.#cluster.restart(leader));
    };
    const took = await this.#whileDown(leader, terminate, () => {});
    await back;
    return took;
  }

  /** All at once, and all are started again a little later. */
  async #powerLoss(): Promise<Micros> {
    const { names } = this.#cluster;
    const started = this.#sim.world.now;
    for (const name of names) this.#cluster.losePower(name);
    await this.#sim.sleep(RESTART_AFTER);
    for (const name of names) this.#cluster.restart(name);
    return (await this.#firstWrite(names)) - started;
  }

  /** The leader and a follower die together and come back together: one node is left, which is no quorum. */
  async #twoDown(leader: string): Promise<Micros> {
    const { names } = this.#cluster;
    const gone = [leader, this.#others(leader)[0]!];
    const started = this.#sim.world.now;
    for (const name of gone) this.#cluster.kill(name);
    await this.#sim.sleep(RESTART_AFTER);
    for (const name of gone) this.#cluster.restart(name);
    return (await this.#firstWrite(names)) - started;
  }

  /** A follower is killed, misses a write, and is started again: from there until it answers with that by itself. */
  async #rejoin(leader: string, path: string): Promise<Micros> {
    const follower = this.#others(leader)[0]!;
    this.#cluster.kill(follower);
    await this.#firstWrite([leader], WRITE_TIMEOUT, path);
    await this.#sim.sleep(AWAY_SECONDS * SECOND);
    const started = this.#sim.world.now;
    this.#cluster.restart(follower);
    await this.#sim.until(
      'the follower has what it missed',
      async () => (await this.#status(follower, 'GET', path, WRITE_TIMEOUT, BY_ITSELF)) === 200,
      WRITE_PAUSE,
      WRITTEN_WITHIN,
    );
    return this.#sim.world.now - started;
  }

  /** How long a write takes on a leader whose syncs are slow. */
  async #slowDisk(leader: string): Promise<Micros> {
    const disk = this.#cluster.disk(leader);
    disk.delay(SLOW_SYNC);
    await this.#sim.sleep(SLOW_DISK_REST);
    const started = this.#sim.world.now;
    const took = (await this.#firstWrite([leader], SLOW_WRITE_TIMEOUT)) - started;
    disk.mend();
    return took;
  }

  #others(leader: string): string[] {
    return this.#cluster.names.filter((name) => name !== leader);
  }

  /** When it was acknowledged. */
  async #firstWrite(nodes: readonly string[], patience: Micros = WRITE_TIMEOUT, path = 'kv/failover'): Promise<Micros> {
    const { world } = this.#sim;
    const end = world.now + WRITTEN_WITHIN;
    for (let turn = 0; world.now < end; turn++) {
      const name = nodes[turn % nodes.length]!;
      const timeout = patience + this.#machine.timeoutLateness.sample(this.#late);
      if ((await this.#status(name, 'PUT', path, timeout)) === 204) return world.now;
      await this.#sim.sleep(WRITE_PAUSE + this.#machine.pauseLateness.sample(this.#late));
    }
    throw new StoryFailure('no write was acknowledged within ten minutes');
  }

  async #status(
    name: string,
    method: string,
    path: string,
    timeout: Micros,
    headers: RequestOptions['headers'] = [],
  ): Promise<number> {
    const options = method === 'PUT' ? { timeout, headers, body: { a: 'b' } } : { timeout, headers };
    return (await answered(this.#http.request(this.#cluster.address(name), method, `/v1/${path}`, options))).status;
  }
}
