/**
 * Pods that log in with the tokens of their service accounts, through any node, now and then with one that they should
 * have forgotten. Nobody gets in whose account was gone before they asked, nobody gets in while there is no API to vouch
 * for them, and who gets in is who they are.
 */
import { SECOND } from '../../core/runtime.ts';
import { answered, at, type HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import { bearerOf } from '../services/kubernetes-reviews.ts';
import type { KubernetesService } from '../services/kubernetes-service.ts';
import type { Simulation } from '../simulation.ts';
import { anyNode, startClient, type Workload } from './workload.ts';

export interface LoginOptions {
  readonly clients: number;
  /** The pause between two logins of a client: uniform between half and one and a half times this. */
  readonly every: string;
  readonly role: string;
}

const TIMEOUT = 5 * SECOND;
/** Tokens that a client remembers, and in a hundred logins those with an old one. */
const REMEMBERED = 4;
const OLD = 40;

export class KubernetesLogins implements Workload {
  readonly #service: KubernetesService;
  readonly #options: LoginOptions;
  /** Logins that got a token, and those that were refused. */
  letIn = 0;
  refused = 0;

  constructor(service: KubernetesService, options: LoginOptions) {
    this.#service = service;
    this.#options = options;
  }

  start(simulation: Simulation, cluster: Cluster): void {
    for (let index = 0; index < this.#options.clients; index++) {
      const known: string[] = [];
      startClient(simulation, this.#options.every, { timeout: TIMEOUT }, (http, runtime) => {
        const { random } = runtime;
        const { accounts } = this.#service;
        if (known.length === 0 || random.below(100) >= OLD) {
          known.unshift(this.#service.api.tokenFor(accounts[random.below(accounts.length)]!));
          known.splice(REMEMBERED);
        }
        const address = cluster.address(anyNode(cluster, runtime));
        return this.#logIn(http, address, known[random.below(known.length)]!, simulation);
      });
    }
  }

  async #logIn(http: HttpClient, address: string, jwt: string, { world }: Simulation): Promise<void> {
    const asked = world.now;
    const { awaySince } = this.#service;
    const body = { role: this.#options.role, jwt };
    const answer = await answered(http.request(address, 'POST', '/v1/auth/kubernetes/login', { body }));
    if (answer.status === 403) this.refused++;
    if (answer.status !== 200) return;
    this.letIn++;
    const { account, uid } = bearerOf(jwt)!;
    const gone = this.#service.goneSince(uid);
    if (gone !== undefined && gone < asked) {
      throw new StoryFailure(`${account} got in ${(asked - gone) / SECOND} s after that account was gone`);
    }
    if (awaySince !== undefined && this.#service.awaySince === awaySince) {
      throw new StoryFailure(`${account} got in while no API could vouch for it`);
    }
    if (at(answer.json, 'auth', 'metadata', 'service_account_uid') !== uid) {
      throw new StoryFailure(`${account} got in as somebody else`);
    }
  }
}
