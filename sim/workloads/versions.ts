/**
 * Clients with secrets of their own in KV version 2, who do all that can be done to versions, through any node, and
 * compare what the active node shows with what it has to. A secret about which an answer was lost is left alone.
 */
import type { JsonObject } from '../../core/codec/json.ts';
import { emptyObject, isObject, parse } from '../../core/codec/json.ts';
import { type Micros, type Runtime, SECOND } from '../../core/runtime.ts';
import { answered, at, type HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Simulation } from '../simulation.ts';
import { type Data, type Patch, SecretModel } from './secret-model.ts';
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
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: JsonObject;
  /** What an answer that says yes has done. */
  readonly done: (now: Micros) => void;
  /** The status that it has to be refused with. */
  readonly refused?: number;
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
    const before = secret.model.read(0, clock.monotonic());
    const step = this.#choose(secret, runtime);
    const { method, path, body } = step;
    // A standby that has come that far may still have in its cache what was before, and finds nothing there to change.
    const active = cluster.names.find((name) => cluster.isLatestActive(name));
    const node = method === 'POST' ? anyNode(cluster, runtime) : active;
    if (node === undefined) return false;
    const { index } = secret;
    const headers: (readonly [string, string])[] =
      index === undefined
        ? []
        : [
            ['X-Vault-Index', index],
            ['X-Vault-Inconsistent', 'forward-active-node'],
          ];
    if (method === 'PATCH') headers.push(['Content-Type', 'application/merge-patch+json']);
    const options = { headers, ...(body === undefined ? {} : { body }) };
    const answer = await answered(http.request(cluster.address(node), method, `/v1/secret/${path}`, options));
    const { status } = answer;
    // The current version ended by itself meanwhile, or is about to: nobody knows what was changed.
    if (method === 'PATCH' && before !== secret.model.read(0, clock.monotonic())) return true;
    if (status === step.refused) return false;
    if (status !== 200 && status !== 204 && !(status === 404 && method === 'PATCH')) return true;
    if (step.refused !== undefined || status === 404)
      throw new StoryFailure(`${method} ${path} ${JSON.stringify(body)} at version ${secret.model.current}: ${status}`);
    secret.index = answer.header('x-vault-index') ?? index;
    step.done(clock.monotonic());
    this.changed++;
    return false;
  }

  #choose({ path, model }: Secret, { random, clock }: Runtime): Step {
    const number = 1 + random.below(model.current + BEYOND);
    const versions = { versions: [number] };
    const value = (): string => `canary-version-${++this.#values}`;
    // Who has to name the version it knows does so most of the time.
    const cas = random.below(model.casRequired ? 6 : 2) > 0 ? model.current : undefined;
    const other = random.below(model.current + BEYOND);
    const named = random.below(5) === 0 ? other : cas;
    const options = named === undefined ? {} : { options: { cas: named } };
    const unfit = named === undefined ? model.casRequired : named !== model.current;
    const set = (body: JsonObject, done: () => void): Step => ({
      method: 'POST',
      path: `metadata/${path}`,
      body,
      done: () => {
        model.exists = true;
        done();
      },
    });
    switch (random.below(16)) {
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
        if (random.below(4) > 0) break;
        return { method: 'DELETE', path: `metadata/${path}`, done: () => model.forget() };
      case 8: {
        const cas_required = random.below(3) === 0;
        return set({ cas_required }, () => (model.casRequired = cas_required));
      }
      case 9: {
        const custom_metadata = { [random.below(2) === 0 ? 'a' : 'b']: `n${++this.#values}` };
        return set({ custom_metadata }, () => (model.custom = custom_metadata));
      }
      case 10: {
        const custom_metadata = {
          [random.below(2) === 0 ? 'a' : 'b']: random.below(3) === 0 ? null : `n${++this.#values}`,
        };
        return {
          method: 'PATCH',
          path: `metadata/${path}`,
          body: { custom_metadata },
          ...(!model.exists && { refused: 404 }),
          done: () => model.patchCustom(custom_metadata),
        };
      }
      case 11:
      case 12:
      case 13: {
        const now = model.read(0, clock.monotonic());
        if (now === undefined) break;
        const data: Patch = { [random.below(2) === 0 ? 'value' : 'more']: random.below(4) === 0 ? null : value() };
        const refused = !model.exists ? 404 : unfit ? 400 : now === null ? 404 : undefined;
        return {
          method: 'PATCH',
          path: `data/${path}`,
          body: { data, ...options },
          ...(refused !== undefined && { refused }),
          done: (at) => model.patch(data, at),
        };
      }
      default:
    }
    const data: Data = { value: value(), ...(random.below(2) === 0 && { more: value() }) };
    return {
      method: 'POST',
      path: `data/${path}`,
      body: { data, ...options },
      ...(unfit && { refused: 400 }),
      done: (now) => model.put(data, now),
    };
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
      throw new StoryFailure(
        `${url} of ${node} shows ${status} ${JSON.stringify(json)} instead of ${JSON.stringify(wanted)}`,
      );
    const shown = at(json, 'data', 'metadata', 'custom_metadata');
    if (wanted && !areEqual(model.custom, shown))
      throw new StoryFailure(`${url} of ${node} shows ${JSON.stringify(shown)}, not ${JSON.stringify(model.custom)}`);
    this.read++;
  }
}

const isRight = (wanted: Data | null | undefined, status: number, json: JsonObject): boolean =>
  wanted === undefined ||
  (wanted === null ? status === 404 : status === 200 && areEqual(wanted, at(json, 'data', 'data')));

/** None is as good as null. */
function areEqual(wanted: Data, shown: unknown): boolean {
  const found = isObject(shown as JsonObject) ? (shown as JsonObject) : emptyObject();
  const names = Object.keys(wanted);
  return names.length === Object.keys(found).length && names.every((name) => found[name] === wanted[name]);
}
