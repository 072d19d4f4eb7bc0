/**
 * Measures failovers of a real cluster by the procedure of the recorded data: one cluster for all trials of a row, the
 * milliseconds from the fault to the first write that is acknowledged. Prints one JSON object. What is done at each
 * fault is said in sim/failover.ts, which does the same in simulation.
 *
 *   node conformance/failover/measure.ts kill 5 60      (fault, multiplier, trials)
 */
import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { AWAY_SECONDS, FAILOVER_FAULTS, type FailoverFault, nodesFor } from '../../sim/failover.ts';
import { RealCluster, removeFolder, type RealNode } from '../cluster.ts';
import { baoProgram } from '../program.ts';
import { SeparateHomes } from './separate-homes.ts';

export interface Measured {
  /** Milliseconds, trial by trial. */
  readonly times: readonly number[];
  /** The machine's load average before each trial. */
  readonly loads: readonly number[];
}

/** Faults of the network. */
const CUTS: readonly FailoverFault[] = ['partition', 'mute', 'deaf'];
const SLOW_SYNC_MICROS = 300_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function measure(
  fault: FailoverFault,
  multiplier: number,
  trials: number,
  version = '2.7.2',
): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-failover-'));
  const network = CUTS.includes(fault) ? SeparateHomes.make(3) : undefined;
  const options = { program: await baoProgram(version), folder, multiplier, nodes: nodesFor(fault) };
  const cluster = await RealCluster.start({ ...options, ...(network === undefined ? {} : { homes: network.homes }) });
  const [times, loads]: [number[], number[]] = [[], []];
  try {
    await cluster.nodes[0]!.request('POST', 'sys/mounts/kv', { token: cluster.token, body: { type: 'kv' } });
    for (let trial = 0; trial < trials; trial += 1) {
      const leader = await cluster.healthy(180_000);
      await pause(1_500 + Math.random() * 500);
      loads.push(loadavg()[0]!);
      times.push(Math.round(await new Trial(cluster, leader, network).run(fault, trial)));
      process.stderr.write(`${fault} x${multiplier} ${trial + 1}/${trials}: ${times.at(-1)} ms\n`);
    }
  } finally {
    await cluster.stop();
    network?.remove();
    await removeFolder(folder);
  }
  return { times, loads };
}

class Trial {
  readonly #cluster: RealCluster;
  readonly #leader: RealNode;
  readonly #survivors: readonly RealNode[];
  readonly #network: SeparateHomes | undefined;

  constructor(cluster: RealCluster, leader: RealNode, network: SeparateHomes | undefined) {
    this.#cluster = cluster;
    this.#leader = leader;
    this.#survivors = cluster.nodes.filter((node) => node !== leader);
    this.#network = network;
  }

  run(fault: FailoverFault, number: number): Promise<number> {
    switch (fault) {
      case 'kill':
      case 'kill5':
        return this.#kill();
      case 'twokills':
        return this.#twoKills();
      case 'stop':
        return this.#stop();
      case 'stepdown':
        return this.#stepDown();
      case 'restart':
        return this.#restart();
      case 'powerloss':
        return this.#powerLoss();
      case 'partition':
        return this.#partition();
      case 'slowdisk':
        return this.#slowDisk();
      case 'twodown':
        return this.#twoDown();
      case 'rejoin':
        return this.#rejoin(`kv/rejoin-${number}`);
      case 'terminate':
        return this.#terminate();
      case 'seal':
        return this.#seal();
      case 'mute':
        return this.#oneWay((leader, other) => [other, leader]);
      case 'deaf':
        return this.#oneWay((leader, other) => [leader, other]);
    }
  }

  async #kill(leader = this.#leader, survivors = this.#survivors): Promise<number> {
    const started = performance.now();
    leader.signal('SIGKILL');
    const took = await this.#firstWrite(survivors, started);
    await pause(200);
    leader.start();
    return took;
  }

  async #twoKills(): Promise<number> {
    await this.#kill();
    const next = await this.#cluster.leader();
    if (next === undefined) throw new Error('nobody leads after a write was acknowledged');
    return this.#kill(
      next,
      this.#cluster.nodes.filter((node) => node !== next),
    );
  }

  async #stop(): Promise<number> {
    const started = performance.now();
    this.#leader.signal('SIGSTOP');
    const took = await this.#firstWrite(this.#survivors, started);
    this.#leader.signal('SIGCONT');
    return took;
  }

  async #stepDown(): Promise<number> {
    const started = performance.now();
    // The writes do not wait for its answer: some are taken before the leader lets go.
    void this.#leader.request('PUT', 'sys/step-down', { token: this.#cluster.token });
    const took = await this.#firstWrite(this.#cluster.nodes, started);
    await pause(11_000);
    return took;
  }

  async #restart(): Promise<number> {
    const started = performance.now();
    const back = this.#leader.end('SIGTERM').then(() => this.#leader.start());
    const took = await this.#firstWrite(this.#survivors, started);
    await back;
    return took;
  }

  async #terminate(): Promise<number> {
    const started = performance.now();
    const gone = this.#leader.end('SIGTERM');
    const took = await this.#firstWrite(this.#survivors, started);
    await gone;
    await pause(200);
    this.#leader.start();
    return took;
  }

  async #seal(): Promise<number> {
    const started = performance.now();
    void this.#leader.request('PUT', 'sys/seal', { token: this.#cluster.token });
    const took = await this.#firstWrite(this.#survivors, started);
    await pause(200);
    await this.#leader.kill();
    this.#leader.start();
    return took;
  }

  async #powerLoss(): Promise<number> {
    const started = performance.now();
    await Promise.all(this.#cluster.nodes.map((node) => node.kill()));
    await pause(200);
    for (const node of this.#cluster.nodes) node.start();
    return this.#firstWrite(this.#cluster.nodes, started);
  }

  async #twoDown(): Promise<number> {
    const gone = [this.#leader, this.#survivors[0]!];
    const started = performance.now();
    await Promise.all(gone.map((node) => node.kill()));
    await pause(200);
    for (const node of gone) node.start();
    return this.#firstWrite(this.#cluster.nodes, started);
  }

  /** From the start of a follower that was away until it answers with what it missed, by itself. */
  async #rejoin(path: string): Promise<number> {
    const follower = this.#survivors[0]!;
    await follower.kill();
    const { token } = this.#cluster;
    const headers = { 'X-Vault-No-Request-Forwarding': 'true' };
    await this.#leader.request('PUT', path, { token, body: { away: AWAY_SECONDS } });
    await pause(AWAY_SECONDS * 1_000);
    const started = performance.now();
    follower.start();
    while ((await follower.request('GET', path, { token, headers, timeout: 300 })).status !== 200) {
      if (performance.now() - started > 120_000) throw new Error('it had not caught up within two minutes');
      await pause(10);
    }
    return performance.now() - started;
  }

  async #partition(): Promise<number> {
    const started = performance.now();
    for (const { host } of this.#survivors) this.#network!.cut(this.#leader.host, host);
    const took = await this.#firstWrite(this.#survivors, started);
    for (const { host } of this.#survivors) this.#network!.mend(this.#leader.host, host);
    return took;
  }

  /** Each other node's part is a listener and whom it does not hear. */
  async #oneWay(
    deafness: (leader: string, other: string) => readonly [listener: string, unheard: string],
  ): Promise<number> {
    const pairs = this.#survivors.map(({ host }) => deafness(this.#leader.host, host));
    const started = performance.now();
    for (const pair of pairs) this.#network!.deafen(...pair);
    const took = await this.#firstWrite(this.#survivors, started);
    for (const pair of pairs) this.#network!.undeafen(...pair);
    return took;
  }

  /** The kernel stops each sync on its way in, for as long as strace says. */
  async #slowDisk(): Promise<number> {
    const inject = `inject=fsync,fdatasync:delay_enter=${SLOW_SYNC_MICROS}`;
    const words = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', inject];
    const tracer = spawn('strace', [...words, '-p', String(this.#leader.pid)], { stdio: 'inherit' });
    await pause(500);
    const took = await this.#firstWrite([this.#leader], performance.now(), 30_000);
    const gone = new Promise((resolve) => tracer.once('exit', resolve));
    tracer.kill('SIGTERM');
    await gone;
    return took;
  }

  async #firstWrite(nodes: readonly RealNode[], started: number, timeout = 300): Promise<number> {
    for (let turn = 0; ; turn += 1) {
      const node = nodes[turn % nodes.length]!;
      const { status } = await node.request('PUT', 'kv/failover', {
        token: this.#cluster.token,
        body: { turn },
        timeout,
      });
      if (status === 204) return performance.now() - started;
      if (performance.now() - started > 120_000) throw new Error('no write was acknowledged within two minutes');
      await pause(10);
    }
  }
}

if (import.meta.main) {
  const [name, multiplier, trials] = process.argv.slice(2);
  const fault = FAILOVER_FAULTS.find((known) => known === name);
  if (fault === undefined) throw new Error(`faults are ${FAILOVER_FAULTS.join(', ')}`);
  const { times, loads } = await measure(fault, Number(multiplier), Number(trials));
  const load = `${Math.min(...loads).toFixed(1)}–${Math.max(...loads).toFixed(1)}`;
  process.stdout.write(`${JSON.stringify({ fault, multiplier: Number(multiplier), load, times })}\n`);
}
