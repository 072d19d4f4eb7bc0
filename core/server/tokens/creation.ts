/** auth/token/create and its kin: who may make which token, for how long. */
import type { CreateInput } from '../../auth/token/operations.ts';
import { quote } from '../../codec/go-quote.ts';
import { Fault, permissionDenied, refuse } from '../../fault.ts';
import { CoercionError } from '../../framework/coerce.ts';
import { toMicros } from '../../framework/coerce-time.ts';
import type { Auth, Request, Response } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';
import type { ServiceContext, TokenEntry } from '../services.ts';
import { childPolicies } from './child-policies.ts';
import { matchesGlob } from '../../codec/glob.ts';
import type { TokenRole } from './roles.ts';
import type { NewToken, TokenStore } from './store.ts';
import { TokenRefused } from './store.ts';
import { hasSudo } from './sudo.ts';
import { calculateTtl } from './ttl.ts';

const CUSTOM_ID =
  'Supplying a custom ID for the token uses the weaker SHA1 hashing instead of the more secure SHA2-256 HMAC for token obfuscation. SHA1 hashed tokens on the wire leads to less secure lookups.';

export async function createToken(
  context: ServiceContext,
  store: TokenStore,
  request: Request,
  input: CreateInput,
  orphan: boolean,
  role: TokenRole | undefined,
): Promise<Response> {
  const parent = await store.find(request.clientToken);
  if (parent === undefined) throw refuse('parent token lookup failed: no parent found');
  if (parent.type === 'batch') throw refuse('batch tokens cannot create more tokens');
  if (parent.numUses > 0) throw refuse('restricted use token cannot generate child tokens');
  const sudo = await hasSudo(context, request, parent);
  const foreign = parent.namespaceId !== context.namespace.id;
  if (foreign && !sudo) {
    throw refuse('root or sudo privileges required to directly generate a token in a child namespace');
  }
  if (foreign && input.policies.includes('root')) {
    throw refuse('root tokens may not be created from a parent namespace');
  }
  const type = tokenType(input, role);
  if (type === 'batch') refuseBatchOptions(input);
  if (input.numUses < 0) throw refuse('number of uses cannot be negative');
  const warnings: string[] = [];
  const aliased = input.entityAlias === '' ? undefined : await entityOfAlias(context, request, input.entityAlias, role);
  let renewable = type === 'batch' ? false : input.renewable && (role?.renewable ?? true);
  if (input.id !== '') {
    if (!sudo) throw refuse('root or sudo privileges required to specify token id');
    if (context.namespace.path !== '') throw refuse('token IDs can only be manually specified in the root namespace');
    warnings.push(CUSTOM_ID);
  }
  const policies = childPolicies(input, parent.policies, role, sudo, foreign);
  if (policies.includes('root') && type === 'batch') throw refuse('batch tokens cannot be root tokens');

  const orphaned = role === undefined ? isOrphan(input, orphan, sudo) : role.orphan;
  const now = context.runtime.clock.wall();
  const explicitMax = duration(input.explicitMaxTtl, 'explicit_max_ttl');
  const period = duration(input.period, 'period');
  if (period > 0 && !sudo) throw refuse('root or sudo privileges required to create periodic token');
  let ttl = input.ttl !== '' ? duration(input.ttl, 'ttl') : duration(input.lease, 'lease');
  const limits = lesserOf(explicitMax, period, type === 'batch' ? undefined : role, warnings);

  const isRoot = policies.includes('root');
  if (limits.period > 0 || ttl > 0 || !isRoot) {
    const system = context.mounts.match('auth/token/')?.system;
    const worked = calculateTtl({
      defaultTtl: system?.defaultLeaseTtl() ?? context.system.defaultLeaseTtl,
      maxTtl: system?.maxLeaseTtl() ?? context.system.maxLeaseTtl,
      backendTtl: ttl,
      period: limits.period,
      explicitMaxTtl: limits.explicitMax,
      issueTime: now,
      now,
    });
    ttl = worked.ttl;
    warnings.push(...worked.warnings);
  }
  if (ttl === 0 && limits.explicitMax > 0) ttl = limits.explicitMax;
  let boundCidrs = role === undefined ? (orphaned ? [] : parent.boundCidrs) : role.tokenBoundCidrs;
  if (ttl === 0) {
    if (parent.ttl !== 0) throw refuse('expiring root tokens cannot create non-expiring root tokens');
    // It would only be refused.
    renewable = false;
    boundCidrs = [];
  }
  if (type !== 'batch' && input.id !== '') refuseId(input.id);
  const meta = request.data['meta'] === null ? undefined : input.meta;
  const entry = await make(store, {
    id: type === 'batch' ? '' : input.id,
    parent: orphaned ? '' : request.clientToken,
    policies,
    inlinePolicy: '',
    path: `auth/token/${request.path}${role !== undefined && role.pathSuffix !== '' ? `/${role.pathSuffix}` : ''}`,
    meta,
    displayName: displayName(input.displayName),
    numUses: fewestUses(input.numUses, role?.tokenNumUses ?? 0),
    creationTime: now,
    ttl,
    explicitMaxTtl: explicitMax,
    period,
    role: role?.name ?? '',
    entityId: aliased ?? (orphaned ? '' : parent.entityId),
    noIdentityPolicies: false,
    type,
    boundCidrs,
    strictlyBindIp: false,
  });
  for (const name of policies) {
    if (!(await isKnown(context, name))) warnings.push(`Policy ${quote(name)} does not exist`);
  }
  const auth = authOf(entry, renewable, limits.period, limits.explicitMax);
  auth.metadataGiven = meta !== undefined;
  return { auth, ...(warnings.length > 0 && { warnings }) };
}

async function isKnown({ services }: ServiceContext, policy: string): Promise<boolean> {
  try {
    return (await services.policies.get(policy)) !== undefined;
  } catch (error) {
    throw error instanceof Fault ? refuse(`could not look up policy ${policy}`) : error;
  }
}

async function make(store: TokenStore, token: NewToken): Promise<TokenEntry> {
  try {
    return await store.create(token);
  } catch (error) {
    throw error instanceof TokenRefused ? refuse(error.message) : error;
  }
}

export const authOf = (entry: TokenEntry, renewable: boolean, period: Micros, explicitMaxTtl: Micros): Auth => ({
  ttl: entry.ttl,
  maxTtl: 0,
  renewable,
  internal: {},
  displayName: entry.displayName,
  policies: [...entry.policies],
  metadata: { ...entry.meta },
  tokenType: entry.type,
  numUses: entry.numUses,
  period,
  explicitMaxTtl,
  clientToken: entry.id,
  accessor: entry.accessor,
  entityId: entry.entityId,
  orphan: entry.parent === '',
  creationPath: entry.path,
});

function tokenType(input: CreateInput, role: TokenRole | undefined): 'service' | 'batch' {
  // A role that says "service" or "batch" is not asked about it again.
  if (role?.tokenType === 'service' || role?.tokenType === 'batch') return role.tokenType;
  const asked = input.type === '' && role?.tokenType === 'default-batch' ? 'batch' : input.type;
  if (asked === '' || asked === 'service') return 'service';
  if (asked === 'batch') return 'batch';
  throw refuse(`invalid 'token_type' value`);
}

function set(text: string, name: string): boolean {
  try {
    return text !== '' && toMicros(text) !== 0;
  } catch (error) {
    throw error instanceof CoercionError ? refuse(`'${name}' value could not be parsed`) : error;
  }
}

function refuseBatchOptions(input: CreateInput): void {
  // Upstream looks at the first of them that was sent, also where what was sent is 0.
  const bad =
    input.explicitMaxTtl !== ''
      ? set(input.explicitMaxTtl, 'explicit_max_ttl') && 'explicit_max_ttl'
      : input.numUses !== 0
        ? 'num_uses'
        : set(input.period, 'period') && 'period';
  if (bad !== false) throw refuse(`batch tokens cannot have "${bad}" set`);
}

function refuseId(id: string): void {
  for (const prefix of ['s.', 'hvs.']) {
    if (id.startsWith(prefix)) throw refuse(`custom token ID cannot have the '${prefix}' prefix`);
  }
  if (id.includes('.')) throw refuse(`custom token ID cannot have a '.' in the value`);
}

function isOrphan(input: CreateInput, orphan: boolean, sudo: boolean): boolean {
  if (!input.noParent) return orphan;
  if (!sudo) throw refuse('root or sudo privileges required to create orphan token');
  return true;
}

function durationOf(text: string): Micros {
  try {
    return toMicros(text);
  } catch (error) {
    throw error instanceof CoercionError ? refuse(error.message) : error;
  }
}

function duration(text: string, name: string): Micros {
  if (text === '') return 0;
  const micros = durationOf(text);
  if (micros < 0) throw refuse(`${name} must be positive`);
  return micros;
}

interface Limits {
  explicitMax: Micros;
  period: Micros;
}

function lesserOf(explicitMax: Micros, period: Micros, role: TokenRole | undefined, warnings: string[]): Limits {
  const lesser = (asked: Micros, ruled: Micros, what: string): Micros => {
    if (ruled === 0) return asked;
    if (asked === 0) return ruled;
    const least = Math.min(asked, ruled);
    const seconds = Math.floor(least / SECOND);
    warnings.push(
      `${what} specified both during creation call and in role; using the lesser value of ${seconds} seconds`,
    );
    return least;
  };
  return {
    explicitMax: lesser(explicitMax, role?.tokenExplicitMaxTtl ?? 0, 'Explicit max TTL'),
    period: lesser(period, role?.tokenPeriod ?? 0, 'Period'),
  };
}

const fewestUses = (asked: number, ruled: number): number =>
  ruled === 0 ? asked : asked === 0 ? ruled : Math.min(asked, ruled);

function displayName(given: string): string {
  if (given === '') return 'token';
  return `token-${given}`.replace(/[^a-zA-Z0-9-]/gu, '-').replace(/-$/, '');
}

async function entityOfAlias(
  context: ServiceContext,
  request: Request,
  name: string,
  role: TokenRole | undefined,
): Promise<string> {
  if (role === undefined) throw refuse(`'entity_alias' is only allowed in combination with token role`);
  const alias = name.toLowerCase();
  if (!(role.allowedEntityAliases ?? []).some((one) => matchesGlob(one, alias)))
    throw refuse(`invalid 'entity_alias' value`);
  const found = await context.services.identity.forAlias({
    mountAccessor: request.mount?.accessor ?? '',
    mountType: 'token',
    name: alias,
  });
  if (found === undefined) throw new Fault('error', 'internal error');
  if (found.entity.disabled) throw permissionDenied();
  return found.entity.id;
}
