/** Scripts against our server in the simulator: the same plan, in virtual time. */
import { nodeCrypto } from '../../host/crypto.ts';
import { nodePump } from '../../host/pump.ts';
import { MILLISECOND, SECOND } from '../../core/runtime.ts';
import { HttpClient, NoAnswer } from '../../sim/client.ts';
import type { Cluster } from '../../sim/cluster.ts';
import { openbao } from '../../sim/openbao.ts';
import { runScenario } from '../../sim/run.ts';
import { scenario } from '../../sim/scenario.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { type Line, play } from './play.ts';
import type { Script } from './script.ts';
import type { Got, Sent, Target } from './target.ts';

/** Simulated time. */
const TIMEOUT = 20 * SECOND;

/** Plays a script to a simulated cluster; a failure of the run is thrown. */
export async function playSimulated(script: Script, seed = 1): Promise<Line[]> {
  let lines: Line[] = [];
  const { plan } = script;
  const story = scenario(script.name, { minimum: {} }, async (sim) => {
    const cluster = await sim.cluster({
      nodes: plan.nodes,
      spares: plan.spares,
      multiplier: 1,
      seal: plan.seal,
      shares: [3, 2],
      standbyReads: plan.reads,
    });
    lines = await play(script, new SimulatedTarget(sim, cluster));
  });
  const result = await runScenario(story, seed, {
    pump: nodePump,
    crypto: nodeCrypto(),
    nodeFactory: openbao,
    standard: false,
  });
  for (const { checker, message } of result.violations) throw new Error(`${checker}: ${message}`);
  return lines;
}

class SimulatedTarget implements Target {
  readonly nodes: readonly string[];
  readonly rootToken: string;
  readonly shares: readonly string[];
  readonly #sim: Simulation;
  readonly #cluster: Cluster;
  readonly #http: HttpClient;

  constructor(sim: Simulation, cluster: Cluster) {
    this.nodes = cluster.names;
    this.rootToken = cluster.keys.rootToken;
    this.shares = cluster.options.seal === 'shamir' ? cluster.keys.shares : [];
    this.#sim = sim;
    this.#cluster = cluster;
    const machine = sim.client();
    this.#http = new HttpClient(
      machine.start(() => {}),
      { timeout: TIMEOUT, follow: false },
    );
  }

  address(node: string): { api: string; cluster: string } {
    return { api: `${node}:8200`, cluster: `${node}:8201` };
  }

  async send(node: string, { method, url, headers, body }: Sent): Promise<Got> {
    try {
      const answer = await this.#http.request(`${node}:8200`, method, url, { headers, bytes: body });
      return {
        status: answer.status,
        headers: [...answer.headers].flatMap(([name, values]) => values.map((value) => [name, value] as const)),
        body: method === 'HEAD' ? new Uint8Array() : answer.body,
      };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { status: 0, headers: [], body: new Uint8Array() };
    }
  }

  wait(duration: number): Promise<void> {
    return this.#sim.sleep(Math.round(duration) * MILLISECOND);
  }

  async kill(node: string): Promise<void> {
    this.#cluster.kill(node);
  }

  async stop(node: string): Promise<void> {
    this.#cluster.pause(node);
  }

  async resume(node: string): Promise<void> {
    this.#cluster.resume(node);
  }

  async start(node: string): Promise<void> {
    if (this.#cluster.machine(node).process === undefined) this.#cluster.start(node);
    else this.#cluster.restart(node);
    const answers = async (): Promise<boolean> =>
      (await this.send(node, { method: 'GET', url: '/v1/sys/health', headers: [], body: new Uint8Array() })).status > 0;
    await this.#sim.until(`${node} answers`, answers, 100 * MILLISECOND, 60 * SECOND);
  }
}
