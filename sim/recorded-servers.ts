/** Clusters that begin as the servers of recorded conversations did, and the operator who looks after them. */
import { asObject, asString, asStrings } from '../core/codec/json-fields.ts';
import type { JsonObject } from '../core/codec/json.ts';
import { MILLISECOND, SECOND } from '../core/runtime.ts';
import { gather } from './bring-up.ts';
import { jsonOf } from './client.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterOptions } from './cluster-options.ts';
import type { Answer } from './network/http-wire.ts';
import type { RecordedOptions, RecordedServer } from './recorded.ts';
import type { Simulation } from './simulation.ts';

/** Where all nodes say that the API is: the address of one server, so that URLs in answers stay the same. */
export const URL_OF_ALL = 'http://127.0.0.1:8200';

const PATIENCE = 10 * SECOND;

const settings = (server: RecordedServer): ClusterOptions['settings'] => {
  if (server === 'dev') return { raw_storage_endpoint: true, ui: true };
  if (server === 'bare' || server === 'raft') return {};
  return {
    unsafe_allow_api_audit_creation: true,
    disable_unauthed_rekey_endpoints: false,
    disable_unauthed_generate_root_endpoints: false,
  };
};

export async function openServer(
  sim: Simulation,
  server: RecordedServer,
  { alone, storage }: RecordedOptions,
): Promise<Caretaker> {
  const options: ClusterOptions = {
    nodes: alone === undefined ? 3 : 1,
    multiplier: 1,
    settings: settings(server)!,
    advertised: () => URL_OF_ALL,
    seal: server === 'auto' ? 'static' : 'shamir',
    ...(server === 'dev' ? { shares: [1, 1] } : {}),
    ...(storage === undefined ? {} : { storage }),
  };
  if (server === 'dev') return new Caretaker(sim, await dressed(sim, options), true);
  const cluster = sim.prepare(options);
  for (const name of cluster.names) cluster.start(name);
  const answers = async (): Promise<boolean> => (await cluster.operator.health(cluster.address('n1'))) !== undefined;
  await sim.until('the first node answers', answers, 250 * MILLISECOND, PATIENCE);
  return new Caretaker(sim, cluster, false);
}

/** A cluster that looks as a server in development mode does. */
async function dressed(sim: Simulation, options: ClusterOptions): Promise<Cluster> {
  const cluster = await sim.cluster(options);
  await cluster.mount('secret', 'kv-v2');
  await cluster.request('POST', 'sys/mounts/secret/tune', { description: 'key/value secret storage' });
  for (const node of cluster.names) {
    const usable = async (): Promise<boolean> => (await cluster.ask('GET', 'secret/config', { node })).status === 200;
    await sim.until('every node can read', usable, 50 * MILLISECOND, PATIENCE);
  }
  await cluster.request('POST', 'auth/token/create', { id: 'root', policies: ['root'], no_parent: true });
  cluster.operator.token = 'root';
  await cluster.request('POST', 'auth/token/revoke', { token: cluster.keys.rootToken });
  // Comparisons take times on whole days for such as clients asked for; a simulation begins at midnight.
  await sim.run('100s');
  return cluster;
}

const NAMESPACE = /\/sys\/namespaces\/[^/]+$/;
const ROTATION = /^\/v1\/sys\/(?:rekey|rotate\/root)\/(?:update|verify)$/;

/**
 * Keeps what the conversation gives out, shares and the root token, so that the other nodes join when the first one
 * is open, and whoever dies comes back. From when on a node is sealed the conversation is with that one alone.
 */
export class Caretaker {
  readonly cluster: Cluster;
  readonly #sim: Simulation;
  /** All nodes are there. */
  #complete: boolean;
  /** The one that the conversation has sealed. */
  #sealed: string | undefined;
  /** Shares that have to be given back before they count. */
  #unverified: readonly string[] = [];

  constructor(sim: Simulation, cluster: Cluster, complete: boolean) {
    this.#sim = sim;
    this.cluster = cluster;
    this.#complete = complete;
  }

  /** Nodes may fall, and standbys be asked. */
  get complete(): boolean {
    return this.#complete && this.#sealed === undefined;
  }

  /** Who is asked. */
  get first(): string {
    const [only, ...others] = this.cluster.names;
    if (others.length === 0 || !this.#complete) return only!;
    return this.#sealed ?? this.cluster.leader;
  }

  /** What came of a request to `node`. */
  async saw(node: string, path: string, answer: Answer): Promise<void> {
    if (answer.status >= 300) return;
    const json = jsonOf(answer);
    if (path === '/v1/sys/init') this.#initialised(json);
    if (path === '/v1/sys/seal') this.#sealed = node;
    if (path === '/v1/sys/step-down') await this.cluster.ready();
    if (path === '/v1/sys/unseal' && json['sealed'] === false && this.cluster.names.length === 1)
      this.#sealed = undefined;
    if (NAMESPACE.test(path)) this.#furnished(asObject(json['data']) ?? {});
    if (ROTATION.test(path)) this.#rotated(asObject(json['data']) ?? json);
    if (path === '/v1/sys/health' && json['standby'] === false && !this.#complete) await this.#gather();
  }

  /** Others become able to serve when the first one does. */
  async #gather(): Promise<void> {
    this.#complete = true;
    await gather(this.#sim, this.cluster, this.cluster.keys);
    await this.#sim.run('1s');
  }

  #initialised(json: JsonObject): void {
    const rootToken = asString(json['root_token']);
    if (rootToken === undefined) return;
    const shares = asStrings(json['keys_base64']) ?? [];
    this.cluster.keys = {
      shares: shares.length > 0 ? shares : (asStrings(json['recovery_keys_base64']) ?? []),
      rootToken,
    };
    this.cluster.operator.token = rootToken;
  }

  /** A namespace that has shares of its own. */
  #furnished(json: JsonObject): void {
    const shares = asStrings(json['key_shares']) ?? [];
    if (shares.length > 0) this.cluster.holds(asString(json['uuid'])!, shares);
  }

  #rotated(json: JsonObject): void {
    if ((asStrings(json['pgp_fingerprints']) ?? []).length > 0) {
      this.cluster.sharesLost = true;
      return;
    }
    const made = asStrings(json['keys_base64']) ?? [];
    if (made.length > 0 && json['verification_required'] === true) this.#unverified = made;
    else if (json['complete'] === true) this.cluster.rekeyed(made.length > 0 ? made : this.#unverified);
  }
}
