/**
 * Declarative self-initialisation: what the `initialize` stanzas ask for is done once, as requests of the first root
 * token, by the node that initialised the cluster; nobody ever sees that token (facts §10).
 */
import { fromJson } from '../../cel/values.ts';
import { CelEnv } from '../../cel/environment.ts';
import { nativeJson } from '../../cel/native.ts';
import { compile, evaluate } from '../../cel/program.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { jsonObject, parseObject, print } from '../../codec/json.ts';
import { asList, asString } from '../../codec/json-fields.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { HttpHandler } from '../../http/message.ts';
import type { InitializeBlock, InitializeRequest } from '../configuration/initialize.ts';
import type { Sources } from './evaluate.ts';
import { evaluated, messageOf } from './evaluate.ts';

/** What is asked of the surroundings. */
export type Outside = Pick<Sources, 'environment' | 'readFile' | 'world'>;

const METHODS: Readonly<Record<string, string>> = {
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  read: 'GET',
  delete: 'DELETE',
  list: 'LIST',
  scan: 'SCAN',
};

/** Rejects with upstream's text when a request fails that may not; the root token is revoked either way. */
export async function initializeSelf(
  http: HttpHandler,
  blocks: readonly InitializeBlock[],
  rootToken: string,
  outside: Outside,
): Promise<void> {
  const run = new SelfInitialisation(http, rootToken, outside);
  try {
    await run.all(blocks);
  } finally {
    await run.revokeRoot();
  }
}

class SelfInitialisation {
  readonly #http: HttpHandler;
  readonly #rootToken: string;
  readonly #requests: Record<string, JsonObject> = {};
  readonly #responses: Record<string, JsonObject> = {};
  readonly #sources: Sources;

  constructor(http: HttpHandler, rootToken: string, outside: Outside) {
    this.#http = http;
    this.#rootToken = rootToken;
    this.#sources = {
      ...outside,
      requests: this.#requests,
      responses: this.#responses,
      cel: (expression) => this.#cel(expression),
    };
  }

  async all(blocks: readonly InitializeBlock[]): Promise<void> {
    refuseTwice(
      blocks.map(({ name }) => name),
      (name, first, second) => `duplicate outer block name '${name}' found at indices ${first} and ${second}`,
    );
    for (const { name, requests } of blocks) {
      refuseTwice(
        requests.map((request) => request.name),
        (inner, first, second) =>
          `duplicate request name '${inner}' in outer block '${name}' at indices ${first} and ${second}`,
      );
    }
    for (const [index, block] of blocks.entries()) await this.#block(block, index);
  }

  async revokeRoot(): Promise<void> {
    await this.#send('PUT', 'auth/token/revoke-self', this.#rootToken, jsonObject({}));
  }

  async #block({ name, when, requests }: InitializeBlock, outer: number): Promise<void> {
    this.#requests[name] = jsonObject({});
    this.#responses[name] = jsonObject({});
    if (when !== undefined && evaluated(when, this.#sources, 'when') === false) return;
    for (const [inner, request] of requests.entries()) {
      try {
        await this.#request(name, request, `initialize[${outer}].${name}.request[${inner}].${request.name}`);
      } catch (error) {
        const where = `initialize.[${name} (${outer})]: request.[${request.name} (${inner})]`;
        throw new Error(`${where}: ${messageOf(error)}`, { cause: error });
      }
    }
  }

  async #request(block: string, { name, fields }: InitializeRequest, id: string): Promise<void> {
    const field = (key: string, usual: JsonValue): JsonValue => {
      const value = fields.get(key);
      if (value === undefined) return usual;
      try {
        return evaluated(value, this.#sources, 'map');
      } catch (error) {
        throw new Error(`in building request: failed to evaluate ${key}: ${messageOf(error)}`, { cause: error });
      }
    };
    if (field('when', true) === false) return;
    const operation = asString(field('operation', '')) ?? '';
    const path = asString(field('path', '')) ?? '';
    const data = field('data', jsonObject({}));
    const token = asString(field('token', this.#rootToken)) ?? '';
    const headers = field('headers', jsonObject({}));
    this.#requests[block]![name] = jsonObject({ id, operation, path, map: data, client_token: token, headers });
    const method = METHODS[operation];
    const answer =
      method === undefined
        ? { fault: 'cannot handle internal-only request operation', body: jsonObject({}) }
        : await this.#send(method, path, token, data);
    this.#responses[block]![name] = answer.body;
    if (answer.fault !== undefined && field('allow_failure', false) !== true) {
      throw new Error(`failed to evaluate request: ${answer.fault}`);
    }
  }

  async #send(
    method: string,
    path: string,
    token: string,
    data: JsonValue,
  ): Promise<{ readonly fault: string | undefined; readonly body: JsonObject }> {
    const response = await this.#http({
      method,
      url: `/v1/${path}`,
      headers: new Map([['x-vault-token', [token]]]),
      body: method === 'GET' || method === 'LIST' || method === 'SCAN' ? new Uint8Array() : encodeUtf8(print(data)),
      remote: { address: '127.0.0.1', port: 0 },
      host: 'localhost',
    });
    if (response === undefined) return { fault: 'no answer', body: jsonObject({}) };
    const body = response.body.length === 0 ? jsonObject({}) : parseObject(response.body);
    if (response.status < 400) return { fault: undefined, body };
    const errors = (asList(body['errors']) ?? []).map((error) => asString(error) ?? '');
    return { fault: errors.join('; '), body };
  }

  #cel(expression: string): JsonValue {
    const env = new CelEnv({ variables: { requests: 'map(string, dyn)', responses: 'map(string, dyn)' } });
    const variables = new Map([
      ['requests', fromJson(jsonObject(this.#requests))],
      ['responses', fromJson(jsonObject(this.#responses))],
    ]);
    return nativeJson(evaluate(env, compile(env, expression), variables));
  }
}

function refuseTwice(names: readonly string[], text: (name: string, first: number, second: number) => string): void {
  for (const [index, name] of names.entries()) {
    const first = names.indexOf(name);
    if (first !== index) throw new Error(text(name, first, index));
  }
}
