/** What a login ends with: a token with sanitised policies and a worked-out TTL, and its lease. */
import { quote } from '../../codec/go-quote.ts';
import { failure, refuse } from '../../fault.ts';
import type { Auth, Request, TokenType } from '../../framework/logical.ts';
import { hiddenPolicies } from '../policy/builtin.ts';
import type { RoutedMount, ServiceContext, TokenEntry } from '../services.ts';
import { sanitizePolicies } from './policy-names.ts';
import type { TokenStore } from './store.ts';
import { calculateTtl } from './ttl.ts';

/** The mount's setting against what the method asks for. */
function loginTokenType(asked: TokenType, mount: TokenType): 'service' | 'batch' {
  if (mount === 'service' || mount === 'batch') return mount;
  if (asked === 'service' || asked === 'batch') return asked;
  if (asked === 'default-batch') return 'batch';
  return mount === 'default-batch' ? 'batch' : 'service';
}

/** 'auth/userpass/' and 'bob': 'userpass-bob', in a namespace 'ns1-auth-userpass-bob'. */
const displayNameOf = (point: string, name: string): string =>
  (point.replace(/^auth\//, '').replaceAll('/', '-') + name).replace(/-$/, '');

export async function loginToken(
  context: ServiceContext,
  store: Pick<TokenStore, 'create'>,
  request: Request,
  auth: Auth,
  mount: RoutedMount,
  register: (token: TokenEntry) => Promise<void>,
): Promise<string[]> {
  const now = context.runtime.clock.wall();
  const { ttl, warnings } = calculateTtl({
    defaultTtl: mount.system.defaultLeaseTtl(),
    maxTtl: mount.system.maxLeaseTtl(),
    backendTtl: auth.ttl,
    period: auth.period,
    backendMaxTtl: auth.maxTtl,
    explicitMaxTtl: auth.explicitMaxTtl,
    now,
  });
  auth.displayName = displayNameOf(context.namespace.path + mount.point, auth.displayName);
  auth.tokenPolicies = sanitizePolicies(auth.policies, auth.noDefaultPolicy !== true);
  const identityPolicies = sanitizePolicies(auth.identityPolicies ?? [], false);
  if (auth.identityPolicies !== undefined) auth.identityPolicies = identityPolicies;
  const all = sanitizePolicies([...auth.tokenPolicies, ...identityPolicies], false);
  for (const name of all) {
    if (name === 'root') throw refuse('auth methods cannot create root tokens');
    if (hiddenPolicies.includes(name)) throw refuse(`cannot assign policy ${quote(name)}`);
  }
  auth.tokenType = loginTokenType(auth.tokenType, mount.entry.config.tokenType);
  const entry = await store.create({
    parent: '',
    policies: auth.tokenPolicies,
    inlinePolicy: '',
    path: request.path,
    meta: Object.keys(auth.metadata).length > 0 ? auth.metadata : undefined,
    displayName: auth.displayName,
    numUses: auth.numUses ?? 0,
    creationTime: now,
    ttl,
    explicitMaxTtl: auth.explicitMaxTtl ?? 0,
    period: auth.period ?? 0,
    role: '',
    entityId: auth.entityId ?? '',
    noIdentityPolicies: false,
    type: auth.tokenType,
    boundCidrs: auth.strictlyBindIp === true ? [request.remote.address] : (auth.boundCidrs ?? []),
    strictlyBindIp: auth.strictlyBindIp ?? false,
  });
  auth.clientToken = entry.id;
  auth.accessor = entry.accessor;
  auth.ttl = ttl;
  auth.orphan = true;
  if (entry.type === 'batch') auth.renewable = false;
  else {
    try {
      await register(entry);
    } catch (error) {
      context.runtime.log.write('error', 'core', 'failed to register token lease', {
        request_path: request.path,
        error,
      });
      throw failure('internal error');
    }
  }
  auth.policies = all;
  return warnings;
}
