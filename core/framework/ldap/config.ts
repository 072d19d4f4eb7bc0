/** The settings of a directory that the auth method and the secrets engine share: fields, checks, and the forms they have. */
import { GoTemplate, GoTemplateError } from '../../codec/go-template/template.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { asBoolean, asNumber, asString } from '../../codec/json-fields.ts';
import { decodePem } from '../../codec/pem.ts';
import { parseCertificate } from '../../crypto/x509/certificate.ts';
import { X509Error } from '../../crypto/x509/error.ts';
import type { Fault } from '../../fault.ts';
import { field } from '../field.ts';

export const DEFAULT_USER_FILTER = '({{.UserAttr}}={{.Username}})';
const DEFAULT_GROUP_FILTER = '(|(memberUid={{.Username}})(member={{.UserDN}})(uniqueMember={{.UserDN}}))';
const TLS_VERSIONS = ['tls10', 'tls11', 'tls12', 'tls13'];
const DEREFERENCE = ['never', 'finding', 'searching', 'always'];

const named = (name: string, more: JsonObject = {}): { display: JsonObject } => ({ display: { name, ...more } });

/** Behind the help of those who look for users and groups. */
export const FILTERS_HELP = `Filters are templates: {{.UserAttr}} and {{.Username}} for users, {{.UserDN}} and
{{.Username}} for groups.

## A NOTE ON ESCAPING

What is put into filters is escaped, and so is the name of who logs in where it becomes a part of a DN. The DNs of
this configuration have to be escaped as the directory wants it.`;

export const directoryFields = {
  anonymous_group_search: field.bool('Whether groups are searched without a bind.', {
    default: false,
    ...named('Anonymous group search'),
  }),
  url: field.string('Addresses of the directory, separated by commas; the first that answers is used.', {
    default: 'ldap://127.0.0.1',
    ...named('URL'),
  }),
  userdn: field.string('Under which entry users are.', named('User DN')),
  binddn: field.string('Whom to bind as for searches.', named('Name of Object to bind (binddn)')),
  bindpass: field.string('The password for it; never shown.', { display: { sensitive: true } }),
  groupdn: field.string('Under which entry groups are.', named('Group DN')),
  groupfilter: field.string('A template of the filter for the groups of a user: UserDN, Username.', {
    default: DEFAULT_GROUP_FILTER,
    ...named('Group Filter'),
  }),
  groupattr: field.string("Which attribute of what was found has the group's name.", {
    default: 'cn',
    ...named('Group Attribute', { value: 'cn' }),
  }),
  userfilter: field.string('A template of the filter for a user: UserAttr, Username.', {
    default: DEFAULT_USER_FILTER,
    ...named('User Search Filter'),
  }),
  upndomain: field.string('Users are bound as name@domain.', named('User Principal (UPN) Domain')),
  username_as_alias: field.bool("Whether the alias of an entity is the user's name as it was given.", {
    default: false,
  }),
  userattr: field.string("Which attribute has the user's name.", {
    default: 'cn',
    ...named('User Attribute', { value: 'cn' }),
  }),
  certificate: field.string(
    'The authority that the server is checked with; PEM.',
    named('CA certificate', { editType: 'file' }),
  ),
  client_tls_cert: field.string(
    'A certificate to show to the server; PEM.',
    named('Client certificate', { editType: 'file' }),
  ),
  client_tls_key: field.string('The key of it; PEM.', named('Client key', { editType: 'file' })),
  discoverdn: field.bool('Whether the DN of a user is searched for without a bind.', named('Discover DN')),
  insecure_tls: field.bool("Whether the server's certificate is not checked.", named('Insecure TLS')),
  starttls: field.bool('Whether TLS is asked for on a plain connection.', named('Issue StartTLS')),
  tls_min_version: field.string("The lowest version of TLS: 'tls10' to 'tls13'.", {
    default: 'tls12',
    allowed: TLS_VERSIONS,
    ...named('Minimum TLS Version'),
  }),
  tls_max_version: field.string("The highest version of TLS: 'tls10' to 'tls13'.", {
    default: 'tls12',
    allowed: TLS_VERSIONS,
    ...named('Maximum TLS Version'),
  }),
  deny_null_bind: field.bool('Whether a login without a password is refused.', { default: true }),
  case_sensitive_names: field.bool('Whether the case of names of users and groups matters.'),
  use_token_groups: field.bool("Whether groups are taken from Active Directory's tokenGroups.", { default: false }),
  use_pre111_group_cn_behavior: field.bool("Whether only 'CN' in capitals names a group."),
  request_timeout: field.seconds('How long an answer may take.', { default: 90, documented: '90s' }),
  connection_timeout: field.seconds('How long a connection may take, before the next address is tried.', {
    default: 30,
    documented: '30s',
  }),
  dereference_aliases: field.string("When aliases are followed: 'never', 'finding', 'searching', 'always'.", {
    default: 'never',
    allowed: DEREFERENCE,
  }),
  max_page_size: field.int('Ask for groups in pages of this size; none when 0.', { default: 0 }),
};

type Fields = typeof directoryFields;
type ValueOf<F> = F extends { readonly decode: (value: JsonValue, name: string) => infer T }
  ? Exclude<T, undefined>
  : never;

/** By the names of the fields. */
export type Directory = { -readonly [K in keyof Fields]: ValueOf<Fields[K]> };

type Name = keyof Directory;
const NAMES = Object.keys(directoryFields) as Name[];

const ZERO = { string: '', bool: false, int: 0, 'duration (sec)': 0 } as const;

/** As it is where nothing was configured. */
export const defaultDirectory = (): Directory =>
  Object.fromEntries(
    NAMES.map((name) => {
      const { fallback, kind } = directoryFields[name];
      return [name, fallback ?? ZERO[kind as keyof typeof ZERO]];
    }),
  ) as Directory;

/** What is stored under another name than its field's. */
const STORED: Partial<Record<Name, string>> = {
  case_sensitive_names: 'CaseSensitiveNames',
  client_tls_cert: 'ClientTLSCert',
  client_tls_key: 'ClientTLSKey',
};

const ORDER: readonly Name[] = [
  'url',
  'userdn',
  'anonymous_group_search',
  'groupdn',
  'groupfilter',
  'groupattr',
  'upndomain',
  'username_as_alias',
  'userfilter',
  'userattr',
  'certificate',
  'insecure_tls',
  'starttls',
  'binddn',
  'bindpass',
  'deny_null_bind',
  'discoverdn',
  'tls_min_version',
  'tls_max_version',
  'use_token_groups',
  'use_pre111_group_cn_behavior',
  'request_timeout',
  'connection_timeout',
  'dereference_aliases',
  'max_page_size',
  'case_sensitive_names',
  'client_tls_cert',
  'client_tls_key',
];

export const encodeDirectory = (directory: Directory): [string, JsonValue][] =>
  ORDER.map((name) => [STORED[name] ?? name, directory[name]]);

/** What an entry of an older server does not have is as it was there: names are case-sensitive, groups by the old rule. */
export function decodeDirectory(stored: JsonObject): Directory {
  const directory: Record<string, JsonValue> = defaultDirectory();
  for (const name of NAMES) {
    const value = stored[STORED[name] ?? name];
    const fallback = name === 'case_sensitive_names' || name === 'use_pre111_group_cn_behavior';
    directory[name] =
      typeof directory[name] === 'boolean'
        ? (asBoolean(value) ?? fallback)
        : typeof directory[name] === 'number'
          ? (asNumber(value) ?? 0)
          : (asString(value) ?? '');
  }
  return directory as Directory;
}

const SECRET: ReadonlySet<string> = new Set(['bindpass', 'client_tls_cert', 'client_tls_key']);

/** For the answer to a read: without the password and the client's key. */
export const shownDirectory = (directory: Directory): JsonObject =>
  Object.fromEntries(NAMES.filter((name) => !SECRET.has(name)).map((name) => [name, directory[name]]));

/** Makes an error of a text: one method answers with a refusal, the other with a bare error. */
type Wrong = (text: string) => Fault;

/** The settings with what was sent, in upstream's order of checks. */
export function withSent(
  before: Directory,
  sent: Partial<{ readonly [K in Name]: Directory[K] | undefined }>,
  wrong: Wrong,
): Directory {
  const directory = { ...before };
  for (const name of NAMES) Object.assign(directory, sent[name] === undefined ? {} : { [name]: sent[name] });
  directory.url = directory.url.toLowerCase();
  directory.userattr = directory.userattr.toLowerCase();
  if (sent.userfilter) checkTemplate('userfilter', sent.userfilter, wrong);
  if (sent.groupfilter) checkTemplate('groupfilter', sent.groupfilter, wrong);
  if (sent.certificate) checkCertificate(sent.certificate, wrong);
  checkKeyPair(directory, wrong);
  if (!TLS_VERSIONS.includes(directory.tls_min_version)) throw wrong("invalid 'tls_min_version'");
  if (!TLS_VERSIONS.includes(directory.tls_max_version)) throw wrong("invalid 'tls_max_version'");
  if (directory.tls_max_version < directory.tls_min_version) {
    throw wrong("'tls_max_version' must be greater than or equal to 'tls_min_version'");
  }
  return directory;
}

function checkTemplate(name: string, text: string, wrong: Wrong): void {
  try {
    void new GoTemplate(text, {}, 'queryTemplate');
  } catch (error) {
    throw error instanceof GoTemplateError ? wrong(`invalid ${name}: ${error.message}`) : error;
  }
}

function checkCertificate(text: string, wrong: Wrong): void {
  const block = decodePem(text)?.block;
  const start = 'failed to parse server tls cert: failed to';
  if (block?.type !== 'CERTIFICATE') throw wrong(`${start} decode PEM block in the certificate`);
  try {
    parseCertificate(block.bytes);
  } catch (error) {
    const said = error instanceof X509Error ? error.message : 'x509: malformed certificate';
    throw wrong(`${start} parse certificate ${said}`);
  }
}

function checkKeyPair({ client_tls_cert: certificate, client_tls_key: key }: Directory, wrong: Wrong): void {
  if (certificate === '' && key === '') return;
  if (certificate === '' || key === '') throw wrong('both client_tls_cert and client_tls_key must be set');
  const start = 'failed to parse client X509 key pair: tls: failed to find any PEM data in';
  if (decodePem(certificate) === undefined) throw wrong(`${start} certificate input`);
  if (decodePem(key) === undefined) throw wrong(`${start} key input`);
}
