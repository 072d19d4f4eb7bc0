/** How the broker is reached: `config/connection`, and its management API as far as users go. */
import { encodeBase64 } from '../../codec/base64.ts';
import { escapePathSegment } from '../../codec/go-url.ts';
import { asObject, asString } from '../../codec/json-fields.ts';
import { JsonError, parse, print, type JsonValue } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Form } from '../../framework/collection.ts';
import { askWeb, parseBase, WebError } from '../../framework/web-call.ts';
import { MINUTE, type OutgoingResponse, type Runtime } from '../../runtime.ts';
import type { Permission } from './role.ts';

export interface Connection {
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  readonly passwordPolicy: string;
  readonly usernameTemplate: string;
}

export const connectionForm: Form<Connection> = {
  encode: ({ uri, username, password, passwordPolicy, usernameTemplate }) =>
    new Map<string, JsonValue>([
      ['connection_uri', uri],
      ['username', username],
      ['password', password],
      ['password_policy', passwordPolicy],
      ['username_template', usernameTemplate],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    const text = (name: string): string => asString(fields[name]) ?? '';
    return {
      uri: text('connection_uri'),
      username: text('username'),
      password: text('password'),
      passwordPolicy: text('password_policy'),
      usernameTemplate: text('username_template'),
    };
  },
};

export const noConnection: Connection = {
  uri: '',
  username: '',
  password: '',
  passwordPolicy: '',
  usernameTemplate: '',
};

/** The broker answered, and refuses. */
export class RabbitRefusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RabbitRefusal';
  }
}

export const isRabbitError = (error: unknown): error is RabbitRefusal | WebError =>
  error instanceof RabbitRefusal || error instanceof WebError;

const TIMEOUT = MINUTE;

/** Every method rejects with RabbitRefusal, or with WebError when there was no answer. */
export class RabbitClient {
  readonly #runtime: Runtime;
  readonly #connection: Connection;
  readonly #base: string;

  /** Throws WebError for an address that is none. */
  constructor(runtime: Runtime, connection: Connection) {
    this.#runtime = runtime;
    this.#connection = connection;
    this.#base = parseBase(connection.uri);
  }

  async checkAccess(): Promise<void> {
    await this.#ask('GET', 'users/');
  }

  async putUser(name: string, password: string, tags: string): Promise<void> {
    await this.#ask('PUT', `users/${escapePathSegment(name)}`, fieldsOf({ name: '', tags, password }));
  }

  /** One that is gone already is no error. */
  async deleteUser(name: string): Promise<void> {
    await this.#ask('DELETE', `users/${escapePathSegment(name)}`);
  }

  async permit(host: string, name: string, permission: Permission): Promise<void> {
    await this.#ask('PUT', `permissions/${escapePathSegment(host)}/${escapePathSegment(name)}`, fieldsOf(permission));
  }

  async permitTopic(host: string, name: string, exchange: string, permission: Permission): Promise<void> {
    const path = `topic-permissions/${escapePathSegment(host)}/${escapePathSegment(name)}`;
    await this.#ask('PUT', path, fieldsOf({ exchange, ...permission }));
  }

  async #ask(method: string, path: string, body?: JsonValue): Promise<void> {
    const { username, password } = this.#connection;
    const answer = await askWeb(this.#runtime.web, {
      method,
      url: `${this.#base}/api/${path}`,
      headers: {
        Authorization: `Basic ${encodeBase64(encodeUtf8(`${username}:${password}`))}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: encodeUtf8(print(body)) }),
      timeout: TIMEOUT,
    });
    check(method, answer);
  }
}

/** In the order in which they stand. */
const fieldsOf = (fields: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(fields));

function check(method: string, { status, body }: OutgoingResponse): void {
  if (status === 401) throw new RabbitRefusal('Error: API responded with a 401 Unauthorized');
  if (status < 400 || (method === 'DELETE' && status === 404)) return;
  throw new RabbitRefusal(`Error ${status} (${reasonIn(status, body)}`);
}

function reasonIn(status: number, body: Uint8Array): string {
  try {
    const fields = asObject(parse(body)) ?? {};
    return `${asString(fields['error']) ?? ''}): ${asString(fields['reason']) ?? ''}`;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return `Error ${status} from RabbitMQ: ${body.length === 0 ? 'EOF' : error.message}): `;
  }
}
