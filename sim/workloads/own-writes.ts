/**
 * Clients that write secrets of KV v2 and read them anywhere, each time with the index of the answer before: whoever
 * answers has to know at least what that answer knew, or to say that it does not.
 */
import { SECOND } from '../../core/runtime.ts';
import { answered, at, type HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Simulation } from '../simulation.ts';
import { anyNode, startClient, type Workload } from './workload.ts';

export interface OwnWritesOptions {
  readonly clients: number;
  readonly keys: number;
  /** The pause between two steps of a client: uniform between half and one and a half times this. */
  readonly every: string;
}

/** The latest that a client knows of a secret. */
interface Seen {
  readonly version: number;
  readonly index: string;
}

export class OwnWrites implements Workload {
  readonly #options: OwnWritesOptions;
  /** Reads that were answered, and those of them that a node said it could not answer yet. */
  reads = 0;
  refused = 0;

  constructor(options: OwnWritesOptions) {
    this.#options = options;
  }

  /** Needs KV v2 at secret/. */
  start(simulation: Simulation, cluster: Cluster): void {
    const { clients, keys, every } = this.#options;
    const options = { timeout: 2 * SECOND, token: cluster.keys.rootToken };
    for (let client = 0; client < clients; client++) {
      const seen = new Map<string, Seen>();
      startClient(simulation, every, options, async (http, runtime) => {
        const key = `secret/data/own-${runtime.random.below(keys)}`;
        const keep = (known: Seen | undefined): unknown => known && seen.set(key, known);
        if (runtime.random.below(2) === 0) keep(await this.#write(http, cluster, anyNode(cluster, runtime), key));
        // At once: what is not known yet is known soon.
        keep(await this.#read(http, cluster, anyNode(cluster, runtime), key, seen));
      });
    }
  }

  async #write(http: HttpClient, cluster: Cluster, node: string, key: string): Promise<Seen | undefined> {
    const body = { data: { value: 'canary-own' } };
    const answer = await answered(http.request(cluster.address(node), 'POST', `/v1/${key}`, { body }));
    const version = at(answer.json, 'data', 'version');
    const index = answer.header('x-vault-index');
    return typeof version === 'number' && index !== undefined ? { version, index } : undefined;
  }

  async #read(
    http: HttpClient,
    cluster: Cluster,
    node: string,
    key: string,
    all: ReadonlyMap<string, Seen>,
  ): Promise<Seen | undefined> {
    const seen = all.get(key);
    const headers = seen === undefined ? [] : ([['X-Vault-Index', seen.index]] as const);
    const answer = await answered(http.request(cluster.address(node), 'GET', `/v1/${key}`, { headers }));
    if (answer.status === 429) this.refused++;
    if (answer.status !== 200) return undefined;
    this.reads++;
    const version = Number(at(answer.json, 'data', 'metadata', 'version'));
    if (seen !== undefined && version < seen.version)
      throw new StoryFailure(`${node} answered version ${version} of ${key} to who had seen version ${seen.version}`);
    const index = answer.header('x-vault-index');
    return index === undefined ? undefined : { version, index };
  }
}
