/** The `config` of a new mount, as clients send it: a map that is checked more strictly than fields are. */
import { quote } from '../codec/go-quote.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { JsonNumber, isObject } from '../codec/json.ts';
import { refuse } from '../fault.ts';
import { toMicros } from '../framework/coerce-time.ts';
import type { TokenType } from '../framework/logical.ts';
import { SECOND } from '../runtime.ts';
import { BUILTIN_VERSION, fullVersion } from '../framework/plugin-version.ts';
import { kindOf } from '../server/mounts/defaults.ts';
import type { MountConfig, MountTable } from '../server/mounts/entry.ts';
import { SINGLETONS } from '../server/mounts/protected.ts';

class Unconvertible extends Error {}

/** Throws the refusals of enabling; `systemMax` in micros. */
export function parseMountConfig(config: JsonObject, table: MountTable, systemMax: number): Partial<MountConfig> {
  const read = decode(config, table);
  const defaultLeaseTtl = ttl(read.defaultLeaseTtl, 'default');
  const maxLeaseTtl = ttl(read.maxLeaseTtl, 'max');
  if (maxLeaseTtl !== 0 && defaultLeaseTtl > maxLeaseTtl) {
    throw refuse('given default lease TTL greater than given max lease TTL');
  }
  if (defaultLeaseTtl > systemMax && maxLeaseTtl === 0) {
    throw refuse(`given default lease TTL greater than system max lease TTL of ${systemMax / SECOND}`);
  }
  return {
    ...read.kept,
    defaultLeaseTtl,
    maxLeaseTtl,
    listingVisibility: visibility(read.listingVisibility),
    tokenType: table === 'auth' ? tokenTypeOf(read.tokenType) : 'default',
  };
}

/** Every field is converted before any is judged. What users are locked out by is converted and then ignored. */
function decode(config: JsonObject, table: MountTable) {
  const named = byName(config);
  try {
    const read = {
      defaultLeaseTtl: text(named('default_lease_ttl')),
      maxLeaseTtl: text(named('max_lease_ttl')),
      listingVisibility: text(named('listing_visibility')),
      tokenType: text(named('token_type')),
      kept: {
        // Of auth methods it is not kept.
        forceNoCache: flag(named('force_no_cache')) && table !== 'auth',
        auditNonHmacRequestKeys: texts(named('audit_non_hmac_request_keys')),
        auditNonHmacResponseKeys: texts(named('audit_non_hmac_response_keys')),
        passthroughRequestHeaders: texts(named('passthrough_request_headers')),
        allowedResponseHeaders: texts(named('allowed_response_headers')),
      },
    };
    text(named('plugin_name'));
    text(named('plugin_version'));
    checkLockout(named('user_lockout_config'));
    return read;
  } catch (error) {
    if (!(error instanceof Unconvertible)) throw error;
    throw refuse(`unable to convert given ${table === 'auth' ? 'auth' : 'mount'} config information`);
  }
}

/** Names are told apart without regard to case, and the exact one goes first. */
const byName = (object: JsonObject) => (name: string) =>
  object[name] ?? object[Object.keys(object).find((key) => key.toLowerCase() === name) ?? name];

function checkLockout(value: JsonValue | undefined): void {
  if (value === undefined || value === null) return;
  if (!isObject(value)) throw new Unconvertible();
  const named = byName(value);
  integer(named('lockout_threshold'), /^\d+$/);
  integer(named('lockout_duration'), /^-?\d+$/);
  integer(named('lockout_counter_reset'), /^-?\d+$/);
  flag(named('disable_lockout'));
}

function integer(value: JsonValue | undefined, shape: RegExp): void {
  if (value === undefined || value === null) return;
  if (typeof value !== 'number' && !(value instanceof JsonNumber)) throw new Unconvertible();
  if (!shape.test(text(value))) throw new Unconvertible();
}

/** Of an engine or a method: its own name, or for 'plugin' the plugin's. */
export function askedType(type = '', plugin = ''): string {
  if (type === '') throw refuse('backend type must be specified as a string');
  if (type !== 'plugin') return type;
  if (plugin === '') throw refuse('plugin_name must be provided for plugin backend');
  return plugin;
}

/** As it was sent; undefined: none was asked for. What the core itself brings along is there in no other version. */
export function askedVersion(config: JsonObject, kind: 'secrets' | 'auth', type: string): string | undefined {
  const version = text(byName(config)('plugin_version'));
  if (version === '') return undefined;
  const auth = kindOf(type) === 'token';
  const own = kind === 'auth' ? auth : type === 'kv' || (SINGLETONS.has(type) && !auth);
  if (fullVersion(version) !== BUILTIN_VERSION && own) {
    throw refuse(`cannot select non-builtin version of ${kind} plugin ${type}`);
  }
  return version;
}

/** Only KV is there in versions. */
export function refuseOptions(options: Readonly<Record<string, string>>, kind: 'secrets' | 'auth', type: string): void {
  if ((options['version'] ?? '') === '' || (kind === 'secrets' && /^kv(?:-v[12])?$/.test(type))) return;
  const what = kind === 'secrets' ? 'secrets engine' : 'auth method';
  throw refuse(`${what} ${quote(type)} does not allow setting a version`);
}

/** '' and 'hidden' are kept as given; anything else but 'unauth' is refused. */
export function visibility(value: string): '' | 'hidden' | 'unauth' {
  if (value === '' || value === 'hidden' || value === 'unauth') return value;
  throw refuse(`invalid listing_visibility ${value}`);
}

/** '' is the default. */
export function tokenTypeOf(value: string): TokenType {
  switch (value) {
    case '':
    case 'default-service':
      return value === '' ? 'default' : value;
    case 'default-batch':
    case 'service':
    case 'batch':
      return value;
    default:
      throw refuse("invalid value for 'token_type'");
  }
}

function ttl(value: JsonValue | undefined, which: 'default' | 'max'): number {
  const given = text(value);
  if (given === '' || given === 'system') return 0;
  try {
    return toMicros(given);
  } catch (error) {
    throw refuse(`unable to parse ${which} TTL of ${given}: ${error instanceof Error ? error.message : ''}`);
  }
}

function text(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (value instanceof JsonNumber) return value.literal;
  throw new Unconvertible();
}

function flag(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw new Unconvertible();
  return value;
}

/** A string is a list with commas in it. */
function texts(value: JsonValue | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(text);
  if (typeof value !== 'string') throw new Unconvertible();
  return value === '' ? [] : value.split(',').map((one) => one.trim());
}
