/** What the built-in plugin for external keys, transit, wants to be told of its server and of a key there. */
import { sortedKeys } from '../../codec/json.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { urlFault } from '../../codec/go-url-fault.ts';
import { CoercionError, goType, literalOf, isNumber, parseGoDigits, toBool } from '../../framework/coerce.ts';
import { WeakDecodeError, weakText } from '../profiles/weak-decode.ts';

/** Parameters are wrong; the text is mapstructure's or the plugin's. */
export class ExternalKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExternalKeyError';
  }
}

type Kind = 'string' | 'bool' | 'uint64';
const MAX_UINT64 = 2n ** 64n - 1n;

const CONFIG: Readonly<Record<string, Kind>> = {
  address: 'string',
  token: 'string',
  mount_path: 'string',
  namespace: 'string',
  tls_ca_cert_bytes: 'string',
  tls_client_cert_bytes: 'string',
  tls_client_key_bytes: 'string',
  tls_server_name: 'string',
  tls_skip_verify: 'bool',
};
const KEY: Readonly<Record<string, Kind>> = { name: 'string', version: 'uint64' };

/** Never shown. */
export const SECRET: ReadonlySet<string> = new Set(['token']);

/** Throws ExternalKeyError. Upstream asks nothing of the server before a key is used. */
export function checkConfig(values: JsonObject): void {
  const config = decode(values, CONFIG);
  if (config['token'] === undefined || config['token'] === '') throw missing('token');
  const fault = urlFault(config['address'] ?? '');
  if (fault !== undefined) throw new ExternalKeyError(fault);
  const [ca, certificate, key] = ['tls_ca_cert_bytes', 'tls_client_cert_bytes', 'tls_client_key_bytes'].map(
    (name) => config[name] ?? '',
  );
  if ((certificate === '') !== (key === '')) {
    throw new ExternalKeyError('both client cert and client key must be provided');
  }
  if (ca !== '' && !ca!.includes('-----BEGIN CERTIFICATE-----')) {
    throw new ExternalKeyError("Error appending CA: Couldn't parse PEM");
  }
}

/** A key is tried with what reaches its server. Throws ExternalKeyError. */
export function checkBoth(config: JsonObject, key: JsonObject): void {
  checkConfig(config);
  checkKey(key);
}

/** As texts. Throws ExternalKeyError. */
export const decodedConfig = (values: JsonObject): Readonly<Record<string, string>> => decode(values, CONFIG);
export const decodedKey = (values: JsonObject): Readonly<Record<string, string>> => decode(values, KEY);

/** Throws ExternalKeyError. */
export function checkKey(values: JsonObject): void {
  const key = decode(values, KEY);
  if ((key['name'] ?? '') === '') throw missing('name');
  if ((key['version'] ?? '0') === '0') throw missing('version');
}

const missing = (name: string): ExternalKeyError => new ExternalKeyError(`missing required parameter '${name}'`);

function decode(values: JsonObject, kinds: Readonly<Record<string, Kind>>): Record<string, string> {
  const errors: string[] = [];
  const decoded: Record<string, string> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const value = Object.hasOwn(values, name) ? values[name]! : null;
    if (value === null) continue;
    try {
      decoded[name] = decodeOne(value, kind);
    } catch (error) {
      if (!(error instanceof WeakDecodeError) && !(error instanceof CoercionError)) throw error;
      errors.push(error.message.replace(/^''/, `'config.${name}'`));
    }
  }
  const unknown = sortedKeys(values).filter((name) => !Object.hasOwn(kinds, name));
  if (unknown.length > 0) errors.push(`'config' has invalid keys: ${unknown.join(', ')}`);
  if (errors.length === 0) return decoded;
  throw new ExternalKeyError(`decoding failed due to the following error(s):\n\n${errors.join('\n')}`);
}

function decodeOne(value: JsonValue, kind: Kind): string {
  if (kind === 'string') return weakText(value);
  if (kind === 'bool') return String(toBool(value));
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value !== 'string' && !isNumber(value)) {
    throw new WeakDecodeError(`'' expected type 'uint64', got unconvertible type '${goType(value)}'`);
  }
  const text = typeof value === 'string' ? value : literalOf(value);
  const number = parseGoDigits(text || '0');
  if (number !== undefined && number <= MAX_UINT64) return String(number);
  const why = number === undefined ? 'invalid syntax' : 'value out of range';
  throw new WeakDecodeError(`'' cannot parse value as 'uint64': strconv.ParseUint: ${why}`);
}
