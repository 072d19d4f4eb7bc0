/** Clients that make tokens with one lifetime, as many as they are told to, and leave them alone. */
import { type Runtime, SECOND } from '../../core/runtime.ts';
import { answered, at, HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import type { Simulation } from '../simulation.ts';

export interface LeaseOptions {
  readonly clients: number;
  /** Tokens in all. */
  readonly count: number;
  readonly ttl: string;
}

/** Resolves with the tokens whose making was acknowledged. */
export function makeTokens(simulation: Simulation, cluster: Cluster, options: LeaseOptions): Promise<string[]> {
  const { clients, count, ttl } = options;
  const made: string[] = [];
  return new Promise((resolve) => {
    let working = clients;
    for (let client = 0; client < clients; client++) {
      const share = Math.floor((count + client) / clients);
      const make = async (runtime: Runtime): Promise<void> => {
        const http = new HttpClient(runtime, { timeout: 10 * SECOND, token: cluster.keys.rootToken });
        for (let turn = 0; turn < share; turn++) {
          const body = { policies: ['default'], ttl, no_parent: true };
          const address = cluster.address(cluster.leader);
          const { json } = await answered(http.request(address, 'POST', '/v1/auth/token/create', { body }));
          const token = at(json, 'auth', 'client_token');
          if (typeof token === 'string') made.push(token);
        }
        working -= 1;
        if (working === 0) resolve(made);
      };
      simulation.client().start(make);
    }
  });
}
