/** How a mount is shown: in lists, alone, and when tuned. */
import type { JsonObject } from '../codec/json.ts';
import { wholeSeconds } from '../runtime.ts';
import { BUILTIN_VERSION } from '../framework/plugin-version.ts';
import { effectiveTokenType } from '../server/mounts/defaults.ts';
import type { MountEntry } from '../server/mounts/entry.ts';
import { SINGLETONS } from '../server/mounts/protected.ts';
import type { RoutedMount } from '../server/services.ts';

export function mountFacts(entry: MountEntry): JsonObject {
  const facts: JsonObject = {
    accessor: entry.accessor,
    config: configFacts(entry),
    description: entry.description,
    external_entropy_access: entry.externalEntropy,
    local: entry.local,
    options: entry.options === undefined ? null : { ...entry.options },
    plugin_version: entry.config.pluginVersion,
    running_plugin_version: BUILTIN_VERSION,
    running_sha256: '',
    seal_wrap: entry.sealWrap,
    type: entry.type,
    uuid: entry.uuid,
  };
  // Upstream's list of secrets engines does not have the database one, whose plugins are listed instead.
  if (!SINGLETONS.has(entry.type) && entry.type !== 'generic' && entry.type !== 'database')
    facts['deprecation_status'] = 'supported';
  return facts;
}

function configFacts(entry: MountEntry): JsonObject {
  const { config } = entry;
  const out: JsonObject = {
    default_lease_ttl: wholeSeconds(config.defaultLeaseTtl),
    force_no_cache: config.forceNoCache,
    max_lease_ttl: wholeSeconds(config.maxLeaseTtl),
  };
  Object.assign(out, optionalFacts(entry));
  if (entry.table === 'auth') out['token_type'] = effectiveTokenType(entry);
  if (config.userLockout) out['user_lockout_config'] = lockoutFacts(entry);
  return out;
}

function optionalFacts({ config }: MountEntry): JsonObject {
  const out: JsonObject = {};
  const list = (name: string, values: readonly string[]) => {
    if (values.length > 0) out[name] = values;
  };
  list('audit_non_hmac_request_keys', config.auditNonHmacRequestKeys);
  list('audit_non_hmac_response_keys', config.auditNonHmacResponseKeys);
  list('passthrough_request_headers', config.passthroughRequestHeaders);
  list('allowed_response_headers', config.allowedResponseHeaders);
  if (config.listingVisibility !== '') out['listing_visibility'] = config.listingVisibility;
  return out;
}

function lockoutFacts({ config }: MountEntry): JsonObject {
  return {
    user_lockout_counter_reset_duration: wholeSeconds(config.userLockout?.counterReset ?? 0),
    user_lockout_disable: config.userLockout?.disable ?? false,
    user_lockout_duration: wholeSeconds(config.userLockout?.duration ?? 0),
    user_lockout_threshold: config.userLockout?.threshold ?? 0,
  };
}

/** What `…/tune` reads: the TTLs in force, not those of the row. */
export function tuneFacts({ entry, system }: RoutedMount): JsonObject {
  const out: JsonObject = {
    description: entry.description,
    default_lease_ttl: wholeSeconds(system.defaultLeaseTtl()),
    max_lease_ttl: wholeSeconds(system.maxLeaseTtl()),
    force_no_cache: entry.config.forceNoCache,
    ...optionalFacts(entry),
  };
  if (entry.externalEntropy) out['external_entropy_access'] = true;
  if (entry.table === 'auth') out['token_type'] = effectiveTokenType(entry);
  if (entry.options !== undefined && Object.keys(entry.options).length > 0) out['options'] = { ...entry.options };
  if (entry.config.pluginVersion !== '') out['plugin_version'] = entry.config.pluginVersion;
  if (entry.config.userLockout) Object.assign(out, lockoutFacts(entry));
  return out;
}
