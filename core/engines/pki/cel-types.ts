/** What programs of CEL roles may build: the messages that become certificates, and the numbers of their enums. */
import { CelEnv } from '../../cel/environment.ts';
import { addRoleFunctions } from '../../framework/cel-functions.ts';

const PACKAGE = 'openbao.pki';
const own = (name: string): string => `${PACKAGE}.${name}`;
const listOf = (type: string): string => `list(${type})`;

const LISTS = Object.fromEntries(
  ['DNSNames', 'EmailAddresses', 'PermittedDNSDomains', 'ExcludedDNSDomains', 'PermittedEmailAddresses'].map(
    (name) => [name, listOf('string')] as const,
  ),
);

const CERTIFICATE = {
  ...LISTS,
  Version: 'int',
  Subject: own('PKIX.Name'),
  NotBefore: 'timestamp',
  NotAfter: 'timestamp',
  KeyUsage: 'int',
  ExtraExtensions: listOf(own('PKIX.Extension')),
  UnhandledCriticalExtensions: listOf(own('ObjectIdentifier')),
  ExtKeyUsage: listOf('int'),
  UnknownExtKeyUsage: listOf(own('ObjectIdentifier')),
  BasicConstraintsValid: 'bool',
  IsCA: 'bool',
  MaxPathLen: 'int',
  MaxPathLenZero: 'bool',
  SubjectKeyId: 'bytes',
  IPAddresses: listOf(own('net.IP')),
  URIs: listOf(own('url.URL')),
  PermittedDNSDomainsCritical: 'bool',
  PermittedIPRanges: listOf(own('net.IPNet')),
  ExcludedIPRanges: listOf(own('net.IPNet')),
  ExcludedEmailAddresses: listOf('string'),
  PermittedURIDomains: listOf('string'),
  ExcludedURIDomains: listOf('string'),
  PolicyIdentifiers: listOf(own('ObjectIdentifier')),
  Policies: listOf(own('OID')),
  InhibitAnyPolicy: 'int',
  InhibitAnyPolicyZero: 'bool',
  InhibitPolicyMapping: 'int',
  InhibitPolicyMappingZero: 'bool',
  RequireExplicitPolicy: 'int',
  RequireExplicitPolicyZero: 'bool',
  PolicyMappings: listOf(own('PolicyMapping')),
};

const names = ['Country', 'Organization', 'OrganizationUnit', 'Locality', 'Province', 'StreetAddress', 'PostalCode'];

const MESSAGES = {
  [own('PKIX.Name')]: {
    ...Object.fromEntries(names.map((name) => [name, listOf('string')] as const)),
    SerialNumber: 'string',
    CommonName: 'string',
  },
  [own('PKIX.Extension')]: { Id: listOf('int'), Critical: 'bool', Value: 'bytes' },
  [own('ObjectIdentifier')]: { arc: listOf('uint') },
  [own('OID')]: { arc: listOf('uint') },
  [own('PolicyMapping')]: { IssuerDomainPolicy: own('OID'), SubjectDomainPolicy: own('OID') },
  [own('net.IP')]: { IP: 'bytes' },
  [own('net.IPMask')]: { IPMask: 'bytes' },
  [own('net.IPNet')]: { IP: own('net.IP'), Mask: own('net.IPMask') },
  [own('Userinfo')]: { username: 'string', password: 'string', password_set: 'bool' },
  [own('url.URL')]: {
    Scheme: 'string',
    Opaque: 'string',
    User: own('Userinfo'),
    Host: 'string',
    Path: 'string',
    RawPath: 'string',
    OmitHost: 'bool',
    ForceQuery: 'bool',
    RawQuery: 'string',
    Fragment: 'string',
    RawFragment: 'string',
  },
  [own('CertTemplate')]: CERTIFICATE,
  [own('ValidationOutput')]: {
    template: own('CertTemplate'),
    issuer_ref: 'string',
    use_pss: 'bool',
    signature_bits: 'uint',
    generate_lease: 'bool',
    no_store: 'bool',
    warnings: listOf('string'),
    subject_key_id: 'bytes',
    key_type: 'string',
    key_bits: 'uint',
  },
};

export const OUTPUT = own('ValidationOutput');

const enumeration = (name: string, values: readonly string[]) =>
  values.map((value, i) => [own(`${name}.${name}${value}`), BigInt(i)] as const);

const USAGES =
  'Unspecified DigitalSignature ContentCommitment KeyEncipherment DataEncipherment KeyAgreement CertSign CRLSign EncipherOnly DecipherOnly';
const PURPOSES =
  'Any ServerAuth ClientAuth CodeSigning EmailProtection IPSECEndSystem IPSECTunnel IPSECUser TimeStamping OCSPSigning MicrosoftServerGatedCrypto NetscapeServerGatedCrypto MicrosoftCommercialCodeSigning MicrosoftKernelCodeSigning';

/** `client_token` is declared, though no program is ever given one; `parsed_csr` is there where a request is signed. */
export const celEnvironment = (): CelEnv =>
  new CelEnv({
    container: PACKAGE,
    variables: {
      request: 'map(string, dyn)',
      parsed_csr: 'map(string, dyn)',
      now: 'timestamp',
      client_token: 'string',
    },
    messages: MESSAGES,
    functions: addRoleFunctions,
    constants: Object.fromEntries([
      ...enumeration('KeyUsage', USAGES.split(' ')),
      ...enumeration('ExtKeyUsage', PURPOSES.split(' ')),
    ]),
  });
