/** The message that a program gives back, read as what a certificate is made of. */
import type { CelValue } from '../../cel/values.ts';
import { List, Message, Timestamp, Uint } from '../../cel/values.ts';
import { noBytes } from '../../codec/bytes.ts';
import { NO_SUBTREES, type Extension, type IpRange, type Subtrees } from '../../crypto/x509/extension.ts';
import { NO_NAMES, type AlternativeNames } from '../../crypto/x509/general-name.ts';
import type { CertificateTemplate } from '../../crypto/x509/make-certificate.ts';
import { EMPTY_SUBJECT, encodeName, nameOf } from '../../crypto/x509/name.ts';
import { EXT_KEY_USAGE } from '../../crypto/x509/oids.ts';

/** Fields of a message; those that were not set are empty. */
export class Fields {
  readonly #message: Message | undefined;

  constructor(value: CelValue | undefined) {
    this.#message = value instanceof Message ? value : undefined;
  }

  #get(name: string): CelValue | undefined {
    return this.#message?.fields.get(name);
  }

  has(name: string): boolean {
    return this.#get(name) instanceof Message;
  }

  inside(name: string): Fields {
    return new Fields(this.#get(name));
  }

  text(name: string): string {
    const value = this.#get(name);
    return typeof value === 'string' ? value : '';
  }

  flag(name: string): boolean {
    return this.#get(name) === true;
  }

  number(name: string): number {
    return numberOf(this.#get(name) ?? null);
  }

  bytes(name: string): Uint8Array {
    const value = this.#get(name);
    return value instanceof Uint8Array ? value : noBytes;
  }

  /** Unix seconds. */
  seconds(name: string): number {
    const value = this.#get(name);
    return value instanceof Timestamp ? Number(value.nanos / 1_000_000_000n) : 0;
  }

  items(name: string): readonly CelValue[] {
    const value = this.#get(name);
    return value instanceof List ? value.items : [];
  }

  texts(name: string): string[] {
    return this.items(name).filter((item) => typeof item === 'string');
  }

  messages(name: string): Fields[] {
    return this.items(name).map((item) => new Fields(item));
  }
}

const numberOf = (value: CelValue): number =>
  typeof value === 'bigint' ? Number(value) : value instanceof Uint ? Number(value.value) : 0;

const oidOf = (fields: Fields, name: string): string => fields.items(name).map(numberOf).join('.');

const subject = (name: Fields) => ({
  ...EMPTY_SUBJECT,
  country: name.texts('Country'),
  organization: name.texts('Organization'),
  organizationalUnit: name.texts('OrganizationUnit'),
  locality: name.texts('Locality'),
  province: name.texts('Province'),
  streetAddress: name.texts('StreetAddress'),
  postalCode: name.texts('PostalCode'),
  serialNumber: name.text('SerialNumber'),
  commonName: name.text('CommonName'),
});

function uriOf(url: Fields): string {
  const [scheme, opaque, query, fragment] = [
    url.text('Scheme'),
    url.text('Opaque'),
    url.text('RawQuery'),
    url.text('Fragment'),
  ];
  const user = url.inside('User');
  const password = user.flag('password_set') ? `:${user.text('password')}` : '';
  const who = url.has('User') ? `${user.text('username')}${password}@` : '';
  const host = url.text('Host');
  const path = url.text('Path');
  const place = `${scheme !== '' || host !== '' || who !== '' ? '//' : ''}${who}${host}${host !== '' && path !== '' && !path.startsWith('/') ? '/' : ''}${path}`;
  return [
    scheme === '' ? '' : `${scheme}:`,
    opaque === '' ? place : opaque,
    query !== '' || url.flag('ForceQuery') ? `?${query}` : '',
    fragment === '' ? '' : `#${fragment}`,
  ].join('');
}

const names = (template: Fields): AlternativeNames => ({
  ...NO_NAMES,
  dns: template.texts('DNSNames'),
  emails: template.texts('EmailAddresses'),
  ips: template.messages('IPAddresses').map((ip) => ip.bytes('IP')),
  uris: template.messages('URIs').map(uriOf),
});

const range = (net: Fields): IpRange => ({
  address: net.inside('IP').bytes('IP'),
  mask: net.inside('Mask').bytes('IPMask'),
});

const subtrees = (template: Fields, kind: 'Permitted' | 'Excluded'): Subtrees => ({
  ...NO_SUBTREES,
  dns: template.texts(`${kind}DNSDomains`),
  emails: template.texts(`${kind}EmailAddresses`),
  ips: template.messages(`${kind}IPRanges`).map(range),
  uris: template.texts(`${kind}URIDomains`),
});

const extension = (fields: Fields): Extension => ({
  oid: oidOf(fields, 'Id'),
  critical: fields.flag('Critical'),
  value: fields.bytes('Value'),
});

const PURPOSES = Object.values(EXT_KEY_USAGE);

function constraints(template: Fields): Pick<CertificateTemplate, 'basicConstraints'> {
  if (!template.flag('BasicConstraintsValid')) return {};
  const isCa = template.flag('IsCA');
  const length = template.number('MaxPathLen');
  const limited = isCa && (length > 0 || (length === 0 && template.flag('MaxPathLenZero')));
  return { basicConstraints: { isCa, ...(limited ? { maxPathLength: length } : {}) } };
}

/** All that the program decides. The number of the key usage is Go's bits, whatever the enum's names say. */
export const certificateParts = (template: Fields) => ({
  rawSubject: encodeName(nameOf(subject(template.inside('Subject')))),
  notBefore: template.seconds('NotBefore'),
  notAfter: template.seconds('NotAfter'),
  keyUsage: template.number('KeyUsage'),
  extKeyUsage: [
    ...template.items('ExtKeyUsage').flatMap((item) => PURPOSES[numberOf(item)] ?? []),
    ...template.messages('UnknownExtKeyUsage').map((oid) => oidOf(oid, 'arc')),
  ],
  ...constraints(template),
  names: names(template),
  policies: template.messages('Policies').map((oid) => oidOf(oid, 'arc')),
  nameConstraints: {
    permitted: subtrees(template, 'Permitted'),
    excluded: subtrees(template, 'Excluded'),
    critical: template.flag('PermittedDNSDomainsCritical'),
  },
  extra: template.messages('ExtraExtensions').map(extension),
});
