/** As much of InfluxDB 1 as its users need: who there is, and statements that make, change and drop them. */
import { decodeBase64 } from '../../core/codec/base64.ts';
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { reply } from './json-reply.ts';

const NAMED = /^(CREATE USER|DROP USER|SET PASSWORD FOR) "([^"]+)"(?: WITH PASSWORD '([^']*)'| = '([^']*)')?$/;

export class InfluxDbApi {
  /** Passwords by name. */
  readonly users: Map<string, string>;
  readonly #admin: string;

  constructor(admin: string, password: string, others: Readonly<Record<string, string>> = {}) {
    this.#admin = admin;
    this.users = new Map([[admin, password], ...Object.entries(others)]);
  }

  answer({ url, headers }: Pick<HttpRequest, 'url' | 'headers'>): HttpResponse {
    const [path, query = ''] = url.split('?', 2);
    if (path === '/ping') return { status: 204, headers: [], body: new Uint8Array() };
    if (path !== '/query') return reply(404, { error: 'not found' });
    const name = this.#caller(headers.get('authorization')?.[0] ?? '');
    if (name === undefined) return reply(401, { error: 'authorization failed' });
    const sent = query.split('&').find((pair) => pair.startsWith('q='));
    const text = decodeURIComponent((sent ?? '').slice('q='.length).replaceAll('+', ' '));
    if (name === this.#admin) return this.#run(text);
    const why = `${name} not authorized to execute statement '${text}', requires admin privilege`;
    return reply(403, { error: `error authorizing query: ${why}` });
  }

  #caller(authorization: string): string | undefined {
    if (!authorization.startsWith('Basic ')) return undefined;
    const login = decodeUtf8(decodeBase64(authorization.slice('Basic '.length)));
    const colon = login.indexOf(':');
    const name = login.slice(0, colon);
    return this.users.get(name) === login.slice(colon + 1) ? name : undefined;
  }

  #run(text: string): HttpResponse {
    if (text === 'SHOW USERS') {
      const values = [...this.users.keys()].map((name) => [name, name === this.#admin]);
      return reply(200, { results: [{ statement_id: 0, series: [{ columns: ['user', 'admin'], values }] }] });
    }
    const found = NAMED.exec(text);
    if (found === null) {
      const word = text.split(' ', 1)[0]!;
      return reply(400, { error: `error parsing query: found ${word}, expected SELECT at line 1, char 1` });
    }
    const [, verb, name, made, changed] = found as unknown as [string, string, string, string?, string?];
    if (verb !== 'CREATE USER' && !this.users.has(name)) return failed('user not found');
    if (verb === 'CREATE USER' && this.users.has(name)) return failed('user already exists');
    if (verb === 'DROP USER') this.users.delete(name);
    else this.users.set(name, made ?? changed ?? '');
    return reply(200, { results: [{ statement_id: 0 }] });
  }
}

const failed = (error: string): HttpResponse => reply(200, { results: [{ statement_id: 0, error }] });
