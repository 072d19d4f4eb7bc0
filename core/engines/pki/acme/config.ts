/** `config/acme`: whether ACME is served, for which roles and issuers, and who needs a binding to an account of ours. */
import type { JsonObject } from '../../../codec/json.ts';
import { asBoolean, asString, asStrings } from '../../../codec/json-fields.ts';
import { parseIp } from '../../../codec/address.ts';
import { failure, refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import { reply, type Answer } from '../../../framework/reply.ts';
import { pkiPaths, sent, storeOf, type PkiCall } from '../call.ts';
import { roleOf } from '../role-paths.ts';
import type { Role } from '../role.ts';
import { Unresolved, type PkiStore } from '../store.ts';
import { AcmeProblem, problemFirst } from './problem.ts';

export const EAB_POLICIES = ['not-required', 'new-account-required', 'always-required'] as const;
export type EabPolicy = (typeof EAB_POLICIES)[number];

export interface AcmeConfig {
  readonly enabled: boolean;
  /** `['*']`: any. */
  readonly allowedIssuers: readonly string[];
  readonly allowedRoles: readonly string[];
  readonly allowRoleExtKeyUsage: boolean;
  /** 'forbid', 'sign-verbatim' or 'role:<name>'. */
  readonly defaultDirectoryPolicy: string;
  readonly dnsResolver: string;
  readonly eabPolicy: EabPolicy;
}

const isPolicy = (text: string | undefined): text is EabPolicy => EAB_POLICIES.some((name) => name === text);

export async function acmeConfig(store: PkiStore): Promise<AcmeConfig> {
  const stored = await store.acme();
  const policy = asString(stored?.['eab_policy_name']);
  return {
    enabled: asBoolean(stored?.['enabled']) ?? false,
    allowedIssuers: asStrings(stored?.[STORED_ISSUERS]) ?? ['*'],
    allowedRoles: asStrings(stored?.['allowed_roles']) ?? ['*'],
    allowRoleExtKeyUsage: asBoolean(stored?.['allow_role_ext_key_usage']) ?? false,
    defaultDirectoryPolicy: asString(stored?.['default_directory_policy']) ?? 'sign-verbatim',
    dnsResolver: asString(stored?.['dns_resolver']) ?? '',
    eabPolicy: isPolicy(policy) ? policy : 'not-required',
  };
}

/** Upstream's name, with its slip. */
const STORED_ISSUERS = 'allowed_issuers=';

const stored = (config: AcmeConfig): JsonObject => ({
  enabled: config.enabled,
  [STORED_ISSUERS]: [...config.allowedIssuers],
  allowed_roles: [...config.allowedRoles],
  allow_role_ext_key_usage: config.allowRoleExtKeyUsage,
  default_directory_policy: config.defaultDirectoryPolicy,
  dns_resolver: config.dnsResolver,
  eab_policy_name: config.eabPolicy,
});

const shown = (config: AcmeConfig): JsonObject => ({
  allowed_roles: [...config.allowedRoles],
  allow_role_ext_key_usage: config.allowRoleExtKeyUsage,
  allowed_issuers: [...config.allowedIssuers],
  default_directory_policy: config.defaultDirectoryPolicy,
  enabled: config.enabled,
  dns_resolver: config.dnsResolver,
  eab_policy: config.eabPolicy,
});

export const isAny = (names: readonly string[]): boolean => names.length === 1 && names[0] === '*';

/** A role that certificates may be had under with ACME. Throws AcmeProblem. */
export async function acmeRole(name: string, call: PkiCall): Promise<Role> {
  const role = await roleOf(name, call);
  if (role === undefined) throw problemFirst('malformed', 'role does not exist');
  if (role.no_store) throw problemFirst('serverInternal', 'role can not be used as NoStore is set to true');
  return role;
}

export const NO_PATH = "ACME feature requires local cluster 'path' field configuration to be set";

/** The role of 'role:<name>'; undefined for the other two. Throws a Fault. */
export function roleOfPolicy(policy: string): string | undefined {
  if (policy === 'forbid' || policy === 'sign-verbatim') return undefined;
  if (!policy.startsWith('role:')) throw failure(`string ${policy} not a valid Default Directory Policy`);
  const name = policy.slice('role:'.length);
  if (name === '') throw failure(`no role specified by policy ${policy}`);
  return name;
}

/** Whether whoever started the server wants no ACME for everybody. */
function disabledByEnvironment({ runtime: { environment } }: PkiCall): { name: string; disabled: boolean } {
  const name = ['BAO_DISABLE_PUBLIC_ACME', 'VAULT_DISABLE_PUBLIC_ACME'].find((one) => environment?.(one) !== undefined);
  if (name === undefined) return { name: '', disabled: false };
  return { name, disabled: !/^(0|f|false)$/i.test(environment!(name)!) };
}

export const isServed = (config: AcmeConfig, call: PkiCall): boolean =>
  config.enabled && (config.eabPolicy === 'always-required' || !disabledByEnvironment(call).disabled);

const within = (before: string, error: unknown): unknown =>
  error instanceof AcmeProblem || error instanceof Unresolved ? failure(`${before}: ${error.message}`) : error;

function checkResolver(resolver: string): void {
  if (resolver === '') return;
  const bad = (text: string) => failure(`failed to parse DNS resolver address: ${text}`);
  const colon = resolver.lastIndexOf(':');
  if (colon < 0 || resolver.endsWith(']')) throw bad(`address ${resolver}: missing port in address`);
  const bracketed = /^\[([^[\]]*)\]:[^:]*$/.exec(resolver);
  const host = bracketed?.[1] ?? resolver.slice(0, colon);
  if (bracketed === null && host.includes(':')) throw bad(`address ${resolver}: too many colons in address`);
  if (host === '') throw bad('got empty address');
  if (parseIp(host) === undefined) throw bad('expected IPv4/IPv6 address, likely got hostname');
}

async function checkRoles(config: AcmeConfig, call: PkiCall): Promise<void> {
  let defaultRole: string | undefined;
  try {
    defaultRole = roleOfPolicy(config.defaultDirectoryPolicy);
  } catch (error) {
    throw error instanceof Error ? failure(`invalid default_directory_policy: ${error.message}`) : error;
  }
  if (defaultRole !== undefined) {
    try {
      await acmeRole(defaultRole, call);
    } catch (error) {
      throw within(`default directory policy role ${defaultRole} is not a valid ACME role`, error);
    }
  }
  if (isAny(config.allowedRoles)) return;
  for (const [index, name] of config.allowedRoles.entries()) {
    if (name === '*') throw failure(`cannot use '*' as role name at index ${index}`);
    try {
      await acmeRole(name, call);
    } catch (error) {
      throw within(`allowed_role ${name} is not a valid acme role`, error);
    }
  }
  if (defaultRole === undefined || config.allowedRoles.includes(defaultRole)) return;
  throw failure(
    `default directory policy ${config.defaultDirectoryPolicy} was not specified in allowed_roles: [${config.allowedRoles.join(' ')}]`,
  );
}

async function checkIssuers({ allowedIssuers }: AcmeConfig, store: PkiStore): Promise<void> {
  if (isAny(allowedIssuers)) return;
  for (const [index, name] of allowedIssuers.entries()) {
    if (name === '*') throw failure(`cannot use '*' as issuer name at index ${index}`);
    try {
      await store.issuer(name);
    } catch (error) {
      throw within(`failed validating allowed_issuers: unable to fetch issuer: ${name}`, error);
    }
  }
}

interface ConfigInput {
  readonly enabled: boolean;
  readonly allowed_issuers: readonly string[];
  readonly allowed_roles: readonly string[];
  readonly allow_role_ext_key_usage: boolean;
  readonly default_directory_policy: string;
  readonly dns_resolver: string;
  readonly eab_policy: string;
}

const EMPTY = (name: string) =>
  failure(
    `${name} must take a non-zero length value; specify '*' as the value to allow anything or specify enabled=false to disable ACME entirely`,
  );

function changed(input: ConfigInput, present: AcmeConfig, call: PkiCall): AcmeConfig {
  const pick = <T>(name: keyof ConfigInput, given: T, now: T): T => (sent(call, name) ? given : now);
  const config = {
    enabled: pick('enabled', input.enabled, present.enabled),
    allowedRoles: pick('allowed_roles', input.allowed_roles, present.allowedRoles),
    allowRoleExtKeyUsage: pick(
      'allow_role_ext_key_usage',
      input.allow_role_ext_key_usage,
      present.allowRoleExtKeyUsage,
    ),
    defaultDirectoryPolicy: pick(
      'default_directory_policy',
      input.default_directory_policy,
      present.defaultDirectoryPolicy,
    ),
    allowedIssuers: pick('allowed_issuers', input.allowed_issuers, present.allowedIssuers),
    dnsResolver: pick('dns_resolver', input.dns_resolver, present.dnsResolver),
  };
  if (config.allowedRoles.length === 0) throw EMPTY('allowed_roles');
  if (config.allowedIssuers.length === 0) throw EMPTY('allowed_issuers');
  checkResolver(config.dnsResolver);
  const eabPolicy = pick<string>('eab_policy', input.eab_policy, present.eabPolicy);
  if (isPolicy(eabPolicy)) return { ...config, eabPolicy };
  throw failure(
    `invalid eab policy name provided, valid values are '${EAB_POLICIES[0]}', '${EAB_POLICIES[1]}', '${EAB_POLICIES[2]}'`,
  );
}

async function write(input: ConfigInput, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  const config = changed(input, await acmeConfig(store), call);
  await checkRoles(config, call);
  await checkIssuers(config, store);
  if (config.enabled && (await store.cluster()).path === '') throw failure(NO_PATH);
  const { name, disabled } = disabledByEnvironment(call);
  if (config.enabled && disabled && config.eabPolicy !== 'always-required') {
    throw refuse(`${name} env var is enabled, ACME EAB policy needs to be 'always-required' with ACME enabled`);
  }
  await store.putAcme(stored(config));
  return shown(config);
}

async function read(call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  const config = await acmeConfig(store);
  if (!config.enabled || (await store.cluster()).path !== '') return shown(config);
  return reply({ data: shown(config), warnings: [NO_PATH] });
}

export const acmeConfigPaths = pkiPaths().path(
  'config/acme',
  'Whether ACME is served, and for whom.',
  {
    enabled: field.bool('Serve ACME.', { default: false }),
    allowed_issuers: field.commaStrings('Issuers that may sign for it; "*": any.', { default: ['*'] }),
    allowed_roles: field.commaStrings('Roles that have a directory; "*": all.', { default: ['*'] }),
    allow_role_ext_key_usage: field.bool("Certificates have their role's purposes, not only that of TLS servers.", {
      default: false,
    }),
    default_directory_policy: field.string(
      'What directories without a role do: "sign-verbatim", "forbid" or "role:<name>".',
      { default: 'sign-verbatim' },
    ),
    dns_resolver: field.string('Whom to ask for names, `<address>:<port>`.', { default: '' }),
    eab_policy: field.string(
      'Who needs a binding to an account of ours: "not-required", "new-account-required", "always-required".',
      {
        default: 'always-required',
      },
    ),
  },
  {
    read: {
      about: 'Read the settings.',
      id: { prefix: 'pki', suffix: 'acme-configuration' },
      run: (_, call) => read(call),
    },
    update: {
      about: 'Change the settings.',
      forward: true,
      id: { prefix: 'pki', verb: 'configure', suffix: 'acme' },
      run: write,
    },
  },
  { id: { prefix: 'pki', suffix: 'acme' } },
);
