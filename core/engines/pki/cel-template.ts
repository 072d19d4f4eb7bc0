/** The message that a program gives back, read as what a certificate is made of. */
import type { CelValue } from '../../cel/values.ts';
import { List, Message, Timestamp, Uint } from '../../cel/values.ts';
import { noBytes } from '../../codec/bytes.ts';
import { quote } from '../../codec/go-quote.ts';
import { fragmentText, hostText, loginText, pathText, writeUrl } from '../../codec/go-url-text.ts';
import { encodeHex } from '../../codec/hex.ts';
import { NO_SUBTREES, type Extension, type IpRange, type Subtrees } from '../../crypto/x509/extension.ts';
import { NO_NAMES, type AlternativeNames } from '../../crypto/x509/general-name.ts';
import type { CertificateTemplate } from '../../crypto/x509/make-certificate.ts';
import { EMPTY_SUBJECT, encodeName, nameOf } from '../../crypto/x509/name.ts';
import { EXT_KEY_USAGE } from '../../crypto/x509/oids.ts';
import { Fault, failure } from '../../fault.ts';

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

/** What would only be found when the certificate is made. */
export class NotMade extends Fault {
  constructor(why: string) {
    super('error', `unable to create certificate: ${why}`);
    this.name = 'NotMade';
  }
}

function oidOf(fields: Fields, name: string, problem: () => Fault): string {
  const arcs = fields.items(name).map(numberOf);
  if (arcs.length < 2 || arcs[0]! > 2 || (arcs[0]! < 2 && arcs[1]! >= 40)) throw problem();
  return arcs.join('.');
}

const noOid = (): Fault => new NotMade('asn1: structure error: invalid object identifier');

/** Texts that stand in a certificate as ASCII. */
function ascii(texts: readonly string[]): readonly string[] {
  const odd = texts.find((text) => /[^\0-\x7f]/.test(text));
  if (odd !== undefined) throw new NotMade(`x509: ${quote(odd)} cannot be encoded as an IA5String`);
  return texts;
}

function addressOf(ip: Fields): readonly Uint8Array[] {
  const bytes = ip.bytes('IP');
  if (bytes.length === 0) return [];
  if (bytes.length !== 4 && bytes.length !== 16) throw failure(`bad IP address: invalid IP bytes: ${encodeHex(bytes)}`);
  return [bytes];
}

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
  const user = url.inside('User');
  const password = user.flag('password_set') ? user.text('password') : undefined;
  const query = url.text('RawQuery');
  return writeUrl({
    scheme: url.text('Scheme'),
    opaque: url.text('Opaque'),
    login: url.has('User') ? loginText(user.text('username'), password) : undefined,
    host: hostText(url.text('Host')),
    path: pathText(url.text('Path'), url.text('RawPath')),
    // Upstream does not read OmitHost.
    omitHost: false,
    query: query !== '' || url.flag('ForceQuery') ? `?${query}` : '',
    fragment: fragmentText(url.text('Fragment'), url.text('RawFragment')),
  });
}

const names = (template: Fields): AlternativeNames => ({
  ...NO_NAMES,
  dns: template.texts('DNSNames'),
  emails: template.texts('EmailAddresses'),
  ips: template.messages('IPAddresses').flatMap(addressOf),
  uris: template.messages('URIs').map(uriOf),
});

const range = (net: Fields): IpRange => ({
  address: net.inside('IP').bytes('IP'),
  mask: net.inside('Mask').bytes('IPMask'),
});

const subtrees = (template: Fields, kind: 'Permitted' | 'Excluded'): Subtrees => ({
  ...NO_SUBTREES,
  dns: ascii(template.texts(`${kind}DNSDomains`)),
  emails: ascii(template.texts(`${kind}EmailAddresses`)),
  ips: template.messages(`${kind}IPRanges`).map(range),
  uris: ascii(template.texts(`${kind}URIDomains`)),
});

const extension = (fields: Fields): Extension => ({
  oid: oidOf(fields, 'Id', noOid),
  critical: fields.flag('Critical'),
  value: fields.bytes('Value'),
});

const PURPOSES = Object.values(EXT_KEY_USAGE);

function purposeOf(item: CelValue): string {
  const purpose = PURPOSES[numberOf(item)];
  if (purpose === undefined) throw new NotMade('x509: unknown extended key usage');
  return purpose;
}

/** For a request a length of 0 is one; for a key that is made here it takes MaxPathLenZero to say so. */
function constraints(template: Fields, forRequest: boolean): Pick<CertificateTemplate, 'basicConstraints'> {
  if (!template.flag('BasicConstraintsValid')) return {};
  const isCa = template.flag('IsCA');
  const length = template.number('MaxPathLen');
  const zero = template.flag('MaxPathLenZero');
  if (!isCa && length !== -1 && (length !== 0 || zero)) {
    throw new NotMade('x509: only CAs are allowed to specify MaxPathLen');
  }
  if (length < -1) throw new NotMade('x509: invalid MaxPathLen, must be greater or equal to -1');
  const limited = isCa && (length > 0 || (length === 0 && (zero || forRequest)));
  return { basicConstraints: { isCa, ...(limited ? { maxPathLength: length } : {}) } };
}

/** All that the program decides. Throws a Fault for what no certificate can say. The number of the key usage is Go's bits, whatever the enum's names say. */
export const certificateParts = (template: Fields, forRequest: boolean) => ({
  rawSubject: encodeName(nameOf(subject(template.inside('Subject')))),
  notBefore: template.seconds('NotBefore'),
  notAfter: template.seconds('NotAfter'),
  keyUsage: template.number('KeyUsage'),
  extKeyUsage: [
    ...template.items('ExtKeyUsage').map(purposeOf),
    ...template.messages('UnknownExtKeyUsage').map((oid) => oidOf(oid, 'arc', noOid)),
  ],
  ...constraints(template, forRequest),
  names: names(template),
  policies: template.messages('Policies').map((oid) => oidOf(oid, 'arc', () => failure('bad policy OID: invalid oid'))),
  nameConstraints: {
    permitted: subtrees(template, 'Permitted'),
    excluded: subtrees(template, 'Excluded'),
    critical: template.flag('PermittedDNSDomainsCritical'),
  },
  extra: template.messages('ExtraExtensions').map(extension),
});
