/** Dynamic roles: accounts that are made for a lease, and taken away with it. */
import { GoTemplate, GoTemplateError } from '../../codec/go-template/template.ts';
import { templateFunction } from '../../codec/go-template/functions.ts';
import { upstreamFunctions } from '../../codec/go-template/upstream-functions.ts';
import { asNumber, asObject, asString } from '../../codec/json-fields.ts';
import type { JsonObject } from '../../codec/json.ts';
import { LdifError, parseLdif, type LdifRecord } from '../../codec/ldap/ldif.ts';
import { LdapError } from '../../codec/ldap/result-code.ts';
import { multierror } from '../../codec/multierror.ts';
import { plainText } from '../../codec/plain-text.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { failure, Fault } from '../../fault.ts';
import type { SecretSpec } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { NameTemplate, NameTemplateError } from '../../framework/name-template.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { templateWorld } from '../../framework/template-world.ts';
import { HOUR, SECOND, type Micros, type Runtime } from '../../runtime.ts';
import { openLdapPaths, type OpenLdapCall } from './call.ts';
import { carryOut, configured, makePassword, utf16 } from './directory.ts';
import type { Role } from './role.ts';

export const CREDENTIALS = 'creds';
const USERNAME = 'v_{{.DisplayName}}_{{.RoleName}}_{{random 10}}_{{unix_time}}';
const UNCONFIGURED = 'missing LDAP configuration';

interface Subject {
  readonly username: string;
  readonly password: string;
  readonly displayName: string;
  readonly roleName: string;
  readonly issued: Micros;
  readonly expires: Micros;
}

/** By the names that templates use. */
function templateData({ issued, expires, ...who }: Subject): Record<string, string | number> {
  const unix = (time: Micros): number => Math.floor(time / SECOND);
  const text = (time: Micros): string => formatRfc3339(unix(time) * SECOND);
  return {
    Username: who.username,
    Password: who.password,
    DisplayName: who.displayName,
    RoleName: who.roleName,
    IssueTime: text(issued),
    IssueTimeSeconds: unix(issued),
    ExpirationTime: text(expires),
    ExpirationTimeSeconds: unix(expires),
  };
}

function fill(text: string, data: Record<string, string | number>, runtime: Runtime): string {
  const utf16le = templateFunction(['string'], (value: string) => decodeUtf8(utf16(value)));
  let parsed: GoTemplate;
  try {
    parsed = new GoTemplate(text, { ...upstreamFunctions(templateWorld(runtime)), utf16le });
  } catch (error) {
    throw templateFault(error, 'failed to parse template: unable to parse template');
  }
  try {
    const values = Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'number' ? BigInt(value) : value,
    ]);
    return parsed.run(Object.fromEntries(values) as Record<string, string>, 'openldap.dynamicTemplateData');
  } catch (error) {
    throw templateFault(error, 'failed to execute template: unable to apply template');
  }
}

const templateFault = (error: unknown, start: string): unknown =>
  error instanceof GoTemplateError ? failure(`${start}: ${error.message}`) : error;

const isRecord = (record: LdifRecord | undefined): record is LdifRecord => record !== undefined;

/** Fills in and parses; `start` stands in front of what is wrong with the one and the other. */
function records(
  text: string,
  data: Record<string, string | number>,
  runtime: Runtime,
  start: { readonly template: string; readonly ldif: string },
): (LdifRecord | undefined)[] {
  let filled: string;
  try {
    filled = fill(text, data, runtime);
  } catch (error) {
    throw error instanceof Fault ? failure(`${start.template}: ${error.message}`) : error;
  }
  try {
    return parseLdif(filled);
  } catch (error) {
    throw error instanceof LdifError ? failure(`${start.ldif}: ${error.message}`) : error;
  }
}

function checkLdif(name: string, text: string, { runtime }: OpenLdapCall): void {
  const now = runtime.clock.wall();
  const data = templateData({
    username: 'testuser',
    password: 'testpass',
    displayName: 'testdisplayname',
    roleName: 'testrolename',
    issued: now,
    expires: now + 24 * HOUR,
  });
  const start = `invalid ${name}`;
  const found = records(text, data, runtime, {
    template: `${start}: invalid template`,
    ldif: `${start}: LDIF is invalid`,
  });
  if (found.length === 0) throw failure(`${start}: must specify at least one LDIF entry`);
}

async function execute(
  text: string,
  data: Record<string, string | number>,
  onError: 'stop' | 'go on',
  call: OpenLdapCall,
): Promise<string[]> {
  const config = await configured(call, UNCONFIGURED);
  const found = records(text, data, call.runtime, {
    template: 'failed to apply template',
    ldif: 'failed to parse generated LDIF',
  }).filter(isRecord);
  try {
    await carryOut(found, onError, config, call);
  } catch (error) {
    if (!(error instanceof Fault) && !(error instanceof LdapError)) throw error;
    throw failure(`failed to execute statements: ${error.message}`);
  }
  return found.map(({ dn }) => dn);
}

async function lend(name: string, call: OpenLdapCall): Promise<Answer> {
  const role = await call.store.roles.get(name);
  if (role === undefined) return undefined;
  const config = await configured(call, UNCONFIGURED);
  const displayName = call.request.caller?.displayName ?? '';
  const username = makeUsername(role, displayName, call);
  const password = await makePassword(config, call);
  const now = call.now();
  const data = templateData({
    username,
    password,
    displayName,
    roleName: name,
    issued: now,
    expires: now + role.defaultTtl,
  });
  let dns: string[];
  try {
    dns = await execute(role.creationLdif, data, 'stop', call);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw await undone(role, data, failure(`failed to create user: ${error.message}`), call);
  }
  const internal: JsonObject = { name, deletion_ldif: role.deletionLdif, template_data: data };
  const secret = { ...call.secret(CREDENTIALS, internal), ttl: role.defaultTtl, maxTtl: role.maxTtl };
  return reply({ data: { username, password, distinguished_names: dns }, secret });
}

/** What was made of the account before something failed is taken away, where the role says how. */
async function undone(
  role: Role,
  data: Record<string, string | number>,
  fault: Fault,
  call: OpenLdapCall,
): Promise<Fault> {
  if (role.rollbackLdif === '') return fault;
  try {
    await execute(role.rollbackLdif, data, 'go on', call);
    return failure(multierror(fault.message));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return failure(multierror(fault.message, `failed to roll back user creation: ${error.message}`));
  }
}

function makeUsername({ name, usernameTemplate }: Role, displayName: string, { runtime }: OpenLdapCall): string {
  try {
    const template = new NameTemplate(usernameTemplate || USERNAME, runtime, 'openldap.usernameTemplateData');
    return template.generate({ DisplayName: displayName, RoleName: name });
  } catch (error) {
    if (error instanceof NameTemplateError) throw failure(`failed to generate username: ${error.message}`);
    throw error;
  }
}

export const credentials: SecretSpec<OpenLdapCall> = {
  renew: async (call) => {
    const secret = call.request.secret!;
    const role = await call.store.roles.get(asString(secret.internal['name']) ?? '');
    if (role === undefined) throw failure('unable to renew: role does not exist');
    return reply({ secret: { ...secret, ttl: role.defaultTtl, maxTtl: role.maxTtl } });
  },
  revoke: async (call) => {
    const { internal } = call.request.secret!;
    await configured(call, UNCONFIGURED);
    const text = asString(internal['deletion_ldif']) ?? '';
    if (text === '') throw failure('broken internal data: missing deletion_ldif');
    const stored = asObject(internal['template_data']) ?? {};
    const data = Object.fromEntries(
      Object.entries(stored).map(([name, value]) => [name, asString(value) ?? asNumber(value) ?? '']),
    );
    await execute(text, data, 'go on', call);
  },
};

interface Sent {
  readonly name: string;
  readonly creation_ldif: string | undefined;
  readonly deletion_ldif: string | undefined;
  readonly rollback_ldif: string | undefined;
  readonly username_template: string | undefined;
  readonly default_ttl: Micros | undefined;
  readonly max_ttl: Micros | undefined;
}

async function write(sent: Sent, call: OpenLdapCall): Promise<void> {
  const before = await call.store.roles.get(sent.name);
  const role: Role = {
    // Upstream looks for the name in lower case, and files the role under the name as it was sent.
    name: call.request.path.slice('role/'.length),
    creationLdif: plainText(sent.creation_ldif ?? before?.creationLdif ?? ''),
    deletionLdif: plainText(sent.deletion_ldif ?? before?.deletionLdif ?? ''),
    rollbackLdif: plainText(sent.rollback_ldif ?? before?.rollbackLdif ?? ''),
    usernameTemplate: sent.username_template ?? before?.usernameTemplate ?? '',
    defaultTtl: sent.default_ttl ?? before?.defaultTtl ?? 0,
    maxTtl: sent.max_ttl ?? before?.maxTtl ?? 0,
  };
  if (role.creationLdif === '') throw failure('missing creation_ldif');
  if (role.deletionLdif === '') throw failure('missing deletion_ldif');
  checkLdif('creation_ldif', role.creationLdif, call);
  checkLdif('deletion_ldif', role.deletionLdif, call);
  if (role.rollbackLdif !== '') checkLdif('rollback_ldif', role.rollbackLdif, call);
  await call.store.roles.put(role.name, role);
}

const nameField = field.lowerCase('Name of the role.', { required: true });

export const rolePaths = openLdapPaths()
  .path(
    'role/:name',
    'How accounts are made and taken away.',
    {
      name: nameField,
      creation_ldif: field.string('LDIF that makes an account; a template.', { documentedRequired: true }),
      deletion_ldif: field.string('LDIF that takes it away; a template.', { documentedRequired: true }),
      rollback_ldif: field.string('LDIF for what was made when something failed; a template.'),
      username_template: field.string('A template for the name of the account.'),
      default_ttl: field.duration('How long an account is lent.'),
      max_ttl: field.duration('How long it may be lent with all renewals.'),
    },
    {
      read: {
        run: async ({ name }, { store }) => {
          const role = await store.roles.get(name);
          if (role === undefined) return undefined;
          return {
            creation_ldif: role.creationLdif,
            deletion_ldif: role.deletionLdif,
            rollback_ldif: role.rollbackLdif,
            username_template: role.usernameTemplate,
            default_ttl: role.defaultTtl / SECOND,
            max_ttl: role.maxTtl / SECOND,
          };
        },
      },
      write: { run: (input, call) => write(input, call) },
      delete: { run: ({ name }, { store }) => store.roles.delete(name) },
    },
    {
      exists: async ({ name }, { store }) => (await store.roles.get(name)) !== undefined,
      id: { prefix: 'ldap', suffix: 'dynamic-role' },
    },
  )
  .path(
    'role',
    'The names of the dynamic roles.',
    {},
    { list: { run: (_, { store }) => store.roles.list() } },
    { id: { prefix: 'ldap', verb: 'list', suffix: 'dynamic-roles' } },
  )
  .path(
    'creds/:name',
    'A new account of a dynamic role.',
    { name: nameField },
    { read: { forward: true, run: ({ name }, call) => lend(name, call) } },
    { id: { prefix: 'ldap', verb: 'request', suffix: 'dynamic-role-credentials' } },
  );
