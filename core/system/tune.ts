/** Tuning a mount: what was sent changes, the rest stays; every refusal comes before the first write. */
import { Plain } from '../codec/log-text.ts';
import { goInt64 } from '../codec/go-atoi.ts';
import { quote } from '../codec/go-quote.ts';
import { parseGoUint } from '../codec/go-uint.ts';
import type { JsonObject } from '../codec/json.ts';
import { refuse } from '../fault.ts';
import { toMicros } from '../framework/coerce-time.ts';
import { field } from '../framework/field.ts';
import type { Response } from '../framework/logical.ts';
import { kindOf } from '../server/mounts/defaults.ts';
import { SECOND } from '../runtime.ts';
import { builtinVersion } from '../framework/plugin-version.ts';
import type { MountConfig, MountEntry, MountTable, UserLockout } from '../server/mounts/entry.ts';
import { SINGLETONS, isProtected, noSingleton } from '../server/mounts/protected.ts';
import type { SystemContext } from './context.ts';
import { tokenTypeOf, visibility } from './mount-config.ts';
import { mountServing } from './mount-place.ts';
import { tellFailure } from './told.ts';

export const tuneFields = {
  path: field.string('Path of the mount.', { required: true }),
  default_lease_ttl: field.string('Lease duration of secrets and tokens that ask for none; "system" resets it.'),
  max_lease_ttl: field.string('Longest lease duration; "system" resets it.'),
  description: field.string('Description shown in listings.'),
  audit_non_hmac_request_keys: field.commaStrings('Request fields that audit devices log in clear.'),
  audit_non_hmac_response_keys: field.commaStrings('Response fields that audit devices log in clear.'),
  options: field.kvPairs('Options of the engine.'),
  listing_visibility: field.string('Whether the mount is listed for callers without a token: "unauth" or "hidden".'),
  passthrough_request_headers: field.commaStrings('Request headers that reach the engine.'),
  allowed_response_headers: field.commaStrings('Response headers that the engine may set.'),
  token_type: field.string('Kind of tokens that an auth method gives.'),
  plugin_version: field.string('Version of the plugin to run after the next reload.'),
  user_lockout_config: field.map('When and for how long users are locked out after failed logins.'),
};

export interface TuneInput {
  readonly default_lease_ttl: string | undefined;
  readonly max_lease_ttl: string | undefined;
  readonly description: string | undefined;
  readonly audit_non_hmac_request_keys: string[] | undefined;
  readonly audit_non_hmac_response_keys: string[] | undefined;
  readonly options: Record<string, string> | undefined;
  readonly listing_visibility: string | undefined;
  readonly passthrough_request_headers: string[] | undefined;
  readonly allowed_response_headers: string[] | undefined;
  readonly token_type: string | undefined;
  readonly plugin_version: string | undefined;
  readonly user_lockout_config: JsonObject | undefined;
}

const lockoutTypes: ReadonlySet<string> = new Set(['userpass', 'approle', 'ldap']);

export async function tune(context: SystemContext, point: string, input: TuneInput): Promise<Response | undefined> {
  const { node, runtime } = context;
  if (isProtected(point) && !point.startsWith('auth/')) refuseProtected(point, input);
  const place = mountServing(node, point);
  if (!place) {
    const error = 'no mount entry found';
    tellFailure(context, 'tune failed', { error, path: point });
    throw refuse(`tune of path ${quote(point)} failed: ${error}`);
  }
  const { route } = place;
  const { mounts } = place.realm;

  const config: MountConfig = { ...route.entry.config };
  tuneTtls(input, config);
  tuneLists(input, config);
  if (Object.keys(input.user_lockout_config ?? {}).length > 0) {
    if (!lockoutTypes.has(route.entry.type)) {
      throw refuse(`tuning of user lockout configuration for auth type ${quote(route.entry.type)} not allowed`);
    }
    config.userLockout = lockout(input.user_lockout_config!, config.userLockout);
  }
  if (input.listing_visibility !== undefined) config.listingVisibility = visibility(input.listing_visibility);
  if (input.token_type !== undefined) config.tokenType = tunedTokenType(route.entry, input.token_type);
  if (input.plugin_version !== undefined) config.pluginVersion = builtinVersion(route.entry.type, input.plugin_version);

  // Without anything in them they are as if they were not sent.
  const given = Object.keys(input.options ?? {}).length > 0 ? input.options : undefined;
  if (given !== undefined) {
    const options = new Plain(goMap(given), given);
    runtime.log.write('info', 'core', 'mount tuning of options', { path: point, options });
  }
  const upgraded = given && tunedOptions(route.entry, given);
  const entry: MountEntry = {
    ...route.entry,
    config,
    description: input.description ?? route.entry.description,
    ...(upgraded ? { options: upgraded.options } : {}),
  };
  if (upgraded?.warning === undefined) {
    await mounts.change(entry);
    return undefined;
  }
  if (SINGLETONS.has(entry.type)) {
    await mounts.change(entry);
    throw refuse(noSingleton(entry.type));
  }
  await mounts.remake(entry);
  return { warnings: [upgraded.warning] };
}

// In the order of their names, because only the first is reported.
function refuseProtected(point: string, input: TuneInput): void {
  for (const name of Object.keys(tuneFields).sort()) {
    if (name.startsWith('audit_non_hmac_') || input[name as keyof TuneInput] === undefined) continue;
    throw refuse(`cannot tune parameter ${name} of ${point}`);
  }
}

function tuneTtls(input: TuneInput, config: MountConfig): void {
  const sent = (given: string | undefined): given is string => given !== undefined && given !== '';
  if (sent(input.default_lease_ttl)) config.defaultLeaseTtl = ttl(input.default_lease_ttl);
  if (sent(input.max_lease_ttl)) config.maxLeaseTtl = ttl(input.max_lease_ttl);
  if (!sent(input.default_lease_ttl) && !sent(input.max_lease_ttl)) return;
  const { defaultLeaseTtl, maxLeaseTtl } = config;
  if (maxLeaseTtl !== 0 && defaultLeaseTtl !== 0 && maxLeaseTtl < defaultLeaseTtl) {
    throw refuse(
      `backend max lease TTL of ${maxLeaseTtl / SECOND} would be less than backend default lease TTL of ${defaultLeaseTtl / SECOND}`,
    );
  }
}

function ttl(given: string): number {
  if (given === 'system') return 0;
  try {
    return toMicros(given);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : '');
  }
}

function tuneLists(input: TuneInput, config: MountConfig): void {
  config.auditNonHmacRequestKeys = input.audit_non_hmac_request_keys ?? config.auditNonHmacRequestKeys;
  config.auditNonHmacResponseKeys = input.audit_non_hmac_response_keys ?? config.auditNonHmacResponseKeys;
  config.passthroughRequestHeaders = input.passthrough_request_headers ?? config.passthroughRequestHeaders;
  config.allowedResponseHeaders = input.allowed_response_headers ?? config.allowedResponseHeaders;
}

function tunedTokenType(entry: MountEntry, given: string) {
  const table: MountTable = entry.table;
  if (table !== 'auth') throw refuse("'token_type' can only be modified on auth mounts");
  if (kindOf(entry.type) === 'token') throw refuse("'token_type' cannot be set for 'token' or 'ns_token' auth mounts");
  return tokenTypeOf(given);
}

function versionOf(text: string): number {
  const version = text === '' ? 0 : goInt64(text);
  if (typeof version === 'string') throw refuse(`unable to parse options: ${version}`);
  return version;
}

/** A version is 1 or 2, goes up only, and says so, whatever has no use for it. */
function tunedOptions(entry: MountEntry, given: Readonly<Record<string, string>>) {
  const merged = Object.entries({ ...entry.options, ...given });
  // What is sent empty is taken away.
  const options = Object.fromEntries(merged.filter(([, value]) => value !== ''));
  if (given['version'] === undefined) return { options, warning: undefined };
  const [asked, current] = [versionOf(given['version']), versionOf(entry.options?.['version'] ?? '')];
  if (asked !== 1 && asked !== 2) throw refuse(`invalid version provided: ${asked}`);
  if (asked < current) throw refuse('cannot downgrade mount from version 2');
  if (asked === current) return { options, warning: undefined };
  // The second number is upstream's, which prints it before it has read it.
  const warning = `Upgrading mount from version ${current} to version 0. This mount will be unavailable for a brief period and will resume service shortly.`;
  return { options, warning };
}

function lockout(given: JsonObject, old: UserLockout | undefined): UserLockout {
  const out: UserLockout = old ? { ...old } : { threshold: 0, duration: 0, counterReset: 0, disable: false };
  const { lockout_threshold: threshold, lockout_disable: disable } = given;
  const wrong = (typeof threshold !== 'string' && threshold !== undefined) || typeof (disable ?? false) !== 'boolean';
  // A number is taken for its digits.
  if (wrong && typeof threshold !== 'number') throw refuse('unable to convert given user lockout config information');
  try {
    if (threshold !== undefined) out.threshold = unsigned(String(threshold));
    if (given['lockout_duration'] !== undefined) out.duration = toMicros(given['lockout_duration']);
    if (given['lockout_counter_reset_duration'] !== undefined) {
      out.counterReset = toMicros(given['lockout_counter_reset_duration']);
    }
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : '');
  }
  if (given['lockout_disable'] !== undefined) out.disable = given['lockout_disable'] === true;
  return out;
}

/** Go's strconv.ParseUint in 64 bits. */
function unsigned(text: string): number {
  try {
    return parseGoUint(text, 64);
  } catch (error) {
    throw refuse(`unable to parse user lockout threshold: ${error instanceof Error ? error.message : ''}`);
  }
}

/** As Go prints one. */
const goMap = (map: Readonly<Record<string, string>>): string =>
  `map[${Object.keys(map)
    .sort()
    .map((key) => `${key}:${map[key]}`)
    .join(' ')}]`;
