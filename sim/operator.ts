/** Whoever runs the cluster: a machine of its own that initialises, unseals, mounts and looks, over the same network. */
import { isObject, type JsonObject, type JsonValue } from '../core/codec/json.ts';
import { decodeUtf8 } from '../core/codec/utf8.ts';
import { type Runtime, SECOND } from '../core/runtime.ts';
import { at, HttpClient, jsonOf, NoAnswer, type RequestOptions } from './client.ts';
import { StoryFailure } from './failure.ts';
import type { Answer } from './network/http-wire.ts';

/** What init gave out, as its caller has to keep it. */
export interface Keys {
  /** Base64, unseal or recovery shares. */
  readonly shares: readonly string[];
  readonly rootToken: string;
}

/** As the `bao` program. */
const PATIENCE = 60 * SECOND;

export class Operator {
  readonly #http: HttpClient;

  constructor(runtime: Runtime) {
    this.#http = new HttpClient(runtime, { timeout: PATIENCE });
  }

  set token(token: string) {
    this.#http.token = token;
  }

  /** One request; its answer whatever the status. Throws NoAnswer. */
  request(address: string, method: string, path: string, options?: RequestOptions): Promise<Answer> {
    return this.#http.request(address, method, `/v1/${path}`, options);
  }

  /** One request that has to succeed. */
  async expect(address: string, method: string, path: string, body?: JsonObject): Promise<JsonObject> {
    const answer = await this.request(address, method, path, body === undefined ? {} : { body });
    if (answer.status >= 300) {
      throw new StoryFailure(`${method} ${path} on ${address}: ${answer.status} ${decodeUtf8(answer.body).trim()}`);
    }
    return jsonOf(answer);
  }

  /** The status of sys/health, or undefined when nobody answers. */
  async health(address: string): Promise<number | undefined> {
    try {
      return (await this.request(address, 'GET', 'sys/health', { timeout: SECOND })).status;
    } catch (error) {
      if (error instanceof NoAnswer) return undefined;
      throw error;
    }
  }

  async init(
    address: string,
    autoUnseal: boolean,
    [count, threshold]: readonly [number, number] = [5, 3],
  ): Promise<Keys> {
    const body: JsonObject = autoUnseal
      ? { recovery_shares: 1, recovery_threshold: 1 }
      : { secret_shares: count, secret_threshold: threshold };
    const made = await this.expect(address, 'PUT', 'sys/init', body);
    const shares = (made['keys_base64'] ?? []) as readonly string[];
    const recovery = (made['recovery_keys_base64'] ?? []) as readonly string[];
    return { shares: autoUnseal ? recovery : shares, rootToken: made['root_token'] as string };
  }

  /** Gives shares until the node says that it is unsealed. */
  async unseal(address: string, shares: readonly string[]): Promise<void> {
    for (const key of shares) {
      const status = await this.expect(address, 'PUT', 'sys/unseal', { key });
      if (status['sealed'] === false) return;
    }
  }

  /** How many voters the cluster has, as `address` sees it; 0 when it cannot say. */
  async voters(address: string): Promise<number> {
    const answer = await this.request(address, 'GET', 'sys/storage/raft/configuration').catch(() => undefined);
    if (answer?.status !== 200) return 0;
    const servers: JsonValue | undefined = at(jsonOf(answer), 'data', 'config', 'servers');
    if (!Array.isArray(servers)) return 0;
    return servers.filter((server: JsonValue) => isObject(server) && server['voter'] === true).length;
  }
}
