/** The `token_*` parameters that all auth methods share: fields, checks, storage form, and what a login makes of them. */
import { canonicalAddress, inAddresses } from '../codec/address.ts';
import { quote } from '../codec/go-quote.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { asBoolean, asNumber, asStrings } from '../codec/json-fields.ts';
import { permissionDenied, refuse } from '../fault.ts';
import type { Micros } from '../runtime.ts';
import { field } from './field.ts';
import type { Auth, Request, TokenType } from './logical.ts';
import { wholeSeconds } from '../runtime.ts';

export interface TokenParams {
  /** Undefined: never set, which is stored as null. */
  boundCidrs: string[] | undefined;
  explicitMaxTtl: Micros;
  maxTtl: Micros;
  noDefaultPolicy: boolean;
  numUses: number;
  period: Micros;
  policies: string[] | undefined;
  type: TokenType;
  ttl: Micros;
  strictlyBindIp: boolean;
}

export const noTokenParams = (): TokenParams => ({
  boundCidrs: undefined,
  explicitMaxTtl: 0,
  maxTtl: 0,
  noDefaultPolicy: false,
  numUses: 0,
  period: 0,
  policies: undefined,
  type: 'default',
  ttl: 0,
  strictlyBindIp: false,
});

const group = (name: string, description?: string): { display: JsonObject } => ({
  display: { name, group: 'Tokens', ...(description === undefined ? {} : { description }) },
});

export const tokenFields = {
  token_bound_cidrs: field.commaStrings(
    'Addresses and blocks of addresses from which the token may be used.',
    group("Generated Token's Bound CIDRs", 'From where the token may be used.'),
  ),
  token_explicit_max_ttl: field.duration(
    'A lifetime that no renewal and no later change of the role or the mount extends.',
    group("Generated Token's Explicit Maximum TTL"),
  ),
  token_max_ttl: field.duration(
    'How long the token may live with all renewals.',
    group("Generated Token's Maximum TTL"),
  ),
  token_no_default_policy: field.bool(
    "Whether to leave the 'default' policy out.",
    group("Do Not Attach 'default' Policy To Generated Tokens"),
  ),
  token_num_uses: field.int(
    'How often the token may be used; zero sets no limit.',
    group('Maximum Uses of Generated Tokens'),
  ),
  token_period: field.duration(
    'Makes the token periodic: it may be renewed for ever, each time for this long.',
    group("Generated Token's Period"),
  ),
  token_policies: field.commaStrings(
    "The token's policies.",
    group("Generated Token's Policies", 'What whoever logs in may do.'),
  ),
  token_strictly_bind_ip: field.bool(
    'Whether the token works only from the address that logged in.',
    group('Strictly bind to the source IP address'),
  ),
  token_ttl: field.duration(
    'How long the token lives until it must be renewed.',
    group("Generated Token's Initial TTL"),
  ),
  token_type: field.string("'service', 'batch', or 'default' for the mount's type.", {
    documented: 'default-service',
    ...group("Generated Token's Type"),
  }),
};

export interface TokenInput {
  readonly token_bound_cidrs: string[] | undefined;
  readonly token_explicit_max_ttl: Micros | undefined;
  readonly token_max_ttl: Micros | undefined;
  readonly token_no_default_policy: boolean | undefined;
  readonly token_num_uses: number | undefined;
  readonly token_period: Micros | undefined;
  readonly token_policies: string[] | undefined;
  readonly token_strictly_bind_ip: boolean | undefined;
  readonly token_ttl: Micros | undefined;
  readonly token_type: string | undefined;
}

/** Canonical forms; refuses what is no address, with `context` in front. */
export function parseAddresses(addresses: readonly string[], context = ''): string[] {
  return addresses.map((address) => {
    const canonical = canonicalAddress(address);
    if (canonical !== undefined) return canonical;
    const quoted = quote(address);
    throw refuse(
      `${context}error parsing address ${quoted}: Unable to convert ${quoted} to an IPv4 or IPv6 address, or a UNIX Socket`,
    );
  });
}

/** As upstream reads them back: paths of sockets are quoted each time. */
export const storedAddresses = (stored: JsonValue | undefined): string[] | undefined =>
  asStrings(stored)?.map((text) => canonicalAddress(text) ?? text);

function parseType(type: string): TokenType {
  if (type === '' || type === 'default') return 'default';
  if (type === 'service' || type === 'batch') return type;
  throw refuse(`invalid 'token_type' value ${quote(type)}`);
}

/** Takes over what was sent, in upstream's order of checks. */
export function applyTokenInput(params: TokenParams, input: TokenInput): void {
  if (input.token_bound_cidrs !== undefined) params.boundCidrs = parseAddresses(input.token_bound_cidrs);
  params.explicitMaxTtl = input.token_explicit_max_ttl ?? params.explicitMaxTtl;
  params.maxTtl = input.token_max_ttl ?? params.maxTtl;
  params.noDefaultPolicy = input.token_no_default_policy ?? params.noDefaultPolicy;
  params.period = input.token_period ?? params.period;
  params.policies = input.token_policies ?? params.policies;
  if (input.token_type !== undefined) params.type = parseType(input.token_type);
  params.strictlyBindIp = input.token_strictly_bind_ip ?? params.strictlyBindIp;
  params.numUses = input.token_num_uses ?? params.numUses;
  if (params.numUses < 0) throw refuse("'token_num_uses' cannot be negative");
  if (params.type === 'batch') {
    const start = "'token_type' cannot be 'batch' or 'default_batch' when set to generate";
    if (params.period !== 0) throw refuse(`${start} periodic tokens`);
    if (params.numUses !== 0) throw refuse(`${start} tokens with limited use count`);
  }
  params.ttl = input.token_ttl ?? params.ttl;
  if (params.ttl < 0) throw refuse("'token_ttl' cannot be negative");
  if (params.ttl > 0 && params.maxTtl > 0 && params.ttl > params.maxTtl) {
    throw refuse("'token_ttl' cannot be greater than 'token_max_ttl'");
  }
  if (params.strictlyBindIp && (params.boundCidrs ?? []).length > 0) {
    throw refuse("'token_strictly_bind_ip' conflicts with 'token_bound_cidrs'; set only one");
  }
}

/** For the answer to a read. */
export const shownTokenParams = (params: TokenParams): JsonObject => ({
  token_bound_cidrs: params.boundCidrs ?? [],
  token_explicit_max_ttl: wholeSeconds(params.explicitMaxTtl),
  token_max_ttl: wholeSeconds(params.maxTtl),
  token_no_default_policy: params.noDefaultPolicy,
  token_num_uses: params.numUses,
  token_period: wholeSeconds(params.period),
  token_policies: params.policies ?? [],
  token_strictly_bind_ip: params.strictlyBindIp,
  token_ttl: wholeSeconds(params.ttl),
  token_type: params.type,
});

/** Throws permission denied for a login from where the token may not be used. */
export function checkAddress({ boundCidrs = [] }: TokenParams, { remote }: Request): void {
  if (boundCidrs.length > 0 && !inAddresses(remote.address, boundCidrs)) throw permissionDenied();
}

/** For the auth of a login. */
export const tokenAuth = (params: TokenParams): Omit<Auth, 'internal' | 'displayName' | 'metadata'> => ({
  boundCidrs: params.boundCidrs ?? [],
  strictlyBindIp: params.strictlyBindIp,
  explicitMaxTtl: params.explicitMaxTtl,
  maxTtl: params.maxTtl,
  noDefaultPolicy: params.noDefaultPolicy,
  period: params.period,
  policies: params.policies ?? [],
  renewable: true,
  tokenType: params.type,
  ttl: params.ttl,
  numUses: params.numUses,
});

/** By upstream's number. */
export const TOKEN_TYPES: readonly TokenType[] = ['default', 'service', 'batch', 'default-service', 'default-batch'];

/** Nanoseconds, as Go stores durations. */
export const nanos = (micros: Micros): number => micros * 1_000;
export const fromNanos = (value: JsonValue | undefined): Micros => Math.trunc((asNumber(value) ?? 0) / 1_000);

/** The stored fields, in upstream's order; they stand first in an entry. */
export const encodeTokenParams = (params: TokenParams): [string, JsonValue][] => [
  ['token_bound_cidrs', params.boundCidrs ?? null],
  ['token_explicit_max_ttl', nanos(params.explicitMaxTtl)],
  ['token_max_ttl', nanos(params.maxTtl)],
  ['token_no_default_policy', params.noDefaultPolicy],
  ['token_num_uses', params.numUses],
  ['token_period', nanos(params.period)],
  ['token_policies', params.policies ?? null],
  ['token_type', TOKEN_TYPES.indexOf(params.type)],
  ['token_ttl', nanos(params.ttl)],
  ['token_strictly_bind_ip', params.strictlyBindIp],
];

export const decodeTokenParams = (stored: JsonObject): TokenParams => ({
  // A UNIX socket's path gains quotes at every reading, as in upstream.
  boundCidrs: storedAddresses(stored['token_bound_cidrs']),
  explicitMaxTtl: fromNanos(stored['token_explicit_max_ttl']),
  maxTtl: fromNanos(stored['token_max_ttl']),
  noDefaultPolicy: asBoolean(stored['token_no_default_policy']) ?? false,
  numUses: asNumber(stored['token_num_uses']) ?? 0,
  period: fromNanos(stored['token_period']),
  policies: asStrings(stored['token_policies']),
  type: TOKEN_TYPES[asNumber(stored['token_type']) ?? 0] ?? 'default',
  ttl: fromNanos(stored['token_ttl']),
  strictlyBindIp: asBoolean(stored['token_strictly_bind_ip']) ?? false,
});

/** Lower case, trimmed, sorted, each once; root swallows the others. */
export function parsePolicies(policies: readonly string[]): string[] {
  const sane = new Set(policies.map((policy) => policy.trim().toLowerCase()).filter((policy) => policy !== ''));
  return sane.has('root') ? ['root'] : [...sane].sort();
}

/** What a deprecated parameter's documentation says. */
export const deprecated = (name: string): string => `The old name of "${name}", which wins when both are sent.`;

const sane = (policies: readonly string[]): string =>
  [...new Set(policies)]
    .filter((policy) => policy !== 'default')
    .sort()
    .join('\n');

/** The same but for `default`, whatever the order. */
export const samePolicies = (a: readonly string[], b: readonly string[]): boolean => sane(a) === sane(b);
