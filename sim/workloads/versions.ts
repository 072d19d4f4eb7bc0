/**
 * Clients with secrets of their own in KV version 2, who do all that can be done to versions, through any node, and
 * compare what the active node shows with what it has to. A secret about which an answer was lost is left alone.
 */
import type { JsonObject } from '../../core/codec/json.ts';
import { parse } from '../../core/codec/json.ts';
import { type Micros, type Runtime, SECOND } from '../../core/runtime.ts';
import { answered, at, type HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Simulation } from '../simulation.ts';
import { SecretModel } from './secret-model.ts';
import { anyNode, startClient, type Workload } from './workload.ts';

export interface VersionsOptions {
  readonly clients: number;
  /** The pause between two steps of a client: uniform between half and one and a half times this. */
  readonly every: string;
}

const SECRETS = 3;
const TIMEOUT = 2 * SECOND;
/** A little more than the number of versions that a step looks at, so that some are not there. */
const BEYOND = 2;

interface Secret {
  readonly path: string;
  readonly model: SecretModel;
  /** Of the last change: a standby that has not come that far hands on what it is asked, as it is told. */
  index: string | undefined;
}

interface Step {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: JsonObject;
  /** What an answer that says yes has done. */
  readonly done: (now: Micros) => void;
  /** It has to be refused. */
  readonly wrong?: boolean;
}

export class VersionsWorkload implements Workload {
  readonly #options: VersionsOptions;
  readonly #secrets: Secret[] = [];
  #named = 0;
  #values = 0;
  /** Changes that were acknowledged, and reads that showed what they had to. */
  changed = 0;
  read = 0;

  constructor(options: VersionsOptions) {
    this.#options = options;
  }

  /** Needs KV v2 at secret/. */
  start(simulation: Simulation, cluster: Cluster): void {
    const { clients, every } = this.#options;
    for (let client = 0; client < clients; client++) {
      const own = Array.from({ length: SECRETS }, () => this.#fresh());
      startClient(simulation, every, { timeout: TIMEOUT, token: cluster.keys.rootToken }, async (http, runtime) => {
        const chosen = runtime.random.below(SECRETS);
        const lost = await this.#step(http, runtime, cluster, own[chosen]!);
        if (!lost) return;
        this.#secrets.splice(this.#secrets.indexOf(own[chosen]!), 1);
        own[chosen] = this.#fresh();
      });
    }
  }

  /** Once all rest: every node has to show the same from now on. */
  claim(simulation: Simulation, cluster: Cluster): void {
    for (const { path, model } of this.#secrets) {
      for (let number = 0; number <= model.current; number++) {
        cluster.claims.push({
          what: `version ${number} of ${path} is what became of it`,
          path: `secret/data/${path}?version=${number}`,
          holds: (status, body) => isRight(model.read(number, simulation.world.now), status, parse(body) as JsonObject),
        });
      }
    }
  }

  #fresh(): Secret {
    const secret = { path: `versions/s${++this.#named}`, model: new SecretModel(), index: undefined };
    this.#secrets.push(secret);
    return secret;
  }

  /** Whether an answer was lost. */
  async #step(http: HttpClient, runtime: Runtime, cluster: Cluster, secret: Secret): Promise<boolean> {
    const { random, clock } = runtime;
    if (random.below(3) === 0) {
      await this.#look(http, runtime, cluster, secret);
      return false;
    }
    const step = this.#choose(secret, runtime);
    const { method, path, body } = step;
    // A standby that has come that far may still have in its cache what was before, and finds nothing to delete in it.
    const active = cluster.names.find((name) => cluster.isLatestActive(name));
    const node = method === 'DELETE' ? active : anyNode(cluster, runtime);
    if (node === undefined) return false;
    const { index } = secret;
    const headers: (readonly [string, string])[] =
      index === undefined
        ? []
        : [
            ['X-Vault-Index', index],
            ['X-Vault-Inconsistent', 'forward-active-node'],
          ];
    const options = { headers, ...(body === undefined ? {} : { body }) };
    const answer = await answered(http.request(cluster.address(node), method, `/v1/secret/${path}`, options));
    const { status } = answer;
    if (step.wrong === true && status === 400) return false;
    if (status !== 200 && status !== 204) return true;
    if (step.wrong === true) {
      throw new StoryFailure(`${path} took ${JSON.stringify(body)} at version ${secret.model.current}`);
    }
    secret.index = answer.header('x-vault-index') ?? index;
    step.done(clock.monotonic());
    this.changed++;
    return false;
  }

  #choose({ path, model }: Secret, { random }: Runtime): Step {
    const number = 1 + random.below(model.current + BEYOND);
    const versions = { versions: [number] };
    const put = (cas: number | undefined, wrong = false): Step => {
      const value = `canary-version-${++this.#values}`;
      const body = { data: { value }, ...(cas === undefined ? {} : { options: { cas } }) };
      return { method: 'POST', path: `data/${path}`, body, wrong, done: (now) => model.put(value, now) };
    };
    const set = (body: JsonObject, done: () => void): Step => ({
      method: 'POST',
      path: `metadata/${path}`,
      body,
      done,
    });
    switch (random.below(12)) {
      case 0:
        return { method: 'DELETE', path: `data/${path}`, done: (now) => model.delete(model.current, now) };
      case 1:
        return { method: 'POST', path: `delete/${path}`, body: versions, done: (now) => model.delete(number, now) };
      case 2:
      case 3:
        return { method: 'POST', path: `undelete/${path}`, body: versions, done: (now) => model.undelete(number, now) };
      case 4:
        return { method: 'POST', path: `destroy/${path}`, body: versions, done: () => model.destroy(number) };
      case 5: {
        const most = random.below(5);
        return set({ max_versions: most }, () => (model.maxVersions = most));
      }
      case 6: {
        const after = random.below(3) * 4;
        return set({ delete_version_after: `${after}s` }, () => (model.deleteAfter = after * SECOND));
      }
      case 7:
        if (random.below(4) > 0) return put(model.current);
        return { method: 'DELETE', path: `metadata/${path}`, done: () => model.forget() };
      case 8: {
        const other = random.below(model.current + BEYOND);
        return put(other, other !== model.current);
      }
      default:
        return put(undefined);
    }
  }

  async #look(http: HttpClient, { random, clock }: Runtime, cluster: Cluster, { path, model }: Secret): Promise<void> {
    const node = cluster.names.find((name) => cluster.isLatestActive(name));
    if (node === undefined) return;
    const number = random.below(model.current + BEYOND);
    const url = `/v1/secret/data/${path}?version=${number}`;
    const { status, json } = await answered(http.request(cluster.address(node), 'GET', url));
    if (!cluster.isLatestActive(node) || (status !== 200 && status !== 404)) return;
    const wanted = model.read(number, clock.monotonic());
    if (!isRight(wanted, status, json))
      throw new StoryFailure(`${url} of ${node} shows ${status} ${JSON.stringify(json)} instead of ${wanted}`);
    this.read++;
  }
}

const isRight = (wanted: string | null | undefined, status: number, json: JsonObject): boolean =>
  wanted === undefined ||
  (wanted === null ? status === 404 : status === 200 && at(json, 'data', 'data', 'value') === wanted);
