/** Logins: whoever the directory lets bind has the policies of their groups, and their own. */
import { quote } from '../../codec/go-quote.ts';
import { asString } from '../../codec/json-fields.ts';
import { LdapError } from '../../codec/ldap/result-code.ts';
import { Fault, failure, InvalidCredentials, refuse } from '../../fault.ts';
import { emptyAuth } from '../../framework/empty-auth.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { dialDirectory } from '../../framework/ldap/dial.ts';
import type { LdapConnection } from '../../framework/ldap/connection.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { checkAddress, samePolicies, tokenAuth } from '../../framework/token-params.ts';
import { canonical, readConfig, type Config, type LdapCall, type LdapStorage } from './config.ts';
import { aliasName, bindDn, groupsOf, userDn } from '../../framework/ldap/user-search.ts';

interface Known {
  readonly alias: string;
  readonly policies: readonly string[];
  readonly groups: readonly string[];
  readonly warnings: readonly string[];
}

/** What the directory and the names filed here say of the user. Throws a refusal, or InvalidCredentials. */
async function identify(username: string, password: string, config: Config, call: LdapCall): Promise<Known> {
  const { directory } = config;
  if (directory.deny_null_bind && password === '') {
    throw refuse('password cannot be of zero length when passwordless binds are being denied');
  }
  const connection = await refused(dialDirectory(directory, call.runtime));
  const more: LdapConnection[] = [];
  try {
    const bound = await bindAsUser(connection, username, password, config);
    const dn = await refused(userDn(directory, connection, bound, username));
    const searching = directory.anonymous_group_search ? await dialAgain(config, call) : connection;
    if (searching !== connection) more.push(searching);
    const found = await refused(groupsOf(directory, searching, dn, username));
    const { policies, groups } = await policiesOf(username, found, config, call);
    const alias = directory.username_as_alias ? username : await refused(aliasName(directory, searching, username));
    if (alias === '') throw refuse('missing entity alias attribute value');
    const none = `no LDAP groups found in groupDN ${quote(directory.groupdn)}; only policies from locally-defined groups available`;
    return { alias, policies, groups, warnings: found.length === 0 ? [none] : [] };
  } finally {
    for (const one of [connection, ...more]) one.close();
  }
}

/** What goes wrong is the answer to the client. */
async function refused<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Fault || error instanceof LdapError ? refuse(error.message) : error;
  }
}

const invalid = (error: unknown, text: string): Error => {
  if (error instanceof Fault || error instanceof LdapError) return new InvalidCredentials(text);
  throw error;
};

/** Gives the DN that the user was bound as; afterwards the connection is the searcher's again. */
async function bindAsUser(
  connection: LdapConnection,
  username: string,
  password: string,
  { directory }: Config,
): Promise<string> {
  let bound: string;
  try {
    bound = await bindDn(directory, connection, username);
    await connection.bind(bound, password);
  } catch (error) {
    throw invalid(error, 'ldap operation failed: failed to bind as user');
  }
  const { binddn, bindpass } = directory;
  if (binddn === '' || bindpass === '') return bound;
  try {
    await connection.bind(binddn, bindpass);
  } catch (error) {
    throw invalid(error, 'ldap operation failed: failed to re-bind with the BindDN user');
  }
  return bound;
}

async function dialAgain({ directory }: Config, { runtime }: LdapCall): Promise<LdapConnection> {
  try {
    return await dialDirectory(directory, runtime);
  } catch (error) {
    if (error instanceof Fault) throw refuse('ldap operation failed: failed to connect to LDAP server');
    throw error;
  }
}

async function policiesOf(
  username: string,
  found: readonly string[],
  config: Config,
  { store }: LdapCall,
): Promise<Pick<Known, 'policies' | 'groups'>> {
  const user = await store.users.get(canonical(username, config));
  const groups = [...(user?.groups ?? []), ...found];
  const policies: string[] = [];
  for (const name of groups) {
    const group = await store.groups.get(canonical(name, config));
    policies.push(...(group?.policies ?? []));
  }
  policies.push(...(user?.policies ?? []));
  return { groups, policies: [...new Set(policies.map((policy) => policy.trim().toLowerCase()))].sort() };
}

async function login(given: string, password: string, call: LdapCall): Promise<Answer> {
  const config = await readConfig(call);
  const username = canonical(given, config);
  checkAddress(config.token, call.request);
  const { alias, policies, groups, warnings } = await identify(username, password, config, call);
  const { mount } = call;
  const auth = tokenAuth(config.token);
  return reply({
    data: {},
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
    auth: {
      ...auth,
      policies: [...auth.policies, ...policies],
      internal: { password },
      displayName: username,
      metadata: { username },
      alias: {
        name: alias,
        mountAccessor: mount.accessor,
        mountType: mount.type,
        metadata: { name: username },
      },
      groupAliases: groups.filter((name) => name !== ''),
    },
  });
}

/** The password of the login is tried again: who left the directory, or whose groups changed, is not renewed. */
export async function renew(call: LdapCall): Promise<Answer> {
  const auth = call.request.auth!;
  const config = await readConfig(call);
  const username = auth.metadata['username'] ?? '';
  const password = asString(auth.internal['password']) ?? '';
  const { policies, groups } = await identify(username, password, config, call);
  const { period, ttl, maxTtl } = config.token;
  if (!samePolicies([...(config.token.policies ?? []), ...policies], auth.tokenPolicies ?? [])) {
    throw failure('policies have changed, not renewing');
  }
  return reply({ auth: { ...auth, period, ttl, maxTtl, groupAliases: groups } });
}

export const loginPath = paths<undefined, LdapStorage>().path(
  'login/:username+',
  'A login with the name and the password that the directory knows.',
  {
    username: field.string('Name of the user.', { required: true }),
    password: field.string('The password.', { always: true }),
  },
  {
    update: {
      id: { verb: 'login' },
      run: ({ username, password }, call) => login(username, password, call),
    },
    'alias-lookahead': {
      run: ({ username }, { mount }) => {
        if (username === '') throw failure('missing username');
        const alias = { name: username, mountAccessor: mount.accessor, mountType: mount.type };
        return reply({ auth: { ...emptyAuth(), alias } });
      },
    },
  },
  {
    help: 'The answer holds a token with the policies of the user and of the groups.',
    unauthenticated: 'login/*',
    id: { prefix: 'ldap' },
  },
);
