/** Somebody at an address of the network, e.g. 10.1.0.5: for what depends on where one asks from. */
import { type Answered, answered, HttpClient, type RequestOptions } from './client.ts';
import type { Cluster } from './cluster.ts';
import type { Simulation } from './simulation.ts';

export class Caller {
  readonly address: string;
  readonly #cluster: Cluster;
  readonly #http: HttpClient;

  constructor(simulation: Simulation, cluster: Cluster, address: string) {
    this.address = address;
    this.#cluster = cluster;
    this.#http = new HttpClient(simulation.client(address).start(() => {}));
  }

  /** A request to a node, the leader unless named, without a token unless given; status 0: no answer. */
  ask(method: string, path: string, options: RequestOptions & { readonly node?: string } = {}): Promise<Answered> {
    const node = options.node ?? this.#cluster.leader;
    return answered(this.#http.request(this.#cluster.address(node), method, `/v1/${path}`, options));
  }
}
