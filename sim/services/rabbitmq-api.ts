/** RabbitMQ's management API as far as its users are managed through it: what it keeps, and what it says to whom. */
import { decodeBase64 } from '../../core/codec/base64.ts';
import { asObject, asString } from '../../core/codec/json-fields.ts';
import { parse, type JsonObject, type JsonValue } from '../../core/codec/json.ts';
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { reply } from './json-reply.ts';

interface User {
  readonly password: string;
  /** Separated by commas. */
  readonly tags: string;
  /** By virtual host. */
  readonly permissions: Map<string, JsonObject>;
  /** By virtual host and exchange. */
  readonly topics: Map<string, JsonObject>;
}

export class RabbitMqApi {
  readonly admin = { name: 'admin', password: 'admin-password' };
  readonly users = new Map<string, User>();
  /** Names of users that were deleted, in order. */
  readonly deleted: string[] = [];
  readonly #virtualHosts: ReadonlySet<string>;

  constructor(virtualHosts: readonly string[] = ['/', 'other']) {
    this.#virtualHosts = new Set(virtualHosts);
  }

  answer({ method, url, headers, body }: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>): HttpResponse {
    if (!this.#isAdmin(headers.get('authorization')?.[0] ?? '')) {
      return reply(401, { error: 'not_authorised', reason: 'Login failed' });
    }
    const [, api, kind = '', ...names] = url.split('/').map(decodeURIComponent);
    if (api !== 'api') return notFound;
    if (method === 'GET' && kind === 'users') return reply(200, this.#listed());
    const sent = body.length === 0 ? {} : (asObject(parse(body)) ?? {});
    if (kind === 'users') return this.#user(method, names[0] ?? '', sent);
    if (method === 'PUT' && kind === 'permissions')
      return this.#permit(names[0] ?? '', names[1] ?? '', sent, 'permissions');
    if (method === 'PUT' && kind === 'topic-permissions')
      return this.#permit(names[0] ?? '', names[1] ?? '', sent, 'topics');
    return notFound;
  }

  #isAdmin(authorization: string): boolean {
    if (!authorization.startsWith('Basic ')) return false;
    const told = decodeUtf8(decodeBase64(authorization.slice('Basic '.length)));
    return told === `${this.admin.name}:${this.admin.password}`;
  }

  #listed(): JsonValue {
    const users = [...this.users].map(([name, { tags }]) => ({ name, tags }));
    return [{ name: this.admin.name, tags: ['administrator'] }, ...users];
  }

  #user(method: string, name: string, sent: JsonObject): HttpResponse {
    if (method === 'DELETE') {
      if (!this.users.delete(name)) return notFound;
      this.deleted.push(name);
      return empty(204);
    }
    if (method !== 'PUT') return reply(405, { error: 'Method Not Allowed', reason: '"Method Not Allowed"\n' });
    const tags = asString(sent['tags']);
    if (tags === undefined) return reply(400, { error: 'bad_request', reason: 'tags_not_present' });
    const password = asString(sent['password']) ?? '';
    const known = this.users.has(name);
    this.users.set(name, { password, tags, permissions: new Map(), topics: new Map() });
    return empty(known ? 204 : 201);
  }

  #permit(host: string, name: string, sent: JsonObject, what: 'permissions' | 'topics'): HttpResponse {
    const user = this.users.get(name);
    if (!this.#virtualHosts.has(host) || user === undefined) {
      return reply(400, { error: 'bad_request', reason: 'vhost_or_user_not_found' });
    }
    const wanted = what === 'permissions' ? ['configure', 'write', 'read'] : ['exchange', 'write', 'read'];
    const missing = wanted.find((field) => asString(sent[field]) === undefined);
    if (missing !== undefined) return reply(400, { error: 'bad_request', reason: `[<<"key_missing">>,${missing}]` });
    const place = what === 'permissions' ? host : `${host} ${asString(sent['exchange'])}`;
    user[what].set(place, sent);
    return empty(201);
  }
}

const empty = (status: number): HttpResponse => ({ status, headers: [], body: new Uint8Array(0) });

const notFound = reply(404, { error: 'Object Not Found', reason: 'Not Found' });
