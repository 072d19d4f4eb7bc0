/** Roles: who may have a certificate or a one-time password, for what and how long. */
import { quote } from '../../codec/go-quote.ts';
import type { JsonObject } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { goValue } from '../../framework/coerce.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { listing, reply, type Answer } from '../../framework/reply.ts';
import { BlockError, checkBlocks } from './blocks.ts';
import { sshPaths, type SshStore } from './call.ts';
import { DEFAULT } from './issuer.ts';
import { parseKeyLengths } from './key-lengths.ts';
import { emptyRole, shownRole, type SshRole } from './role.ts';
import { forgetZeroAddress } from './zero-address.ts';

const ALGORITHMS = ['', 'default', 'ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'];

const named = (name: string) => ({ display: { name } });

const roleFields = {
  role: field.string('Name of the role.', { required: true }),
  default_user: field.string('Whose account it is for when nobody is named.', {
    always: true,
    ...named('Default Username'),
  }),
  default_user_template: field.bool('Whether the default user is a template.', { default: false }),
  cidr_list: field.string('Blocks of addresses that one-time passwords are for.', {
    always: true,
    ...named('CIDR List'),
  }),
  exclude_cidr_list: field.string('Blocks of addresses that are left out.', {
    always: true,
    ...named('Exclude CIDR List'),
  }),
  port: field.int('Told along with a one-time password.', { always: true, display: { value: 22 } }),
  key_type: field.string('"otp" or "ca".', { always: true, allowed: ['otp', 'ca'], display: { value: 'ca' } }),
  allowed_users: field.string('Users, with commas; "*" is anybody.', { always: true }),
  allowed_users_template: field.bool('Whether the allowed users are a template.', { default: false }),
  allowed_domains: field.string('Domains of hosts, with commas; "*" is any.', { always: true }),
  allowed_domains_template: field.bool('Whether the allowed domains are a template.', { default: false }),
  ttl: field.duration('How long a certificate lasts when nobody says.', { always: true, ...named('TTL') }),
  max_ttl: field.duration('How long a certificate lasts at most.', { always: true, ...named('Max TTL') }),
  allowed_critical_options: field.string('Critical options that may be asked for; empty: all.', { always: true }),
  allowed_extensions: field.string('Extensions that may be asked for; "*": all.', { always: true }),
  default_critical_options: field.map('Critical options where none are asked for.', { always: true }),
  default_extensions: field.map('Extensions where none are asked for.', { always: true }),
  default_extensions_template: field.bool('Whether their values are templates.', { default: false }),
  allow_user_certificates: field.bool('Whether certificates are for users.', { default: false }),
  allow_host_certificates: field.bool('Whether certificates are for hosts.', { default: false }),
  allow_bare_domains: field.bool('Whether a host may be called like a domain itself.', { always: true }),
  allow_subdomains: field.bool('Whether a host may be in a domain.', { always: true }),
  allow_user_key_ids: field.bool('Whether the key id may be asked for.', {
    always: true,
    ...named('Allow User Key IDs'),
  }),
  key_id_format: field.string('Key ids, with {{token_display_name}}, {{role_name}} and {{public_key_hash}}.', {
    always: true,
    ...named('Key ID Format'),
  }),
  allowed_user_key_lengths: field.map('Sizes of keys, by kind.', { always: true }),
  algorithm_signer: field.string('How an RSA key signs.', { allowed: ALGORITHMS, ...named('Signing Algorithm') }),
  not_before_duration: field.duration('How far certificates are dated back.', {
    default: 30_000_000,
    documented: 30,
    display: { name: 'Not before duration', value: 30 },
  }),
  allow_empty_principals: field.bool('Whether a certificate may be good for everybody.', {
    always: true,
    ...named('Allow User Key IDs'),
  }),
  issuer_ref: field.string('The issuer that signs.', { always: true }),
  allow_commas_in_identity_templates: field.bool('Whether a value in a template may have commas in it.', {
    default: false,
    display: { name: 'Allow Commas in identity templates', value: false },
  }),
  allow_wildcards_in_identity_templates: field.bool('Whether a value in a template may have wildcards in it.', {
    default: false,
    display: { name: 'Allow Wildcards in identity templates', value: false },
  }),
};

type SentTexts = 'default_critical_options' | 'default_extensions' | 'allowed_user_key_lengths';
interface RoleInput extends Omit<SshRole, SentTexts | 'algorithm_signer'> {
  readonly algorithm_signer: string | undefined;
  readonly default_critical_options: JsonObject;
  readonly default_extensions: JsonObject;
  readonly allowed_user_key_lengths: JsonObject;
}

/** Values as Go prints them. */
export const texts = (values: JsonObject): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, goValue(value)]));

function checkList(name: string, list: string): void {
  try {
    if (list !== '') checkBlocks(list);
  } catch (error) {
    throw error instanceof BlockError ? failure(`failed to validate ${name}: ${error.message}`) : error;
  }
}

function roleOf(sent: RoleInput): SshRole {
  checkList('cidr_list', sent.cidr_list);
  checkList('exclude_cidr_list entry', sent.exclude_cidr_list);
  switch (sent.key_type.toLowerCase()) {
    case '':
      throw refuse('missing key type');
    case 'otp':
      return otpRole(sent);
    case 'ca':
      return certificateRole(sent);
    case 'dynamic':
      throw refuse('dynamic key type roles are no longer supported');
    default:
      throw refuse('invalid key type');
  }
}

/** Nothing else that was sent counts. */
function otpRole({ default_user, cidr_list, exclude_cidr_list, port, allowed_users }: RoleInput): SshRole {
  if (default_user === '') throw refuse('missing default user');
  return {
    ...emptyRole,
    key_type: 'otp',
    default_user,
    cidr_list,
    exclude_cidr_list,
    port: port === 0 ? 22 : port,
    allowed_users,
  };
}

function certificateRole(sent: RoleInput): SshRole {
  const algorithm =
    sent.algorithm_signer === undefined || sent.algorithm_signer === '' ? DEFAULT : sent.algorithm_signer;
  if (!ALGORITHMS.includes(algorithm)) throw failure(`unknown algorithm signer ${quote(algorithm)}`);
  if (!sent.allow_user_certificates && !sent.allow_host_certificates) {
    throw refuse("Either 'allow_user_certificates' or 'allow_host_certificates' must be set to 'true'");
  }
  const allowed_user_key_lengths = parseKeyLengths(sent.allowed_user_key_lengths);
  if (sent.ttl !== 0 && sent.max_ttl !== 0 && sent.ttl > sent.max_ttl) {
    throw refuse('"ttl" value must be less than "max_ttl" when both are specified');
  }
  return {
    ...sent,
    key_type: 'ca',
    cidr_list: '',
    exclude_cidr_list: '',
    port: 0,
    algorithm_signer: algorithm,
    default_critical_options: texts(sent.default_critical_options),
    default_extensions: texts(sent.default_extensions),
    allowed_user_key_lengths,
    issuer_ref: sent.issuer_ref === '' ? DEFAULT : sent.issuer_ref,
  };
}

export const rolePaths = sshPaths()
  .path(
    'roles',
    'Names of the roles.',
    pageFields,
    { list: { about: 'List the roles.', run: ({ after, limit }, { store }) => listed(store, after, limit) } },
    { id: { prefix: 'ssh', suffix: 'roles' } },
  )
  .path(
    'roles/:role@',
    'A role.',
    roleFields,
    {
      read: {
        about: 'Read a role.',
        run: async ({ role }, { store }) => {
          const stored = await store.roles.get(role);
          return stored && shownRole(stored);
        },
      },
      update: {
        about: 'Make a role, or replace it.',
        run: async ({ role, ...sent }, { store }) => store.roles.put(role, roleOf(sent)),
      },
      delete: {
        about: 'Delete a role.',
        run: async ({ role }, { store }) => {
          await forgetZeroAddress(store, role);
          await store.roles.delete(role);
        },
      },
    },
    { id: { prefix: 'ssh', suffix: 'role' } },
  );

async function listed(store: SshStore, after: string, limit: number): Promise<Answer> {
  const names = await store.roles.list({ after, limit });
  const info: Record<string, JsonObject> = {};
  for (const name of names) {
    const role = await store.roles.get(name);
    if (role === undefined) continue;
    const { key_type, issuer_ref } = role;
    info[name] = key_type === 'ca' ? { key_type, issuer_ref } : { key_type };
  }
  return reply(listing(names, info));
}
