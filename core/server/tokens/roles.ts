/** Token roles: `sys/token/roles/<name>`, byte for byte as upstream writes them. */
import { quote } from '../../codec/go-quote.ts';
import { asBoolean, asNumber, asString, asStrings } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { parseObject } from '../../codec/json.ts';
import type { RoleInput } from '../../auth/token/operations.ts';
import { refuse } from '../../fault.ts';
import { encodeEntry } from '../../framework/collection.ts';
import type { Response, TokenType } from '../../framework/logical.ts';
import { parseAddresses, storedAddresses } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND, wholeSeconds } from '../../runtime.ts';
import type { ServiceContext } from '../services.ts';
import { fromNanos, toNanos } from './nanos.ts';
import { sanitizePolicies } from './policy-names.ts';
import { tokenTypeNumber, tokenTypeOf } from './token-type.ts';

const ROLES = 'sys/token/roles/';
const PATH_SUFFIX = /\w[\w.-]+\w/;

/** Durations in micros. */
export interface TokenRole {
  readonly name: string;
  readonly tokenBoundCidrs: readonly string[];
  readonly tokenExplicitMaxTtl: Micros;
  readonly tokenNoDefaultPolicy: boolean;
  readonly tokenNumUses: number;
  readonly tokenPeriod: Micros;
  readonly tokenType: TokenType;
  readonly tokenStrictlyBindIp: boolean;
  readonly allowedPolicies: readonly string[];
  readonly disallowedPolicies: readonly string[];
  readonly allowedPoliciesGlob: readonly string[];
  readonly disallowedPoliciesGlob: readonly string[];
  readonly orphan: boolean;
  readonly period: Micros;
  readonly pathSuffix: string;
  readonly renewable: boolean;
  readonly explicitMaxTtl: Micros;
  readonly boundCidrs: readonly string[];
  readonly allowedEntityAliases: readonly string[] | undefined;
}

const listOrNull = (list: readonly string[]): readonly string[] | null => (list.length === 0 ? null : list);

const encode = (role: TokenRole): Map<string, JsonValue> =>
  new Map<string, JsonValue>([
    ['token_bound_cidrs', listOrNull(role.tokenBoundCidrs)],
    ['token_explicit_max_ttl', toNanos(role.tokenExplicitMaxTtl)],
    ['token_max_ttl', 0],
    ['token_no_default_policy', role.tokenNoDefaultPolicy],
    ['token_num_uses', role.tokenNumUses],
    ['token_period', toNanos(role.tokenPeriod)],
    ['token_policies', null],
    ['token_type', tokenTypeNumber(role.tokenType)],
    ['token_ttl', 0],
    ['token_strictly_bind_ip', role.tokenStrictlyBindIp],
    ['name', role.name],
    ['allowed_policies', role.allowedPolicies],
    ['disallowed_policies', role.disallowedPolicies],
    ['allowed_policies_glob', role.allowedPoliciesGlob],
    ['disallowed_policies_glob', role.disallowedPoliciesGlob],
    ['orphan', role.orphan],
    ['period', toNanos(role.period)],
    ['path_suffix', role.pathSuffix],
    ['renewable', role.renewable],
    ['explicit_max_ttl', toNanos(role.explicitMaxTtl)],
    ['bound_cidrs', listOrNull(role.boundCidrs)],
    ['allowed_entity_aliases', role.allowedEntityAliases ?? null],
  ]);

function decode(stored: JsonObject): TokenRole {
  const list = (key: string): string[] => asStrings(stored[key]) ?? [];
  const addresses = (key: string): string[] => storedAddresses(stored[key]) ?? [];
  const flag = (key: string): boolean => asBoolean(stored[key]) ?? false;
  return {
    name: asString(stored['name']) ?? '',
    tokenBoundCidrs: addresses('token_bound_cidrs'),
    tokenExplicitMaxTtl: fromNanos(stored['token_explicit_max_ttl']),
    tokenNoDefaultPolicy: flag('token_no_default_policy'),
    tokenNumUses: asNumber(stored['token_num_uses']) ?? 0,
    tokenPeriod: fromNanos(stored['token_period']),
    tokenType: tokenTypeOf(asNumber(stored['token_type']) ?? 0),
    tokenStrictlyBindIp: flag('token_strictly_bind_ip'),
    allowedPolicies: list('allowed_policies'),
    disallowedPolicies: list('disallowed_policies'),
    allowedPoliciesGlob: list('allowed_policies_glob'),
    disallowedPoliciesGlob: list('disallowed_policies_glob'),
    orphan: flag('orphan'),
    period: fromNanos(stored['period']),
    pathSuffix: asString(stored['path_suffix']) ?? '',
    renewable: flag('renewable'),
    explicitMaxTtl: fromNanos(stored['explicit_max_ttl']),
    boundCidrs: addresses('bound_cidrs'),
    allowedEntityAliases: asStrings(stored['allowed_entity_aliases']),
  };
}

const fresh = (name: string): TokenRole => ({
  name,
  tokenBoundCidrs: [],
  tokenExplicitMaxTtl: 0,
  tokenNoDefaultPolicy: false,
  tokenNumUses: 0,
  tokenPeriod: 0,
  tokenType: 'default-service',
  tokenStrictlyBindIp: false,
  allowedPolicies: [],
  disallowedPolicies: [],
  allowedPoliciesGlob: [],
  disallowedPoliciesGlob: [],
  orphan: false,
  period: 0,
  pathSuffix: '',
  renewable: true,
  explicitMaxTtl: 0,
  boundCidrs: [],
  allowedEntityAliases: undefined,
});

/** Lower case, without duplicates and blanks, sorted. */
const names = (list: readonly string[]): string[] =>
  [...new Set(list.map((one) => one.trim().toLowerCase()))].filter((one) => one !== '').sort();

/** What the API shows of a role; empty lists of addresses and unlimited uses are left out. */
export function showRole(role: TokenRole): Response {
  return {
    data: {
      allowed_entity_aliases: role.allowedEntityAliases ?? null,
      allowed_policies: role.allowedPolicies,
      allowed_policies_glob: role.allowedPoliciesGlob,
      ...(role.boundCidrs.length > 0 && { bound_cidrs: role.boundCidrs }),
      disallowed_policies: role.disallowedPolicies,
      disallowed_policies_glob: role.disallowedPoliciesGlob,
      explicit_max_ttl: wholeSeconds(role.explicitMaxTtl),
      name: role.name,
      orphan: role.orphan,
      path_suffix: role.pathSuffix,
      period: wholeSeconds(role.period),
      renewable: role.renewable,
      ...(role.tokenBoundCidrs.length > 0 && { token_bound_cidrs: role.tokenBoundCidrs }),
      token_explicit_max_ttl: wholeSeconds(role.tokenExplicitMaxTtl),
      token_no_default_policy: role.tokenNoDefaultPolicy,
      ...(role.tokenNumUses > 0 && { token_num_uses: role.tokenNumUses }),
      token_period: wholeSeconds(role.tokenPeriod),
      token_type: role.tokenType,
    },
  };
}

export class TokenRoles {
  readonly #context: ServiceContext;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  async get(name: string): Promise<TokenRole | undefined> {
    const bytes = await this.#context.barrier.get(ROLES + name);
    return bytes === undefined ? undefined : decode(parseObject(bytes));
  }

  list(): Promise<string[]> {
    return this.#context.barrier.list(ROLES);
  }

  delete(name: string): Promise<void> {
    return this.#context.barrier.delete(ROLES + name);
  }

  /** Changes what is sent, keeps the rest. Returns warnings. */
  async write(name: string, sent: RoleInput, maxTtl: Micros): Promise<string[]> {
    const old = (await this.get(name)) ?? fresh(name);
    const warnings: string[] = [];
    const replaced = <T>(
      current: T | undefined,
      old: T | undefined,
      newName: string,
      oldName: string,
    ): T | undefined => {
      if (current !== undefined && old !== undefined) {
        warnings.push(`Both '${newName}' and deprecated '${oldName}' value supplied, ignoring the deprecated value`);
      }
      return current ?? old;
    };
    const pathSuffix = sent.pathSuffix ?? old.pathSuffix;
    if (pathSuffix !== '' && !PATH_SUFFIX.test(pathSuffix)) {
      throw refuse('given role path suffix contains invalid characters; must match \\w[\\w-.]+\\w');
    }
    const currentCidrs = parsed(sent.tokenBoundCidrs, 'role fields');
    if (sent.tokenNumUses !== undefined && sent.tokenNumUses < 0) {
      throw refuse(`error parsing role fields: 'token_num_uses' cannot be negative`);
    }
    const tokenType = sent.tokenType === undefined ? old.tokenType : roleTokenType(sent.tokenType);
    const period = sent.tokenPeriod === undefined ? sent.period : undefined;
    const explicit = sent.tokenExplicitMaxTtl === undefined ? sent.explicitMaxTtl : undefined;
    // The order of the warnings is upstream's.
    const tokenPeriod = replaced(sent.tokenPeriod, sent.period, 'token_period', 'period') ?? old.tokenPeriod;
    const cidrs = currentCidrs === undefined ? parsed(sent.boundCidrs, 'bound_cidrs') : sent.boundCidrs;
    const role: TokenRole = {
      name,
      tokenBoundCidrs: replaced(currentCidrs, cidrs, 'token_bound_cidrs', 'bound_cidrs') ?? old.tokenBoundCidrs,
      tokenExplicitMaxTtl:
        replaced(sent.tokenExplicitMaxTtl, sent.explicitMaxTtl, 'token_explicit_max_ttl', 'explicit_max_ttl') ??
        old.tokenExplicitMaxTtl,
      tokenPeriod,
      tokenNoDefaultPolicy: sent.tokenNoDefaultPolicy ?? old.tokenNoDefaultPolicy,
      tokenNumUses: sent.tokenNumUses ?? old.tokenNumUses,
      tokenType,
      tokenStrictlyBindIp: old.tokenStrictlyBindIp,
      allowedPolicies:
        sent.allowedPolicies === undefined ? old.allowedPolicies : sanitizePolicies(sent.allowedPolicies, false),
      disallowedPolicies:
        sent.disallowedPolicies === undefined ? old.disallowedPolicies : names(sent.disallowedPolicies),
      allowedPoliciesGlob:
        sent.allowedPoliciesGlob === undefined ? old.allowedPoliciesGlob : names(sent.allowedPoliciesGlob),
      disallowedPoliciesGlob:
        sent.disallowedPoliciesGlob === undefined ? old.disallowedPoliciesGlob : names(sent.disallowedPoliciesGlob),
      orphan: sent.orphan ?? old.orphan,
      period: sent.tokenPeriod === undefined ? (period ?? old.period) : 0,
      pathSuffix,
      renewable: sent.renewable ?? old.renewable,
      explicitMaxTtl: sent.tokenExplicitMaxTtl === undefined ? (explicit ?? old.explicitMaxTtl) : 0,
      boundCidrs: currentCidrs === undefined ? (cidrs ?? old.boundCidrs) : [],
      allowedEntityAliases:
        sent.allowedEntityAliases === undefined ? old.allowedEntityAliases : names(sent.allowedEntityAliases),
    };
    if (role.tokenType === 'batch') refuseBatchRole(role);
    // What was once given under the new name is not looked at again.
    const looked = sent.tokenExplicitMaxTtl ?? role.explicitMaxTtl;
    if (looked > maxTtl) {
      const [given, allowed] = [looked / SECOND, maxTtl / SECOND];
      warnings.push(
        `Given explicit max TTL of ${given} is greater than system/mount allowed value of ${allowed} seconds; until this is fixed attempting to create tokens against this role will result in an error`,
      );
    }
    await this.#context.barrier.put(ROLES + name, encodeEntry(encode(role)));
    return warnings;
  }
}

const parsed = (blocks: readonly string[] | undefined, what: string): readonly string[] | undefined =>
  blocks === undefined ? undefined : parseAddresses(blocks, `error parsing ${what}: `);

function roleTokenType(name: string | null): TokenType {
  if (name === null) throw refuse("Invalid 'token_type' value: null");
  if (name === 'service' || name === 'batch' || name === 'default-service' || name === 'default-batch') return name;
  throw refuse(`invalid 'token_type' value ${quote(name)}`);
}

const noBatch = (what: string): Error => refuse(`'token_type' cannot be 'batch' when role is set to generate ${what}`);

function refuseBatchRole(role: TokenRole): void {
  if (!role.orphan) throw noBatch('non-orphan tokens');
  if (role.tokenPeriod !== 0) throw noBatch('periodic tokens');
  if (role.renewable) throw noBatch('renewable tokens');
  if (role.tokenExplicitMaxTtl !== 0) throw noBatch('tokens with an explicit max TTL');
}
