/** The `config` of a new mount, as clients send it: a map that is checked more strictly than fields are. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { JsonNumber } from '../codec/json.ts';
import { refuse } from '../fault.ts';
import { toMicros } from '../framework/coerce-time.ts';
import type { TokenType } from '../framework/logical.ts';
import { SECOND } from '../runtime.ts';
import { BUILTIN_VERSION } from '../framework/plugin-version.ts';
import type { MountConfig, MountTable } from '../server/mounts/entry.ts';

const unconvertible = () => refuse('unable to convert given mount config information');

/** Throws the refusals of enabling; `systemMax` in micros. */
export function parseMountConfig(config: JsonObject, table: MountTable, systemMax: number): Partial<MountConfig> {
  const defaultLeaseTtl = ttl(config['default_lease_ttl'], 'default');
  const maxLeaseTtl = ttl(config['max_lease_ttl'], 'max');
  if (maxLeaseTtl !== 0 && defaultLeaseTtl > maxLeaseTtl) {
    throw refuse('given default lease TTL greater than given max lease TTL');
  }
  if (defaultLeaseTtl > systemMax && maxLeaseTtl === 0) {
    throw refuse(`given default lease TTL greater than system max lease TTL of ${systemMax / SECOND}`);
  }
  return {
    defaultLeaseTtl,
    maxLeaseTtl,
    forceNoCache: flag(config['force_no_cache']),
    auditNonHmacRequestKeys: texts(config['audit_non_hmac_request_keys']),
    auditNonHmacResponseKeys: texts(config['audit_non_hmac_response_keys']),
    passthroughRequestHeaders: texts(config['passthrough_request_headers']),
    allowedResponseHeaders: texts(config['allowed_response_headers']),
    listingVisibility: visibility(text(config['listing_visibility'])),
    tokenType: table === 'auth' ? tokenTypeOf(text(config['token_type'])) : 'default',
  };
}

/** Built-in engines are what runs; there is no other version of any. */
export function refuseVersion(config: JsonObject, kind: 'secrets' | 'auth', type: string): void {
  const version = text(config['plugin_version']);
  if (version !== '' && version !== BUILTIN_VERSION) {
    throw refuse(`cannot select non-builtin version of ${kind} plugin ${type}`);
  }
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
  throw unconvertible();
}

function flag(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw unconvertible();
  return value;
}

function texts(value: JsonValue | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(text);
  if (typeof value !== 'string') throw unconvertible();
  return value === '' ? [] : value.split(',').map((one) => one.trim());
}
