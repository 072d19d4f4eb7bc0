/** Plays with the tokens of one server, and takes down what two servers have to agree in. */
import { asObject, asString } from '../../core/codec/json-fields.ts';
import { type JsonObject, type JsonValue, parse, print } from '../../core/codec/json.ts';
import { macOf, messageOf, putTogether, takeApart } from '../fixtures/signed-tokens.ts';
import type { Asked, BesideServer } from './beside.ts';

export const objectOf = (text: string): JsonObject => asObject(parse(text)) ?? {};
export const at = (value: JsonValue | undefined, ...path: string[]): JsonValue | undefined =>
  path.reduce((found: JsonValue | undefined, name) => asObject(found)?.[name], value);

/** What is asked of one server, and what of the answers both have to agree in. */
export class TokenPlayer {
  readonly rows: unknown[] = [];
  readonly server: BesideServer;
  /** Of tokens and hashes. */
  readonly #names: (readonly [name: string, text: string])[] = [];

  constructor(server: BesideServer) {
    this.server = server;
    this.name('ROOT', server.root);
  }

  name(name: string, text: string): string {
    this.#names.unshift([name, text]);
    return text;
  }

  #named(text: string): string {
    return this.#names.reduce((all, [name, one]) => all.replaceAll(one, `<${name}>`), text);
  }

  async call(method: string, path: string, asked?: Asked): Promise<JsonObject> {
    const { text } = await this.server.call(method, path, asked);
    return text === '' ? {} : objectOf(text);
  }

  async row(what: string, method: string, path: string, asked: Asked = {}): Promise<JsonObject> {
    const { status, text } = await this.server.call(method, path, asked);
    const answer = text.startsWith('{') ? objectOf(text) : {};
    const shown =
      status >= 400
        ? print(answer['errors'] ?? null)
        : [
            at(answer, 'data', 'id') ?? at(answer, 'data', 'capabilities') ?? null,
            at(answer, 'data', 'num_uses') ?? null,
            at(answer, 'data', 'expire_time') === null,
            at(answer, 'auth', 'client_token') ?? null,
            at(answer, 'data', 'req', 'InboundSSCToken') ?? null,
            at(answer, 'data', 'req', 'client_token') ?? null,
          ].map((value) => this.#named(print(value)));
    this.rows.push([what, this.#named(path), status, shown]);
    return answer;
  }

  async make(path = '', body: object = {}, asked: Asked = {}): Promise<{ readonly token: string; accessor: string }> {
    const answer = await this.call('POST', `${path}auth/token/create`, {
      ...asked,
      body: { policies: ['all'], ...body },
    });
    const [token = '', accessor = ''] = ['client_token', 'accessor'].map((key) => asString(at(answer, 'auth', key)));
    return { token, accessor };
  }

  async wrap(path = '', headers: Record<string, string> = {}): Promise<string> {
    const asked = { body: { a: 'b' }, headers: { 'X-Vault-Wrap-TTL': '600', ...headers } };
    return asString(at(await this.call('POST', `${path}sys/wrapping/wrap`, asked), 'wrap_info', 'token')) ?? '';
  }

  async key(): Promise<string> {
    const answer = await this.call('GET', 'sys/raw/core/index-header-hmac-key');
    return asString(at(answer, 'data', 'value')) ?? '';
  }

  async prepare(): Promise<void> {
    const policy = 'path "*" { capabilities = ["create", "read", "update", "delete", "list", "sudo", "patch"] }';
    await this.call('PUT', 'sys/namespaces/ns1');
    for (const path of ['', 'ns1/']) await this.call('PUT', `${path}sys/policies/acl/all`, { body: { policy } });
    await this.call('PUT', 'sys/auth/userpass', { body: { type: 'userpass' } });
    await this.call('PUT', 'auth/userpass/users/u', { body: { password: 'p', policies: 'all' } });
  }

  /** All that a token may be used for without ending it. */
  async uses(what: string, token: string, asked: Asked = {}): Promise<void> {
    await this.row(`${what}: itself`, 'GET', 'auth/token/lookup-self', { token, ...asked });
    await this.row(`${what}: looked up`, 'POST', 'auth/token/lookup', { body: { token }, ...asked });
    await this.row(`${what}: looked up in ns1`, 'POST', 'ns1/auth/token/lookup', { body: { token }, ...asked });
    await this.row(`${what}: renewed by root`, 'POST', 'auth/token/renew', { body: { token }, ...asked });
    await this.row(`${what}: renews itself`, 'POST', 'auth/token/renew-self', { token, body: {}, ...asked });
    await this.row(`${what}: capabilities`, 'POST', 'sys/capabilities', { body: { token, paths: ['x'] }, ...asked });
    await this.row(`${what}: own capabilities`, 'POST', 'sys/capabilities-self', {
      token,
      body: { paths: ['x'] },
      ...asked,
    });
    await this.row(`${what}: mounts`, 'GET', 'sys/internal/ui/mounts', { token, ...asked });
    await this.row(`${what}: inspected`, 'GET', 'sys/internal/inspect/request', { token, ...asked });
    await this.row(`${what}: wrapping look-up`, 'POST', 'sys/wrapping/lookup', {
      token: '',
      body: { token },
      ...asked,
    });
    await this.row(`${what}: its wrapping look-up`, 'POST', 'sys/wrapping/lookup', { token, body: {}, ...asked });
    await this.row(`${what}: unwraps`, 'POST', 'sys/wrapping/unwrap', { token, body: {}, ...asked });
    await this.row(`${what}: nowhere`, 'GET', 'nowhere/x', { token, ...asked });
    await this.row(`${what}: cubbyhole`, 'GET', 'cubbyhole/x', { token, ...asked });
    await this.row(`${what}: logs in`, 'POST', 'auth/userpass/login/nobody', {
      token,
      body: { password: 'p' },
      ...asked,
    });
  }
}

/** Everything that somebody could make of a token. */
export function variants(token: string, key: string): Readonly<Record<string, string>> {
  const { inner, message, mac } = takeApart(token);
  const signed = (text: Uint8Array): string => putTogether(text, macOf(key, text));
  return {
    whole: token,
    inner,
    'without a prefix': token.slice('hvs.'.length),
    'with the old prefix': inner.replace('hvs.', 's.'),
    'a batch token': token.replace('hvs.', 'hvb.'),
    'an index to come': signed(messageOf(inner, '1000000')),
    'an early index': signed(messageOf(inner, '1')),
    'no index': signed(messageOf(inner)),
    'an empty index': signed(messageOf(inner, '')),
    'no number': signed(messageOf(inner, 'junk')),
    'a position of PostgreSQL': signed(messageOf(inner, '0/1D5EF58')),
    'too large a number': signed(messageOf(inner, '18446744073709551616')),
    'a negative number': signed(messageOf(inner, '-1')),
    'another version': putTogether(message, mac, 2),
    'no version': putTogether(message, mac, 0),
    'another signature': putTogether(message, macOf('x', message)),
    'no signature': putTogether(message, new Uint8Array()),
    'no token': signed(messageOf('', '1')),
    nothing: signed(new Uint8Array()),
    'one that is not there': signed(messageOf('hvs.nope', '1')),
    'one in the other': signed(messageOf(token, '1')),
    'no message': signed(Uint8Array.of(0xff, 0xff, 0xff)),
    'cut off': token.slice(0, -3),
    'cut off where base64 minds': token.slice(0, -(token.length % 4)).slice(0, -3),
    padded: `${token}=`,
    'a namespace behind': `${token}.abcdef`,
    'a namespace behind the inner': `${inner}.abcdef`,
    short: 'hvs.abc',
    'as long as with a namespace': `hvs.${'a'.repeat(31)}`,
    'one longer': `hvs.${'a'.repeat(32)}`,
    'two longer': `hvs.${'a'.repeat(33)}`,
    'three longer': `hvs.${'a'.repeat(34)}`,
    'no batch token': 'hvb.!!',
    'no batch token either': 'hvb.abc',
  };
}
