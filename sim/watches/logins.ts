/**
 * A client that logs in all the time with tokens of a provider, and now and then with one whose key was withdrawn. Keys
 * that a node has fetched are good until it fetches newer ones, and no longer: whom it let in with a newer key, it lets
 * in with that alone. And nobody is refused whose key is published by a provider that answers, or is known to the node.
 */
import { type Micros, type Runtime, SECOND } from '../../core/runtime.ts';
import { answered, HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { OpenIdService } from '../services/openid-service.ts';
import type { Simulation } from '../simulation.ts';

/** So long a provider, a key or a leader has to be there before a refusal is a fault: a fetch that began before may fail. */
const SETTLED = 3 * SECOND;
const PAUSE = SECOND / 4;

interface Situation {
  readonly leader: string;
  readonly key: number;
  readonly up: boolean;
}

export class LoginWatch {
  admitted = 0;
  /** Of a withdrawn key. */
  refused = 0;
  readonly #simulation: Simulation;
  readonly #cluster: Cluster;
  readonly #provider: OpenIdService;
  /** The newest key with which a node let somebody in. */
  readonly #newest = new Map<string, number>();
  readonly #wrong: string[] = [];
  #situation: Situation;
  /** Since when all of it is as it is. */
  #since: Micros;

  /** Watches from now on; `path` is the login's, without the version. */
  constructor(simulation: Simulation, cluster: Cluster, provider: OpenIdService, path: string) {
    this.#simulation = simulation;
    this.#cluster = cluster;
    this.#provider = provider;
    this.#situation = this.#now();
    this.#since = simulation.world.now;
    simulation.client('logins').start((runtime) => this.#run(runtime, path));
  }

  /** Throws StoryFailure. */
  assertKept(): void {
    if (this.#wrong.length > 0) throw new StoryFailure(`${this.#wrong[0]} (${this.#wrong.length} in all)`);
  }

  #now(): Situation {
    // Who died as the leader is asked until there is another.
    const leader = this.#cluster.names.find((name) => this.#cluster.isLatestActive(name)) ?? '';
    return { leader, key: this.#provider.api.key, up: this.#provider.awaySince === undefined };
  }

  /** Whether nothing is other than it was the last time. */
  #look(): boolean {
    const [before, now] = [this.#situation, this.#now()];
    const same = now.leader === before.leader && now.key === before.key && now.up === before.up;
    if (!same) this.#since = this.#simulation.world.now;
    // Keys are in the memory of who leads; who leads again begins without.
    if (now.leader !== before.leader) this.#newest.clear();
    this.#situation = now;
    return same;
  }

  async #run(runtime: Runtime, path: string): Promise<never> {
    const http = new HttpClient(runtime, { timeout: 5 * SECOND });
    for (;;) {
      await runtime.clock.sleep(PAUSE + runtime.random.below(PAUSE));
      if (this.#simulation.resting) continue;
      this.#look();
      const { leader, key } = this.#situation;
      const used = runtime.random.below(3) === 0 ? Math.max(1, key - 1) : key;
      const newest = this.#newest.get(leader) ?? 0;
      const settled = this.#simulation.world.now - this.#since >= SETTLED;
      const body = { role: 'r', jwt: this.#provider.api.token({ sub: 'alice', aud: 'bao' }, used) };
      const { status } = await answered(http.request(this.#cluster.address(leader), 'POST', `/v1/${path}`, { body }));
      const same = this.#look();
      if (status === 200) this.#let(leader, used, newest);
      else if (status !== 400) this.#newest.clear();
      else if (used < key) this.refused++;
      else if (settled && same && (this.#situation.up || newest === key)) {
        this.#wrong.push(`${leader} refused a token of key ${key}, which it can have or has`);
      }
    }
  }

  #let(leader: string, key: number, newest: number): void {
    this.admitted++;
    if (key < newest) this.#wrong.push(`${leader} let in with key ${key} after it had let in with key ${newest}`);
    this.#newest.set(leader, Math.max(newest, key));
  }
}
