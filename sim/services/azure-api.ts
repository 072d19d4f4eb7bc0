/**
 * Azure as far as credentials are made there: tokens for a client's secret, Microsoft Graph's applications, service
 * principals, passwords and groups, role definitions and assignments. Believes only tokens it gave, for their own API.
 */
import { asObject, asString } from '../../core/codec/json-fields.ts';
import { type JsonObject, type JsonValue, parseObject } from '../../core/codec/json.ts';
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { reply } from './json-reply.ts';

interface AzureObject {
  readonly appId: string;
  /** Secrets by their ids. */
  readonly passwords: Map<string, string>;
}

/** What Azure refuses. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const GRAPH = 'graph.microsoft.com';
const MANAGEMENT = 'management.azure.com';
const LOGIN = 'login.microsoftonline.com';

export class AzureApi {
  /** The engine's application, with this secret until it is among the applications. */
  readonly admin = { tenant: 'tenant', subscription: 'sub', clientId: 'engine', clientSecret: 'engine-secret' };
  /** By object id. */
  readonly applications = new Map<string, AzureObject>();
  readonly principals = new Map<string, AzureObject>();
  /** Deleted, and kept for a while as Azure does. */
  readonly bin = new Set<string>();
  readonly groups = new Map<string, { readonly name: string; readonly members: Set<string> }>();
  /** Names by id. */
  readonly roles = new Map<string, string>();
  /** By id: who has which role. */
  readonly assignments = new Map<string, { readonly principal: string; readonly role: string }>();
  /** `METHOD path`, without queries. */
  readonly done: string[] = [];
  /** How often a new principal is not yet known where roles are assigned. */
  behind = 0;
  /** Whether passwords cannot be removed just now. */
  stuck = false;
  readonly #tokens = new Map<string, string>();
  #made = 0;

  /** `host` is the API that is asked. */
  answer(
    host: string,
    { method, url, headers, body }: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>,
  ): HttpResponse {
    const [path = '', query = ''] = url.split('?');
    try {
      if (host === LOGIN) return this.#login(path, decodeUtf8(body));
      const token = (headers.get('authorization')?.[0] ?? '').replace('Bearer ', '');
      if (this.#tokens.get(token) !== host) {
        throw new Refusal(401, 'InvalidAuthenticationToken', 'Access token validation failure.');
      }
      const sent = body.length === 0 ? {} : parseObject(body);
      const filter = /\$filter=([^&]*)/.exec(query)?.[1] ?? '';
      const wanted = /eq '(.*)'$/.exec(decodeURIComponent(filter))?.[1] ?? '';
      const answer =
        host === GRAPH ? this.#graph(method, path, sent, wanted) : this.#manage(method, path, sent, wanted);
      this.done.push(`${method} ${path}`);
      return answer;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return reply(error.status, { error: { code: error.code, message: error.message } });
    }
  }

  #login(path: string, form: string): HttpResponse {
    const { tenant, clientId, clientSecret } = this.admin;
    const sent = Object.fromEntries(form.split('&').map((pair) => pair.split('=').map(decodeURIComponent))) as Record<
      string,
      string
    >;
    if (path !== `/${tenant}/oauth2/v2.0/token`) {
      return reply(400, {
        error: 'invalid_request',
        error_description: `AADSTS90002: Tenant '${path.split('/')[1]}' not found.`,
      });
    }
    const own = [...this.applications.values()].find(({ appId }) => appId === clientId);
    const secrets = own === undefined ? [clientSecret] : [...own.passwords.values()];
    if (sent['client_id'] !== clientId || !secrets.includes(sent['client_secret'] ?? '')) {
      return reply(401, {
        error: 'invalid_client',
        error_description: 'AADSTS7000215: Invalid client secret provided.',
      });
    }
    const token = `token-${++this.#made}`;
    this.#tokens.set(token, /^https:\/\/([^/]+)\/\.default$/.exec(sent['scope'] ?? '')?.[1] ?? '');
    return reply(200, { access_token: token, expires_in: 3599 });
  }

  #graph(method: string, path: string, sent: JsonObject, wanted: string): HttpResponse {
    const [, , kind = '', id = '', verb = '', member = ''] = path.split('/');
    if (kind === 'groups') return this.#group(method, id, verb, member, sent, wanted);
    if (kind === 'directory') {
      if (!this.bin.delete(verb)) throw absent(verb);
      return empty;
    }
    const objects = kind === 'applications' ? this.applications : this.principals;
    if (method === 'GET' && id === '') {
      const found = [...objects].filter(([, { appId }]) => appId === wanted);
      return reply(200, { value: found.map(([key, { appId, passwords }]) => shownObject(key, appId, passwords)) });
    }
    if (method === 'POST' && id === '') return this.#create(kind, asString(sent['appId']) ?? '');
    const object = objects.get(id);
    if (object === undefined) throw absent(id);
    if (verb === 'addPassword') {
      const keyId = `key-${++this.#made}`;
      object.passwords.set(keyId, `secret-${keyId}`);
      return reply(200, { keyId, secretText: `secret-${keyId}` });
    }
    if (verb === 'removePassword') {
      if (this.stuck) throw new Refusal(503, 'ServiceUnavailable', 'Please try again later.');
      const keyId = asString(sent['keyId']) ?? '';
      if (object.passwords.delete(keyId)) return empty;
      throw new Refusal(400, 'Request_BadRequest', `No password credential found with keyId '${keyId}'.`);
    }
    if (method === 'GET') return reply(200, { id, appId: object.appId });
    objects.delete(id);
    this.bin.add(id);
    if (kind === 'applications') this.#forget(object.appId);
    return empty;
  }

  /** With an application its service principals go. */
  #forget(appId: string): void {
    for (const [id, principal] of this.principals) if (principal.appId === appId) this.principals.delete(id);
  }

  #create(kind: string, wanted: string): HttpResponse {
    const id = `object-${++this.#made}`;
    if (kind === 'applications') {
      const appId = `app-${this.#made}`;
      this.applications.set(id, { appId, passwords: new Map() });
      return reply(201, { id, appId });
    }
    if (![...this.applications.values()].some(({ appId }) => appId === wanted)) {
      const text = `The appId '${wanted}' of the service principal does not reference a valid application object.`;
      throw new Refusal(400, 'Request_BadRequest', text);
    }
    this.principals.set(id, { appId: wanted, passwords: new Map() });
    return reply(201, { id, appId: wanted });
  }

  #group(method: string, id: string, verb: string, member: string, sent: JsonObject, wanted: string): HttpResponse {
    const shown = ([key, { name }]: [string, { readonly name: string }]): JsonValue => ({ id: key, displayName: name });
    if (id === '') return reply(200, { value: [...this.groups].filter(([, { name }]) => name === wanted).map(shown) });
    const group = this.groups.get(id);
    if (group === undefined) throw absent(id);
    if (verb !== 'members') return reply(200, shown([id, group]));
    if (method === 'DELETE') {
      if (!group.members.delete(member)) throw absent(member);
      return empty;
    }
    const principal = (asString(sent['@odata.id']) ?? '').split('/').at(-1)!;
    if (!this.principals.has(principal)) throw absent(principal);
    group.members.add(principal);
    return empty;
  }

  #manage(method: string, path: string, sent: JsonObject, wanted: string): HttpResponse {
    const shown = ([id, roleName]: readonly [string, string]): JsonObject => ({ id, properties: { roleName } });
    if (path.endsWith('/roleDefinitions')) {
      return reply(200, { value: [...this.roles].filter(([, name]) => name === wanted).map(shown) });
    }
    if (path.includes('/roleDefinitions/')) {
      const found = this.roles.get(path);
      if (found === undefined)
        throw new Refusal(404, 'RoleDefinitionDoesNotExist', `The specified role definition does not exist.`);
      return reply(200, shown([path, found]));
    }
    if (method === 'DELETE') {
      if (!this.assignments.delete(path))
        throw new Refusal(404, 'RoleAssignmentNotFound', 'There is no such assignment.');
      return reply(200, { id: path });
    }
    const properties = asObject(sent['properties']) ?? {};
    const principal = asString(properties['principalId']) ?? '';
    if (this.behind > 0 || !this.principals.has(principal)) {
      this.behind--;
      throw new Refusal(400, 'PrincipalNotFound', `Principal ${principal} does not exist in the directory.`);
    }
    this.assignments.set(path, { principal, role: asString(properties['roleDefinitionId']) ?? '' });
    return reply(201, { id: path });
  }
}

const shownObject = (id: string, appId: string, passwords: ReadonlyMap<string, string>): JsonObject => ({
  id,
  appId,
  passwordCredentials: [...passwords.keys()].map((keyId) => ({ keyId })),
});

export const azureHosts = { graph: GRAPH, management: MANAGEMENT, login: LOGIN } as const;

const absent = (id: string): Refusal =>
  new Refusal(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried objects are not present.`,
  );

const empty: HttpResponse = { status: 204, headers: [], body: new Uint8Array(0) };
