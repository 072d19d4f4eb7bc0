/** `login`: a token of a service account for one of ours, and its renewal. */
import { matchesGlob } from '../../codec/glob.ts';
import { quote } from '../../codec/go-quote.ts';
import { coded, failure, permissionDenied, refuse } from '../../fault.ts';
import { emptyAuth } from '../../framework/empty-auth.ts';
import { field } from '../../framework/field.ts';
import { staticKeys, TokenError, unverified } from '../../framework/jwt/keys.ts';
import { parsePublicKey } from '../../framework/jwt/public-key.ts';
import { validate } from '../../framework/jwt/validate.ts';
import type { Expected } from '../../framework/jwt/validate.ts';
import { checkLabels, ObjectError, selects } from '../../framework/kubernetes/objects.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { checkAddress, tokenAuth } from '../../framework/token-params.ts';
import { ApiError, labelsOf, review } from './api.ts';
import { effectiveConfig } from './config-path.ts';
import type { KubernetesConfig } from './config.ts';
import { kubernetesPaths, type KubernetesCall } from './memory.ts';
import { ALIAS_SOURCES, findRole, namespaceSelector } from './role-paths.ts';
import type { KubernetesRole } from './role.ts';
import { serviceAccountOf, type ServiceAccount } from './service-account.ts';

interface LoginInput {
  readonly role: string | undefined;
  readonly jwt: string | undefined;
}

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];

async function roleOf(name: string, call: KubernetesCall): Promise<KubernetesRole> {
  const role = await findRole(name, call);
  if (role === undefined) throw refuse(`invalid role name ${quote(name)}`);
  return role;
}

function needed(input: Partial<LoginInput>, name: keyof LoginInput): string {
  const value = input[name] ?? '';
  if (value === '') throw refuse(`missing ${name}`);
  return value;
}

async function configured(call: KubernetesCall): Promise<KubernetesConfig> {
  const config = await effectiveConfig(call);
  if (config === undefined) throw failure('could not load backend configuration');
  return config;
}

/** Whose token it is, if it is good as far as can be seen, and if the role takes them. */
async function accepted(
  token: string,
  role: KubernetesRole,
  config: KubernetesConfig,
  call: KubernetesCall,
): Promise<ServiceAccount> {
  const { crypto } = call.runtime;
  const expected: Expected = {
    // Upstream asks for no issuer when none is configured.
    issuer: config.anyIssuer ? '' : config.issuer,
    subject: '',
    audiences: role.audience === '' ? [] : [role.audience],
    algorithms: ALGORITHMS,
    leeways: { notBefore: 0, expiration: 0, clockSkew: 0 },
    datesOptional: true,
  };
  const { publicKeys } = config;
  const keys = publicKeys.length === 0 ? unverified : staticKeys(crypto, publicKeys.map(parsePublicKey));
  let account: ServiceAccount;
  try {
    account = serviceAccountOf(await validate(keys, token, expected, call.now()));
  } catch (error) {
    throw error instanceof TokenError ? coded(403, error.message) : error;
  }
  if (!isListed(role.names ?? [], account.name)) throw coded(403, 'service account name not authorized');
  if (!isListed(role.namespaces ?? [], account.namespace)) await checkNamespace(account.namespace, role, config, call);
  return account;
}

const isListed = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => matchesGlob(pattern, name));

async function checkNamespace(
  namespace: string,
  { selector }: KubernetesRole,
  config: KubernetesConfig,
  { runtime }: KubernetesCall,
): Promise<void> {
  const unauthorized = 'namespace not authorized';
  if (selector === '') throw coded(403, unauthorized);
  let selected: boolean;
  try {
    const wanted = namespaceSelector(selector);
    checkLabels(wanted);
    selected = selects(wanted, await labelsOf(runtime.web, config, namespace));
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof ObjectError)) throw error;
    throw coded(403, `${unauthorized} err=${error.message}`);
  }
  if (!selected) throw coded(403, unauthorized);
}

function aliasName({ aliasSource }: KubernetesRole, { uid, namespace, name }: ServiceAccount): string {
  if (aliasSource !== ALIAS_SOURCES[1]) {
    if (uid === '') throw failure('could not parse UID from claims');
    return uid;
  }
  if (namespace === '' || name === '') throw failure('service account namespace and name must be set');
  return `${namespace}/${name}`;
}

async function logIn(input: LoginInput, call: KubernetesCall): Promise<Answer> {
  const roleName = needed(input, 'role');
  const jwt = needed(input, 'jwt');
  const role = await roleOf(roleName, call);
  checkAddress(role.token, call.request);
  const config = await configured(call);
  let account: ServiceAccount;
  try {
    account = await accepted(jwt, role, config, call);
  } catch (error) {
    // What is wrong with a signature is nobody's business.
    throw error instanceof Error && error.message.includes('verifying token signature') ? permissionDenied() : error;
  }
  const audiences = role.audience === '' ? account.audience : [role.audience];
  try {
    await review(call.runtime.web, config, jwt, audiences, account);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { type, accessor } = call.mount;
    call.runtime.log.write('debug', `auth.${type}.${accessor}`, 'login unauthorized', { err: error.message });
    throw permissionDenied();
  }
  const name = aliasName(role, account);
  const metadata = {
    service_account_uid: account.uid,
    service_account_name: account.name,
    service_account_namespace: account.namespace,
    service_account_secret_name: account.secretName,
  };
  const { mount } = call;
  return reply({
    auth: {
      ...tokenAuth(role.token),
      internal: { role: roleName },
      displayName: `${account.namespace}-${account.name}`,
      metadata: { ...metadata, role: roleName },
      alias: { name, mountAccessor: mount.accessor, mountType: mount.type, metadata },
    },
  });
}

async function lookAhead(input: LoginInput, call: KubernetesCall): Promise<Answer> {
  const roleName = needed(input, 'role');
  const jwt = needed(input, 'jwt');
  const role = await roleOf(roleName, call);
  const config = await configured(call);
  const name = aliasName(role, await accepted(jwt, role, config, call));
  const { mount } = call;
  return reply({ auth: { ...emptyAuth(), alias: { name, mountAccessor: mount.accessor, mountType: mount.type } } });
}

/** The role may have changed since the login; what holds now counts. */
export function renew(call: KubernetesCall): Promise<Answer> {
  return call.state.reading(async () => {
    const auth = call.request.auth!;
    const name = auth.internal['role'];
    if (typeof name !== 'string' || name === '') throw failure('failed to fetch role_name during renewal');
    const role = await findRole(name, call);
    if (role === undefined) throw failure(`role ${name} does not exist during renewal`);
    const { ttl, maxTtl, period } = role.token;
    return reply({ auth: { ...auth, ttl, maxTtl, period } });
  });
}

export const loginPath = kubernetesPaths().path(
  'login',
  'Log in with the token of a service account.',
  {
    role: field.string('The role to log in with.'),
    jwt: field.string('The token.'),
  },
  {
    update: { run: (input, call) => call.state.reading(() => logIn(input, call)) },
    'alias-lookahead': { run: (input, call) => call.state.reading(() => lookAhead(input, call)) },
    'resolve-role': {
      run: async (input, call) => {
        const role = needed(input, 'role');
        await call.state.reading(() => roleOf(role, call));
        return { role };
      },
    },
  },
  {
    help: 'The answer holds a token with the settings of the role.',
    unauthenticated: 'login',
    id: { prefix: 'kubernetes', verb: 'login' },
  },
);
