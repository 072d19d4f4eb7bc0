/** Roles: `role/<name>`, what a user may do in which virtual host and with which exchanges. */
import { asObject, asString } from '../../codec/json-fields.ts';
import { isObject, JsonError, kindOf, type JsonObject, type JsonValue } from '../../codec/json.ts';
import { JsonReader } from '../../codec/json-reader.ts';
import { refuse } from '../../fault.ts';
import type { Form } from '../../framework/collection.ts';

export type Permission = Readonly<Record<string, string>>;

export interface RabbitRole {
  /** Separated by commas. */
  readonly tags: string;
  /** By virtual host: `configure`, `write` and `read`, each a regular expression. */
  readonly vhosts: Readonly<Record<string, Permission>>;
  /** By virtual host and exchange: `write` and `read`. */
  readonly vhost_topics: Readonly<Record<string, Readonly<Record<string, Permission>>>>;
}

const orNull = (values: JsonObject): JsonValue => (Object.keys(values).length === 0 ? null : values);

export const roleForm: Form<RabbitRole> = {
  encode: ({ tags, vhosts, vhost_topics }) =>
    new Map<string, JsonValue>([
      ['tags', tags],
      ['vhosts', orNull(vhosts)],
      ['vhost_topics', orNull(vhost_topics)],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    return {
      tags: asString(fields['tags']) ?? '',
      vhosts: (asObject(fields['vhosts']) ?? {}) as RabbitRole['vhosts'],
      vhost_topics: (asObject(fields['vhost_topics']) ?? {}) as RabbitRole['vhost_topics'],
    };
  },
};

const HOST = { type: 'rabbitmq.vhostPermission', fields: ['configure', 'write', 'read'] };
const TOPIC = { type: 'rabbitmq.vhostTopicPermission', fields: ['write', 'read'] };

export const parseVirtualHosts = (text: string): RabbitRole['vhosts'] =>
  parseWith('vhosts', text, (value) =>
    mapOf(value, '', `map[string]${HOST.type}`, (one, at) => permission(one, at, HOST)),
  );

export const parseTopics = (text: string): RabbitRole['vhost_topics'] => {
  const inner = `map[string]${TOPIC.type}`;
  return parseWith('vhost_topics', text, (value) =>
    mapOf(value, '', `map[string]${inner}`, (hosts, host) =>
      mapOf(hosts, host, inner, (one, at) => permission(one, at, TOPIC)),
    ),
  );
};

/** JSON in a text, of which the first value counts; throws a refusal in the words of Go's decoder. */
function parseWith<T>(name: string, text: string, read: (value: JsonValue) => Readonly<Record<string, T>>) {
  if (text === '') return {};
  try {
    return read(new JsonReader(text, 'stream').value());
  } catch (error) {
    throw error instanceof JsonError ? refuse(`failed to unmarshal ${name}: ${error.message}`) : error;
  }
}

function mapOf<T>(
  value: JsonValue,
  at: string,
  type: string,
  read: (value: JsonValue, at: string) => T,
): Readonly<Record<string, T>> {
  if (value === null) return {};
  if (!isObject(value)) throw mismatch(value, at, type);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, read(one, `${at}.${key}`)]));
}

function mismatch(value: JsonValue, at: string, type: string): JsonError {
  const into = at === '' ? 'value' : `struct field ${at}`;
  return new JsonError(`json: cannot unmarshal ${kindOf(value)} into Go ${into} of type ${type}`);
}

/** Names count in any case, and others do not count. */
function permission(value: JsonValue, at: string, { type, fields }: typeof HOST): Permission {
  if (value !== null && !isObject(value)) throw mismatch(value, at, type);
  const sent = Object.entries(value ?? {}).map(([key, one]) => [key.toLowerCase(), one] as const);
  return Object.fromEntries(
    fields.map((name) => {
      const one = sent.findLast(([key]) => key === name)?.[1] ?? '';
      if (typeof one !== 'string') throw mismatch(one, `${at}.${name}`, 'string');
      return [name, one];
    }),
  );
}
