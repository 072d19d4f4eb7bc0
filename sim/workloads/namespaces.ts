/**
 * Clients that live in namespaces: each writes and reads with a token of its own namespace, by every way of naming it,
 * and tries to look into the others. Every value says whose it is, so that no answer may hold another's.
 */
import { parseDuration } from '../../core/codec/duration.ts';
import type { JsonObject } from '../../core/codec/json.ts';
import { type Micros, type Runtime, SECOND } from '../../core/runtime.ts';
import { answered, at, HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Simulation } from '../simulation.ts';
import { anyNode, around } from './workload.ts';

export interface Apart {
  /** Paths without a slash at the end: 'a', 'a/b'. Each exists already, with what `furnish` makes. */
  readonly namespaces: readonly string[];
  /** The pause between two steps of a client: uniform between half and one and a half times this. */
  readonly every: string;
}

/** What the clients saw so far. */
export interface Sight {
  written: number;
  /** Reads that gave a value, which was the namespace's own. */
  read: number;
  /** Looks into another namespace that were refused. */
  refused: number;
}

const canary = (namespace: string): string => `canary-(${namespace})-`;

/** Mounts, a policy, and a token that holds it: what a client of the namespace needs. */
export async function furnish(cluster: Cluster, namespace: string): Promise<string> {
  await cluster.request('POST', `${namespace}/sys/mounts/kv`, { type: 'kv' });
  const policy = 'path "kv/*" { capabilities = ["create", "read", "update", "list"] }';
  await cluster.request('POST', `${namespace}/sys/policies/acl/own`, { policy });
  const body: JsonObject = { policies: ['own'], ttl: '768h', no_parent: true };
  const made = await cluster.request('POST', `${namespace}/auth/token/create`, body);
  return at(made, 'auth', 'client_token') as string;
}

/** Starts a client a namespace, with the tokens that `furnish` gave, in the same order. */
export function keepApart(simulation: Simulation, cluster: Cluster, apart: Apart, tokens: readonly string[]): Sight {
  const sight: Sight = { written: 0, read: 0, refused: 0 };
  for (const [index, namespace] of apart.namespaces.entries()) {
    const token = tokens[index]!;
    simulation
      .client()
      .start((runtime) => new Tenant(runtime, namespace, token, apart, simulation, cluster, sight).run());
  }
  return sight;
}

class Tenant {
  readonly #runtime: Runtime;
  readonly #namespace: string;
  readonly #others: readonly string[];
  readonly #simulation: Simulation;
  readonly #cluster: Cluster;
  readonly #sight: Sight;
  readonly #http: HttpClient;
  readonly #think: Micros;
  #count = 0;

  constructor(
    runtime: Runtime,
    namespace: string,
    token: string,
    { namespaces, every }: Apart,
    simulation: Simulation,
    cluster: Cluster,
    sight: Sight,
  ) {
    this.#runtime = runtime;
    this.#namespace = namespace;
    // What is below its own the policy does not name either, but its listing may.
    this.#others = namespaces.filter((other) => other !== namespace);
    this.#simulation = simulation;
    this.#cluster = cluster;
    this.#sight = sight;
    this.#think = parseDuration(every);
    this.#http = new HttpClient(runtime, { timeout: 2 * SECOND, token });
  }

  async run(): Promise<never> {
    const { clock, random } = this.#runtime;
    for (;;) {
      await clock.sleep(around(this.#think, random));
      if (this.#simulation.resting) continue;
      const key = `kv/key-${random.below(8)}`;
      const step = random.below(4);
      if (step === 0) await this.#write(key);
      else if (step === 1) await this.#peek(key);
      else await this.#read(key, step === 2);
    }
  }

  async #write(key: string): Promise<void> {
    const body = { value: `${canary(this.#namespace)}${this.#count++}` };
    const status = await this.#ask('POST', this.#namespace, key, random(this.#runtime), body);
    if (status === 204) this.#sight.written++;
  }

  async #read(key: string, list: boolean): Promise<void> {
    const status = await this.#ask(list ? 'LIST' : 'GET', this.#namespace, list ? 'kv/' : key, random(this.#runtime));
    if (status === 200) this.#sight.read++;
  }

  /** No token opens a namespace beside or above its own, and this one's policy names nothing below. */
  async #peek(key: string): Promise<void> {
    const other = this.#others[this.#runtime.random.below(this.#others.length)];
    if (other === undefined) return;
    const status = await this.#ask('GET', other, key, random(this.#runtime));
    if (status === 200) throw new StoryFailure(`a token of ${this.#namespace} reads ${key} in ${other}`);
    if (status === 403) this.#sight.refused++;
  }

  /** The namespace in the path, or in the header; 0: no answer. */
  async #ask(method: string, namespace: string, key: string, header: boolean, body?: JsonObject): Promise<number> {
    const node = anyNode(this.#cluster, this.#runtime);
    const path = header ? `/v1/${key}` : `/v1/${namespace}/${key}`;
    const headers = header ? ([['X-Vault-Namespace', namespace]] as const) : [];
    const options = { headers, ...(body === undefined ? {} : { body }) };
    const answer = await answered(this.#http.request(this.#cluster.address(node), method, path, options));
    const text = JSON.stringify(answer.json);
    for (const other of this.#others) {
      if (text.includes(canary(other)))
        throw new StoryFailure(`an answer to ${this.#namespace} of ${node} holds what belongs to ${other}`);
    }
    return answer.status;
  }
}

const random = ({ random: chance }: Runtime): boolean => chance.below(2) === 0;
