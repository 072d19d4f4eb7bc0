/** Logins with what a client shows: a ticket for the service, made for this minute. */
import { quote } from '../../codec/go-quote.ts';
import type { KeytabEntry } from '../../codec/kerberos/keytab.ts';
import { principalOf } from '../../codec/kerberos/principal.ts';
import { LdapError } from '../../codec/ldap/result-code.ts';
import { coded, failure, Fault } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { Directory } from '../../framework/ldap/config.ts';
import { dialDirectory } from '../../framework/ldap/dial.ts';
import { bindDn, groupsOf, userDn } from '../../framework/ldap/user-search.ts';
import type { Request } from '../../framework/logical.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { checkAddress, tokenAuth, type TokenParams } from '../../framework/token-params.ts';
import { accept, Rejected, type Identity } from './accept.ts';
import { keytabOf, type Config } from './config.ts';
import { DIRECTORY } from './directory-config.ts';
import type { KerberosCall, KerberosContext, KerberosStorage } from './storage.ts';

/** How HTTP asks for it. */
const SCHEME = 'Negotiate';

function challenge(): Fault {
  const fault = coded(401, 'authentication required');
  fault.headers = [['Www-Authenticate', SCHEME]];
  return fault;
}

/** Whoever proves nothing is not told why, only the log is. */
const turnedAway = (status: number, warning: string): Answer => reply({ status, warnings: [warning] });
const unauthorised = (): Answer => turnedAway(401, 'Unauthorised.\n\n');

/** The header that the mount lets through. */
const shown = ({ headers }: Request): string | undefined => headers.get('authorization')?.[0];

/** What stands behind the scheme; undefined for any other. */
const negotiated = (authorization: string): string | undefined =>
  authorization.startsWith(`${SCHEME} `) ? authorization.slice(SCHEME.length + 1) : undefined;

const beforeSlash = (text: string): string => text.split('/', 1)[0]!;

/** With what stands before the slash alone, where there is one. */
const shortened = (entry: KeytabEntry): KeytabEntry =>
  entry.parts.length > 1 || entry.parts[0]?.includes('/') === true || entry.realm.includes('/')
    ? { ...entry, parts: [beforeSlash(`${entry.parts.join('/')}@${entry.realm}`)] }
    : entry;

async function login(authorization: string, call: KerberosCall): Promise<Answer> {
  const { request, store, runtime } = call;
  const config = await store.configs.get('config');
  if (config === undefined) throw failure('backend kerberos not configured');
  const settings = await store.directories.get(DIRECTORY);
  if (settings === undefined) throw failure('ldap backend not configured');
  checkAddress(settings.token, request);
  const header = shown(request);
  if (negotiated(header ?? authorization) === undefined) throw challenge();
  // The field only decides between the two refusals: what proves something is the header.
  const token = negotiated(header ?? '');
  if (token === undefined) return unauthorised();
  const identity = proven(token, config, call);
  if (identity === undefined) return unauthorised();
  const { name, realm } = identity;
  const { upndomain } = settings.directory;
  if (upndomain !== '' && realm !== upndomain) {
    return turnedAway(400, `identity domain of ${quote(realm)} doesn't match LDAP upndomain of ${quote(upndomain)}`);
  }
  runtime.log.write('info', '', `${name}@${realm} - SPNEGO authentication succeeded`);
  const username = config.remove_instance_name ? beforeSlash(name) : name;
  const groups = await groupsInDirectory(settings.directory, username, call);
  return admitted(identity, groups, config, settings.token, call);
}

function proven(token: string, config: Config, { context, request, runtime }: KerberosCall): Identity | undefined {
  const { clock, crypto, log } = runtime;
  const keytab = keytabOf(config.keytab);
  try {
    return accept(token, {
      keytab: config.remove_instance_name ? keytab.map(shortened) : keytab,
      account: principalOf(config.service_account),
      checksPac: config.decode_pac,
      address: request.remote.address,
      clock,
      crypto,
      replays: context.replays,
    });
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    log.write('info', '', `${request.remote.address} - SPNEGO validation error: ${error.message}`);
    return undefined;
  }
}

/** What goes wrong is told, with what was being done in front. */
async function during<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Fault || error instanceof LdapError ? failure(`${what}: ${error.message}`) : error;
  }
}

async function groupsInDirectory(directory: Directory, username: string, { runtime }: KerberosCall): Promise<string[]> {
  const connection = await during('could not connect to LDAP', dialDirectory(directory, runtime));
  try {
    await during('LDAP bind failed', connection.bind(directory.binddn, directory.bindpass));
    const bound = await during('unable to get user binddn', bindDn(directory, connection, username));
    const dn = await during('unable to get user dn', userDn(directory, connection, bound, username));
    return await during('unable to get ldap groups', groupsOf(directory, connection, dn, username));
  } finally {
    connection.close();
  }
}

async function admitted(
  { name, realm }: Identity,
  groups: readonly string[],
  config: Config,
  params: TokenParams,
  { store, mount }: KerberosCall,
): Promise<Answer> {
  const own: string[] = [];
  for (const group of groups) own.push(...((await store.groups.get(group)) ?? []));
  const auth = tokenAuth(params);
  return reply({
    auth: {
      ...auth,
      policies: [...auth.policies, ...new Set(own.map((policy) => policy.trim().toLowerCase()))],
      // Upstream forgets the lifetimes when it says that such tokens are not renewed.
      ttl: 0,
      maxTtl: 0,
      renewable: false,
      internal: {},
      displayName: name,
      metadata: { user: name, domain: realm },
      alias: { name, mountAccessor: mount.accessor, mountType: mount.type },
      ...(config.add_group_aliases && { groupAliases: groups.filter((group) => group !== '') }),
    },
  });
}

export const loginPath = paths<undefined, KerberosStorage, KerberosContext>().path(
  'login',
  'A login with a ticket of Kerberos.',
  { authorization: field.string('What else the header "Authorization" says.', { always: true }) },
  {
    read: {
      id: { verb: 'login2' },
      run: () => {
        throw challenge();
      },
    },
    update: { id: { verb: 'login' }, run: ({ authorization }, call) => login(authorization, call) },
  },
  {
    help: `Clients show their ticket in the header "Authorization: Negotiate …", which the mount has to let through
("passthrough_request_headers").`,
    unauthenticated: true,
    id: { prefix: 'kerberos' },
  },
);
