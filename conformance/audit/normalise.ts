/** Audit entries of two servers made comparable: what nobody chose is called by its kind. */
import { asObject } from '../../core/codec/json-fields.ts';
import { type JsonObject, type JsonValue, print } from '../../core/codec/json.ts';

const kinds: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/-----BEGIN[^]*?-----END [A-Z0-9 ]*-----/g, '<PEM>'],
  [/hmac-sha256:[0-9a-f]{64}/g, '<HMAC>'],
  [/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<JWT>'],
  [/\b(?:hvs|hvb|s|b)\.[\w-]{24,}(?:\.\w{6})?/g, '<TOKEN>'],
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<ID>'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<TIME>'],
  [/_[0-9a-f]{8}\b/g, '_<ACCESSOR>'],
  [/\bh?[0-9a-f]{64}\b/g, '<DIGEST>'],
  [/\b[0-9a-f]{2}(?::[0-9a-f]{2}){15,}\b/g, '<SERIAL>'],
  [/vault:v1:[\w+/=]+/g, '<CIPHERTEXT>'],
  [/ssh-ed25519 [\w+/=]+/g, '<KEY>'],
  [/127\.0\.0\.1:\d+/g, '<ADDRESS>'],
  [/steamer-beside-\w+/g, '<FOLDER>'],
  [/\b\d+h\d+m\d+s\b/g, '<LEFT>'],
  [/(?<![\w<])[A-Za-z0-9]{24}(?:\.\w{6})?(?![\w>])/g, '<BASE62>'],
];

const named = (text: string): string => kinds.reduce((all, [pattern, name]) => all.replaceAll(pattern, name), text);

/** Their values are the server's or the moment's own. */
const varying: Readonly<Record<string, string>> = {
  remote_port: '<PORT>',
  challenge: '<CHALLENGE>',
  otp: '<PAD>',
  random_bytes: '<RANDOM>',
  last_index: '<INDEX>',
  expiration: '<UNIX>',
  'core.raft': '<LEVEL>',
};

const AROUND = 5;

function within(value: JsonValue, key: string): JsonValue {
  if (Object.hasOwn(varying, key)) return varying[key]!;
  if (typeof value === 'string') {
    if (key === 'http_raw_body' && !value.startsWith('hmac') && !value.startsWith('{')) return '<BYTES>';
    // Of a namespace nobody can foresee the id, nor whom its users are counted as.
    if (/^(?:namespace_)?id$/.test(key) && /^\w{6}$/.test(value)) return '<NAMESPACE>';
    return named(value);
  }
  if (typeof value === 'number') {
    if (value > 1e9) return '<LARGE>';
    return /ttl|lease_duration/.test(key) ? Math.round(value / AROUND) : value;
  }
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((one) => within(one, ''));
  const object = asObject(value);
  return object === undefined ? value : fieldsOf(object);
}

/** What is called by an id is sorted by what it is. */
function fieldsOf(object: JsonObject): JsonValue {
  const rows = Object.entries(object).map(([key, one]) => [named(key), within(one, key)] as const);
  if (!rows.some(([key]) => key.includes('<'))) return Object.fromEntries(rows);
  return rows.map(([key, one]) => `${key}: ${print(one)}`).sort();
}

/** One line of a log. */
export const comparable = (entry: JsonObject): JsonValue => fieldsOf(entry);
