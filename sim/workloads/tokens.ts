/**
 * Clients that make tokens, use them on any node, and revoke them. A revoked token is refused by the active node from
 * the moment of the acknowledgement, and by every node once all is calm.
 *
 * A 204 alone proves nothing: a standby that lags, or a leader that has been replaced and does not know it yet, has
 * never heard of the token and answers 204 without doing anything. So does OpenBao 2.7.2 (16 of 300 tokens that were
 * made on the active node and at once revoked through a standby stayed valid).
 */
import { parseDuration } from '../../core/codec/duration.ts';
import { type Micros, type Runtime, SECOND } from '../../core/runtime.ts';
import { answered, at, HttpClient, type RequestOptions } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import type { Simulation } from '../simulation.ts';
import { StoryFailure } from '../failure.ts';
import { anyNode, around, type Workload } from './workload.ts';

export interface TokenOptions {
  readonly clients: number;
  /** The pause between two steps of a client: uniform between half and one and a half times this. */
  readonly every: string;
  readonly timeout?: string;
}

/** Revoked tokens that every node is asked about at the end; the latest are the likeliest to be remembered. */
const ASKED = 12;

export const tokens = (options: TokenOptions): Workload => ({
  start(simulation, cluster) {
    for (let index = 0; index < options.clients; index++) {
      const machine = simulation.client();
      machine.start((runtime) => new TokenClient(runtime, options, simulation, cluster).run());
    }
  },
});

class TokenClient {
  readonly #runtime: Runtime;
  readonly #simulation: Simulation;
  readonly #cluster: Cluster;
  readonly #http: HttpClient;
  readonly #think: Micros;

  constructor(runtime: Runtime, options: TokenOptions, simulation: Simulation, cluster: Cluster) {
    this.#runtime = runtime;
    this.#simulation = simulation;
    this.#cluster = cluster;
    this.#think = parseDuration(options.every);
    const timeout = options.timeout === undefined ? 2 * SECOND : parseDuration(options.timeout);
    this.#http = new HttpClient(runtime, { timeout, token: cluster.keys.rootToken });
  }

  async run(): Promise<never> {
    for (;;) {
      await this.#pause();
      const made = await this.#create();
      if (made === undefined) continue;
      const { token, index } = made;
      // What only the token can read goes with it.
      await this.#ask('POST', 'cubbyhole/own', this.#anyNode(), { token, body: { note: 'canary-cubbyhole' } });
      // Every node that saw it remembers it.
      for (const node of this.#cluster.names) await this.#use(token, node);
      await this.#pause();
      if (await this.#revoke(token, index)) this.#claim(token);
    }
  }

  async #pause(): Promise<void> {
    const { clock, random } = this.#runtime;
    do await clock.sleep(around(this.#think, random));
    while (this.#simulation.resting);
  }

  async #create(): Promise<{ readonly token: string; readonly index: string } | undefined> {
    // What has a lease ends with it; a root token without one lives on wherever it is remembered.
    const kind = this.#runtime.random.below(2) === 0 ? { policies: ['root'] } : { policies: ['default'], ttl: '768h' };
    const body = { ...kind, no_parent: true, meta: { note: 'canary-token' } };
    const answer = await this.#ask('POST', 'auth/token/create', this.#anyNode(), { body });
    const token = at(answer.json, 'auth', 'client_token');
    const index = answer.header('x-vault-index');
    return answer.status === 200 && typeof token === 'string' && index !== undefined ? { token, index } : undefined;
  }

  async #use(token: string, node: string): Promise<number> {
    return (await this.#ask('GET', 'auth/token/lookup-self', node, { token })).status;
  }

  /** Asks until the active node itself says so: an answer that did not come may have been a yes, and a yes may be empty. */
  async #revoke(token: string, index: string): Promise<boolean> {
    const headers = [
      ['X-Vault-Index', index],
      ['X-Vault-Inconsistent', 'forward-active-node'],
    ] as const;
    for (let attempt = 0; attempt < 5; attempt++) {
      const node = this.#anyNode();
      const certain = this.#cluster.isLatestActive(node);
      const { status } = await this.#ask('POST', 'auth/token/revoke', node, { headers, body: { token } });
      const refused = status === 204 ? await this.#isRefused(token) : undefined;
      if (refused === true) return true;
      if (refused === false && certain && this.#cluster.isLatestActive(node))
        throw new StoryFailure(`the active node ${node} accepts a token after it acknowledged its revocation`);
      await this.#pause();
    }
    return false;
  }

  /** What the active node says; undefined when there is none, or no answer. */
  async #isRefused(token: string): Promise<boolean | undefined> {
    const node = this.#cluster.names.find((name) => this.#cluster.isLatestActive(name));
    if (node === undefined) return undefined;
    const status = await this.#use(token, node);
    if (!this.#cluster.isLatestActive(node) || (status !== 200 && status !== 403)) return undefined;
    return status === 403;
  }

  #claim(token: string): void {
    const { claims } = this.#cluster;
    const what = 'a revoked token is refused';
    const own = claims.filter((claim) => claim.what === what);
    if (own.length >= ASKED) claims.splice(claims.indexOf(own[0]!), 1);
    claims.push({ what, path: 'auth/token/lookup-self', token, holds: (status) => status === 403 });
  }

  #ask(method: string, path: string, node: string, options: RequestOptions): ReturnType<typeof answered> {
    return answered(this.#http.request(this.#cluster.address(node), method, `/v1/${path}`, options));
  }

  #anyNode(): string {
    return anyNode(this.#cluster, this.#runtime);
  }
}
