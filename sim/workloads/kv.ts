/** Clients that put and get secrets of KV v2. */
import { parseDuration } from '../../core/codec/duration.ts';
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import { type Micros, type Runtime, SECOND } from '../../core/runtime.ts';
import { at, HttpClient, jsonOf, NoAnswer } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import type { History, Operation, Outcome } from '../history.ts';
import type { Answer } from '../network/http-wire.ts';
import type { Simulation } from '../simulation.ts';
import { anyNode, around, type Workload } from './workload.ts';

/**
 * Which node a client asks: `spread`: a node of its own, and the next one after each failure; `random`: any node each
 * time; `active`: what a load balancer with health checks would choose.
 */
export type Balance = 'spread' | 'random' | 'active';

export interface KvOptions {
  readonly clients: number;
  readonly keys: number;
  /** A client's pause between two operations: uniform between half and one and a half times this. */
  readonly every: string;
  /** Where KV v2 is mounted. Default 'secret'. */
  readonly mount?: string;
  /** Reads in a hundred operations. Default 50. */
  readonly reads?: number;
  /** Writes in a hundred that name the version they replace. Default 0. */
  readonly cas?: number;
  /** When a client gives up. Default 5s. */
  readonly timeout?: string;
  readonly balance?: Balance;
}

export const kv = {
  /** Puts values that are all different, and gets them. */
  putAndGet: (options: KvOptions): Workload => ({
    start(simulation, cluster, history) {
      for (let index = 0; index < options.clients; index++) {
        const machine = simulation.client();
        machine.start((runtime) => new KvClient(runtime, index, options, simulation, cluster, history).run());
      }
    },
  }),
};

class KvClient {
  readonly #runtime: Runtime;
  readonly #options: KvOptions;
  readonly #simulation: Simulation;
  readonly #cluster: Cluster;
  readonly #history: History;
  readonly #http: HttpClient;
  readonly #path: string;
  readonly #think: Micros;
  /** The last version seen of each key, for check-and-set. */
  readonly #seen = new Map<string, number>();
  #home: number;
  #puts = 0;

  constructor(
    runtime: Runtime,
    index: number,
    options: KvOptions,
    simulation: Simulation,
    cluster: Cluster,
    history: History,
  ) {
    this.#runtime = runtime;
    this.#options = options;
    this.#simulation = simulation;
    this.#cluster = cluster;
    this.#history = history;
    this.#home = index;
    this.#path = `${options.mount ?? 'secret'}/data/`;
    this.#think = parseDuration(options.every);
    const timeout = options.timeout === undefined ? 5 * SECOND : parseDuration(options.timeout);
    // A redirect may follow upon a forwarded request whose answer was lost: what it did is unknown, and must not be done twice.
    this.#http = new HttpClient(runtime, { timeout, token: cluster.keys.rootToken, follow: false });
  }

  async run(): Promise<never> {
    const { random, clock } = this.#runtime;
    for (;;) {
      await clock.sleep(around(this.#think, random));
      if (this.#simulation.resting) continue;
      const key = `${this.#path}key-${random.below(this.#options.keys)}`;
      const reads = random.below(100) < (this.#options.reads ?? 50);
      const done = await (reads ? this.#get(key) : this.#put(key));
      if (done.version !== undefined) this.#seen.set(key, done.version);
      if (done.outcome !== 'ok' && done.note?.includes('check-and-set') !== true) this.#home++;
    }
  }

  #put(key: string): Promise<Operation> {
    const { random, name } = this.#runtime;
    const value = `canary-${name}-${++this.#puts}`;
    const cas = random.below(100) < (this.#options.cas ?? 0) ? this.#seen.get(key) : undefined;
    const operation = this.#begin('put', key, value, cas);
    const body = cas === undefined ? { data: { value } } : { data: { value }, options: { cas } };
    const fresh = this.#watchFreshness(operation);
    return this.#ask(
      operation,
      () => this.#http.request(this.#address(operation), 'POST', `/v1/${key}`, { body }),
      (answer) => {
        const { casRefused, ...outcome } = putOutcome(answer);
        // A standby compares with what it has, and says no before it would hand the write on.
        return casRefused === true && fresh() ? { ...outcome, casRefused } : outcome;
      },
    );
  }

  #get(key: string): Promise<Operation> {
    const operation = this.#begin('get', key);
    const fresh = this.#watchFreshness(operation);
    return this.#ask(
      operation,
      () => this.#http.request(this.#address(operation), 'GET', `/v1/${key}`),
      (answer) => ({ ...getOutcome(answer), ...(fresh() ? {} : { stale: true }) }),
    );
  }

  /** Tells afterwards whether the node was the active one all the while. */
  #watchFreshness({ node }: Operation): () => boolean {
    const before = this.#cluster.isLatestActive(node);
    return () => before && this.#cluster.isLatestActive(node);
  }

  #begin(kind: 'put' | 'get', key: string, value?: string, cas?: number): Operation {
    const given = { ...(value === undefined ? {} : { value }), ...(cas === undefined ? {} : { cas }) };
    return this.#history.begin({ client: this.#runtime.name, kind, key, node: this.#node(), ...given });
  }

  async #ask(operation: Operation, ask: () => Promise<Answer>, judge: (answer: Answer) => Outcome): Promise<Operation> {
    let outcome: Outcome;
    try {
      outcome = judge(await ask());
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const unknown = error.sent && operation.kind === 'put';
      outcome = { outcome: unknown ? 'unknown' : 'failed', note: error.message };
    }
    this.#history.end(operation, outcome);
    return operation;
  }

  #node(): string {
    const { names } = this.#cluster;
    const balance = this.#options.balance ?? 'spread';
    if (balance === 'random') return anyNode(this.#cluster, this.#runtime);
    const active = balance === 'active' ? names.find((name) => this.#cluster.isActive(name)) : undefined;
    return active ?? names[this.#home % names.length]!;
  }

  #address(operation: Operation): string {
    return this.#cluster.address(operation.node);
  }
}

function putOutcome(answer: Answer): Outcome {
  const { status } = answer;
  if (status === 200) {
    const version = at(jsonOf(answer), 'data', 'version');
    return { outcome: 'ok', ...(typeof version === 'number' ? { version } : {}) };
  }
  const note = `${status} ${decodeUtf8(answer.body).trim()}`;
  if (status === 307 || (status >= 500 && !isRefusal(note))) return { outcome: 'unknown', note };
  return { outcome: 'failed', note, ...(note.includes('check-and-set') ? { casRefused: true } : {}) };
}

/** Answers of a node that certainly did nothing: sealed, or without an active node to forward to (facts §3.4, §3.8). */
function isRefusal(note: string): boolean {
  return note.includes('Vault is sealed') || note.includes('active cluster node not found');
}

/** What a read of a KV v2 secret that is written by `kv` tells. */
export function getOutcome(answer: Answer): Outcome {
  if (answer.status === 404) return { outcome: 'ok', version: 0 };
  if (answer.status !== 200) return { outcome: 'failed', note: `${answer.status} ${decodeUtf8(answer.body).trim()}` };
  const json = jsonOf(answer);
  const value = at(json, 'data', 'data', 'value');
  const version = at(json, 'data', 'metadata', 'version');
  return {
    outcome: 'ok',
    ...(typeof value === 'string' ? { value } : {}),
    ...(typeof version === 'number' ? { version } : {}),
  };
}
