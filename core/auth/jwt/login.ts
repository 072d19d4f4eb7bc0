/** `login`: a token of somebody else's for one of ours. */
import { quote } from '../../codec/go-quote.ts';
import { GoTemplateError } from '../../codec/go-template/template.ts';
import { fromJson } from '../../codec/go-template/values.ts';
import { asList } from '../../codec/json-fields.ts';
import { JWS_ALGORITHMS } from '../../crypto/jws/algorithm.ts';
import { failure, refuse } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { Auth } from '../../framework/logical.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { checkAddress, tokenAuth } from '../../framework/token-params.ts';
import { checkBoundClaims, claimOf, ClaimError, listOf, mappedMetadata, shown } from './claims.ts';
import type { Claims } from './claims.ts';
import type { JwtConfig } from './config.ts';
import { TokenError } from '../../framework/jwt/keys.ts';
import type { KeySet } from '../../framework/jwt/keys.ts';
import type { JwtCall, JwtMemory, storage } from './memory.ts';
import { groupsOf } from './provider-config.ts';
import type { JwtRole } from './role.ts';
import { leewaysOf } from './role.ts';
import { policyTemplate } from './role-paths.ts';
import { validate } from '../../framework/jwt/validate.ts';
import type { Expected } from '../../framework/jwt/validate.ts';
import { ProviderError } from './web.ts';

export const loginFields = {
  role: field.lowerCase('The role to log in with.', { always: true }),
  jwt: field.string('The signed token.', { always: true }),
};

export interface LoginInput {
  readonly role: string;
  readonly jwt: string;
}

export async function configured(call: JwtCall): Promise<JwtConfig> {
  const config = await call.state.config(call.storage);
  if (config === undefined) throw refuse('could not load configuration');
  return config;
}

export function roleNameOf({ role }: Pick<LoginInput, 'role'>, { defaultRole }: JwtConfig): string {
  const name = role === '' ? defaultRole : role;
  if (name === '') throw refuse('missing role');
  return name;
}

export const noRole = (name: string): Error => refuse(`role ${quote(name)} could not be found`);

async function keysOf(config: JwtConfig, call: JwtCall): Promise<KeySet> {
  try {
    return await call.state.keys(config);
  } catch (error) {
    if (error instanceof ProviderError) throw refuse(`error configuring token validator: ${error.message}`);
    throw error;
  }
}

/** The claims of a token that is good for what is expected beside what the configuration asks for. */
export async function verifiedClaims(
  token: string,
  config: JwtConfig,
  expected: Omit<Expected, 'issuer' | 'algorithms'>,
  call: JwtCall,
): Promise<Claims> {
  const keys = await keysOf(config, call);
  const algorithms = config.supportedAlgorithms.length > 0 ? config.supportedAlgorithms : JWS_ALGORITHMS;
  try {
    return await validate(keys, token, { ...expected, issuer: config.boundIssuer, algorithms }, call.now());
  } catch (error) {
    if (error instanceof TokenError) throw refuse(`error validating token: ${error.message}`);
    throw error;
  }
}

function userOf(role: JwtRole, claims: Claims): string {
  const { userClaim: name } = role;
  const value = role.userClaimIsPointer
    ? claimOf(claims, name)
    : Object.hasOwn(claims, name)
      ? claims[name]
      : undefined;
  if (value === undefined || value === null) throw new ClaimError(`claim ${quote(name)} not found in token`);
  if (typeof value !== 'string') throw new ClaimError(`claim ${quote(name)} could not be converted to string`);
  return value;
}

async function groupAliases(
  role: JwtRole,
  config: JwtConfig,
  claims: Claims,
  accessToken: string,
  call: JwtCall,
): Promise<string[]> {
  const { groupsClaim: name } = role;
  if (name === '') return [];
  let found;
  try {
    found = await groupsOf(config, claims, name, accessToken, call.runtime.web);
    if (found === undefined) throw new ClaimError(`${quote(name)} claim not found in token`);
  } catch (error) {
    throw error instanceof ClaimError ? new ClaimError(`failed to fetch groups: ${error.message}`) : error;
  }
  const groups = listOf(found);
  if (groups === undefined) throw new ClaimError(`${quote(name)} claim could not be converted to string list`);
  return groups.flatMap((group) => {
    if (typeof group !== 'string') {
      throw new ClaimError(`value ${shown(group)} in groups claim could not be parsed as string`);
    }
    return group === '' ? [] : [group];
  });
}

function policiesOf(role: JwtRole, claims: Claims, call: JwtCall): string[] {
  const policies = role.token.policies ?? [];
  if (!role.policiesAreTemplates) return policies;
  const made = policies.map((policy, index) => {
    try {
      return policyTemplate(policy, index, call).run(fromJson(claims));
    } catch (error) {
      if (!(error instanceof GoTemplateError)) throw error;
      throw failure(`failed to template policy [${index}]: unable to apply template: ${error.message}`);
    }
  });
  return [...new Set(made.map((policy) => policy.trim()).filter((policy) => policy !== ''))].sort();
}

/** Who the claims say logs in; `accessToken` is what the provider gave beside them. Throws ClaimError when they do not say it as the role wants. */
export async function identityOf(
  roleName: string,
  role: JwtRole,
  config: JwtConfig,
  claims: Claims,
  call: JwtCall,
  accessToken = '',
) {
  const name = userOf(role, claims);
  const metadata = { ...mappedMetadata(role.claimMappings ?? {}, claims), role: roleName };
  const groups = await groupAliases(role, config, claims, accessToken, call);
  const { mount } = call;
  return { name, metadata, groups, alias: { name, mountAccessor: mount.accessor, mountType: mount.type, metadata } };
}

/** Throws ClaimError. */
export const checkClaims = (role: JwtRole, claims: Claims): void =>
  checkBoundClaims(role.boundClaims ?? {}, claims, role.boundClaimsType === 'glob');

/** What a role gives to whom it lets in. */
export function authOf(
  roleName: string,
  role: JwtRole,
  identity: Awaited<ReturnType<typeof identityOf>>,
  claims: Claims,
  call: JwtCall,
): Auth {
  return {
    ...tokenAuth(role.token),
    policies: policiesOf(role, claims, call),
    internal: { role: roleName },
    displayName: identity.name,
    metadata: { ...identity.metadata },
    alias: identity.alias,
    groupAliases: identity.groups,
  };
}

async function logIn(input: LoginInput, call: JwtCall): Promise<Answer> {
  const config = await configured(call);
  const roleName = roleNameOf(input, config);
  const role = await call.store.roles.get(roleName);
  if (role === undefined) throw noRole(roleName);
  if (role.type === 'oidc') throw refuse('role with oidc role_type is not allowed');
  if (input.jwt === '') throw refuse('missing token');
  checkAddress(role.token, call.request);
  const audiences = role.boundAudiences ?? [];
  const expected = { subject: role.boundSubject, audiences, leeways: leewaysOf(role) };
  const claims = await verifiedClaims(input.jwt, config, expected, call);
  if (audiences.length === 0 && (asList(claimOf(claims, 'aud')) ?? []).length > 0) {
    throw refuse('audience claim found in JWT but no audiences bound to the role');
  }
  const identity = await refusing('', () => identityOf(roleName, role, config, claims, call));
  await refusing('error validating claims: ', () => checkClaims(role, claims));
  return reply({ auth: authOf(roleName, role, identity, claims, call) });
}

/** Claims that are not as wanted are an error of the client. */
async function refusing<T>(prefix: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ClaimError ? refuse(prefix + error.message) : error;
  }
}

/** The role may have changed since the login; what holds now counts. */
export async function renew(call: JwtCall): Promise<Answer> {
  const auth = call.request.auth!;
  const name = auth.internal['role'];
  if (typeof name !== 'string' || name === '') throw failure('failed to fetch role_name during renewal');
  const role = await call.store.roles.get(name);
  if (role === undefined) throw failure(`role ${name} does not exist during renewal`);
  const { ttl, maxTtl, period } = role.token;
  return reply({ auth: { ...auth, ttl, maxTtl, period } });
}

/** Which of these roles a login would be with. */
export async function resolveRole(
  input: LoginInput,
  roles: JwtCall['store']['roles' | 'celRoles'],
  call: JwtCall,
): Promise<{ readonly role: string }> {
  const name = roleNameOf(input, await configured(call));
  if ((await roles.get(name)) === undefined) throw noRole(name);
  return { role: name };
}

export const loginPaths = paths<JwtMemory, typeof storage>().path(
  'login',
  'Log in with a signed token.',
  loginFields,
  {
    update: { run: logIn },
    'alias-lookahead': { run: logIn },
    'resolve-role': { run: (input, call) => resolveRole(input, call.store.roles, call) },
  },
  { unauthenticated: 'login', id: { verb: 'login' }, help: 'The answer holds a token with the settings of the role.' },
);
