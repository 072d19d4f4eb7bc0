/** `roles`: made, read, changed a little, removed. */
import { quote } from '../../codec/go-quote.ts';
import { field } from '../../framework/field.ts';
import { Collection } from '../../framework/collection.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { pageFields } from '../../framework/page-fields.ts';
import type { JsonObject } from '../../codec/json.ts';
import { parseCidr } from '../../codec/address.ts';
import { parseRfc3339 } from '../../codec/rfc3339.ts';
import { failure, refuse } from '../../fault.ts';
import { pkiPaths, sent, storeOf, type PkiCall } from './call.ts';
import { KEY_TYPES, notBeforeDuration } from './fields.ts';
import { checkedBits } from './key-spec.ts';
import { parseOthers } from './other-names.ts';
import { BLANK_ROLE, roles, shownRole, USUAL_KEY_USAGE, type Role } from './role.ts';
import { DEFAULT_REF } from './store.ts';
import { policiesInJson, policyParts } from './policies.ts';
import { isOid } from './usages.ts';

const named = (name: string) => ({ display: { name } });
const on = { default: true, display: { value: true } };
const off = { default: false };

const roleFields = {
  backend: field.string('Not used.'),
  allow_any_name: field.bool('Any name at all.'),
  allow_bare_domains: field.bool('The allowed domains themselves.'),
  allow_glob_domains: field.bool('Allowed domains may have wildcards.'),
  allow_globs_in_identity_templates: field.bool("Wildcards in an entity's own values count as such.", off),
  allow_ip_sans: field.bool('IP addresses.', {
    default: true,
    display: { name: 'Allow IP Subject Alternative Names', value: true },
  }),
  allow_localhost: field.bool('"localhost" and "localdomain".', on),
  allow_subdomains: field.bool('Domains below the allowed ones, and wildcards for them.'),
  allow_wildcard_certificates: field.bool('Names with a wildcard.', { default: true }),
  allowed_domains: field.commaStrings('Domains that names may be of.'),
  allowed_domains_template: field.bool('Allowed domains have templates of an identity.', off),
  allowed_ip_sans_cidr: field.commaStrings('Blocks that IP addresses have to be in.'),
  allowed_other_sans: field.commaStrings('Other names: <oid>;utf8:<pattern>, or "*".', {
    ...named('Allowed Other Subject Alternative Names'),
  }),
  allowed_serial_numbers: field.commaStrings('Serial numbers of subjects; patterns.'),
  allowed_uri_sans: field.commaStrings('URIs; patterns.', named('Allowed URI Subject Alternative Names')),
  allowed_uri_sans_template: field.bool('Allowed URIs have templates of an identity.', off),
  allowed_user_ids: field.commaStrings('User ids of subjects; patterns.'),
  basic_constraints_valid_for_non_ca: field.bool('Leaves say that they are no authority.', {
    ...named('Basic Constraints Valid for Non-CA'),
  }),
  client_flag: field.bool('For clients of TLS.', on),
  cn_validations: field.commaStrings('What common names may be: "email", "hostname"; or "disabled".', {
    default: ['email', 'hostname'],
    ...named('Common Name Validations'),
  }),
  code_signing_flag: field.bool('For signing code.'),
  country: field.commaStrings('Countries of the subject.'),
  email_protection_flag: field.bool('For protecting e-mail.'),
  enforce_hostnames: field.bool('Names have to be host names.', on),
  ext_key_usage: field.commaStrings('Purposes, by name.', { default: [], ...named('Extended Key Usage') }),
  ext_key_usage_oids: field.commaStrings('Purposes, by object identifier.', named('Extended Key Usage OIDs')),
  generate_lease: field.bool('Certificates are leased, and revoked with their lease.'),
  issuer_ref: field.string('The issuer that signs: its id, its name or "default".', { default: 'default' }),
  key_bits: field.int('How long keys are; 0: the usual length of their type.', { default: 0 }),
  key_type: field.string('"rsa", "ec", "ed25519", "mldsa" or "any".', {
    default: 'rsa',
    allowed: [...KEY_TYPES, 'any'],
  }),
  key_usage: field.commaStrings('What keys may be used for.', {
    default: [...USUAL_KEY_USAGE],
    display: { value: USUAL_KEY_USAGE.join(',') },
  }),
  locality: field.commaStrings('Localities of the subject.', named('Locality/City')),
  max_ttl: field.seconds('The longest validity.', named('Max TTL')),
  no_store: field.bool('Certificates are not kept, so that they can be neither listed nor revoked by number.'),
  not_after: field.string('The end of all validities: RFC 3339.'),
  not_after_bound: field.string('How far a client may go with `not_after`.', {
    default: 'permit',
    allowed: ['permit', 'ttl-limited', 'forbid', 'an explicit timestamp'],
  }),
  not_before: field.string('The begin of all validities: RFC 3339.'),
  not_before_bound: field.string('How far a client may go with `not_before`.', {
    default: 'permit',
    allowed: ['permit', 'duration', 'forbid'],
  }),
  not_before_duration: notBeforeDuration,
  organization: field.commaStrings('Organizations of the subject.'),
  ou: field.commaStrings('Organizational units of the subject.', named('Organizational Unit')),
  policy_identifiers: field.commaStrings('Policies: object identifiers, or JSON with `oid`, `notice` and `cps`.'),
  postal_code: field.commaStrings('Postal codes of the subject.'),
  province: field.commaStrings('Provinces of the subject.', named('Province/State')),
  require_cn: field.bool('There has to be a common name.', { default: true, ...named('Require Common Name') }),
  server_flag: field.bool('For servers of TLS.', on),
  signature_bits: field.int('Bits of the hash that is signed; 0: what goes with the key.', { default: 0 }),
  street_address: field.commaStrings('Street addresses of the subject.'),
  ttl: field.seconds('How long certificates are valid unless a client says.', named('TTL')),
  use_csr_common_name: field.bool('Take the common name of a request.', {
    default: true,
    display: { name: 'Use CSR Common Name', value: true },
  }),
  use_csr_sans: field.bool('Take the alternative names of a request.', {
    default: true,
    display: { name: 'Use CSR Subject Alternative Names', value: true },
  }),
  use_pss: field.bool('Sign with PSS where the key is an RSA one.', off),
};

const name = field.string('Name of the role.', { required: true });

/** `base` where the client says nothing. */
function merged(base: Role, input: object, takes: (key: string) => boolean): Role {
  const given = Object.entries(input).filter(([key, value]) => Object.hasOwn(BLANK_ROLE, key) && value !== undefined);
  return { ...base, ...Object.fromEntries(given.filter(([key]) => takes(key))) };
}

/** A null puts back the usual value of other fields, where they have one. */
const keptByNull = (key: string, { request }: PkiCall): boolean =>
  key === 'not_before_duration' && request.data[key] === null;

/** A text may be a list of policies in JSON, which has commas of its own. */
function withPolicies<T extends object>(input: T, { request }: PkiCall): T {
  const given = request.data['policy_identifiers'];
  const listed = typeof given === 'string' ? policiesInJson(given) : undefined;
  return listed === undefined ? input : { ...input, policy_identifiers: listed };
}

function checkedValidations(values: readonly string[]): string[] {
  const known = values.map((value) => value.toLowerCase());
  const unknown = values.find((value) => !['email', 'hostname', 'disabled'].includes(value.toLowerCase()));
  if (unknown !== undefined) throw failure(`cn_validations value incorrect: unknown type: \`${unknown}\``);
  if (known.includes('disabled') && known.length > 1) {
    throw failure('cn_validations value incorrect: cannot specify `disabled` along with `email` or `hostname`');
  }
  return known.length === 0 ? ['email', 'hostname'] : [...new Set(known)];
}

function checkBounds({ not_before_bound: before, not_after_bound: after }: Role): void {
  if (!['permit', 'duration', 'forbid'].includes(before)) {
    throw refuse('Unknown value for field `not_before_bound`. Possible values are `permit` `duration` or `forbid`');
  }
  if (!['permit', 'ttl-limited', 'forbid'].includes(after) && parseRfc3339(after) === undefined) {
    throw refuse(
      'Unknown value for field `not_after_bound`. Possible values are `permit`, `ttl-limited`, `forbid`, or an explicit timestamp.',
    );
  }
}

/** Throws a Fault; gives the role as it is kept. */
function checkedRole(role: Role): Role {
  const { allowed_other_sans: others, allowed_ip_sans_cidr: blocks } = role;
  if (!(others.length === 1 && others[0] === '*')) parseOthers(others, 'error parsing allowed_other_sans: ');
  const badBlock = blocks.find((block) => parseCidr(block) === undefined);
  if (badBlock !== undefined) {
    throw refuse(`error parsing allowed_ip_sans_cidr: invalid CIDR address: ${badBlock}`);
  }
  checkBounds(role);
  if (role.max_ttl > 0 && role.ttl > role.max_ttl) throw refuse('"ttl" value must be less than "max_ttl" value');
  const checked = checkedBits(role.key_type, role.key_bits);
  if ('problem' in checked) throw refuse(checked.problem);
  const badOid = role.ext_key_usage_oids.find((oid) => !isOid(oid));
  if (badOid !== undefined) {
    throw refuse(`${quote(badOid)} could not be parsed as a valid oid for an extended key usage`);
  }
  policyParts(role.policy_identifiers);
  return {
    ...role,
    key_bits: checked.bits,
    issuer_ref: role.issuer_ref === '' ? DEFAULT_REF : role.issuer_ref,
    cn_validations: checkedValidations(role.cn_validations),
  };
}

const LEASES =
  "it is encouraged to disable generate_lease and rely on PKI's native capabilities when possible; this option can cause instance-wide issues with large numbers of issued certificates";
const BOTH =
  'mutually exclusive values no_store=true and generate_lease=true were both specified; no_store=true takes priority';

async function stored(name: string, wanted: Role, call: PkiCall): Promise<Answer> {
  const warnings: string[] = [];
  const role = checkedRole({ ...wanted, generate_lease: wanted.generate_lease && !wanted.no_store });
  if ((await storeOf(call).findIssuer(role.issuer_ref)) === undefined) {
    warnings.push(
      role.issuer_ref === DEFAULT_REF
        ? 'Issuing Certificate was set to default, but no default issuing certificate (configurable at /config/issuers) is currently set'
        : `Issuing Certificate was set to ${role.issuer_ref} but no issuing certificate currently has that name`,
    );
  }
  if (wanted.generate_lease) warnings.push(wanted.no_store ? BOTH : LEASES);
  await new Collection(roles, call.storage).put(name, role);
  const data: JsonObject = shownRole(role);
  return warnings.length === 0 ? data : reply({ data, warnings });
}

export async function roleOf(name: string, call: PkiCall): Promise<Role | undefined> {
  return new Collection(roles, call.storage).get(name);
}

export const rolePaths = pkiPaths()
  .path(
    'roles/?',
    'Names of the roles.',
    pageFields,
    {
      list: {
        about: 'List the roles.',
        run: ({ after, limit }, call) => new Collection(roles, call.storage).list({ after, limit }),
      },
    },
    { id: { prefix: 'pki', suffix: 'roles' } },
  )
  .path(
    'roles/:name',
    'A named role: which certificates may be issued under it.',
    { name, ...roleFields },
    {
      read: {
        about: 'Read a role.',
        run: async (input, call) => {
          const role = await roleOf(input.name, call);
          return role === undefined ? undefined : shownRole(role);
        },
      },
      update: {
        about: 'Make or replace a role.',
        forward: true,
        run: (input, call) =>
          stored(
            input.name,
            merged(BLANK_ROLE, withPolicies(input, call), () => true),
            call,
          ),
      },
      patch: {
        about: 'Change what is sent.',
        forward: true,
        run: async (input, call) => {
          const present = await roleOf(input.name, call);
          if (present === undefined) throw refuse('Unable to fetch role entry to patch');
          return stored(
            input.name,
            merged(present, withPolicies(input, call), (key) => sent(call, key) && !keptByNull(key, call)),
            call,
          );
        },
      },
      delete: {
        about: 'Remove a role.',
        forward: true,
        run: (input, call) => new Collection(roles, call.storage).delete(input.name),
      },
    },
    { id: { prefix: 'pki', suffix: 'role' } },
  );
