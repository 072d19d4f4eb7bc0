/** Extensions (RFC 5280, section 4.2): one by one, to and from their DER values. */
import { parseIp } from '../../codec/address.ts';
import { context, der, element, TAG } from '../../codec/der.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { quote, quoteBytes } from '../../codec/go-quote.ts';
import { encodeHex } from '../../codec/hex.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { noBytes } from '../../codec/bytes.ts';
import { must, X509Error } from './error.ts';
import { parseUrisOf, uriName } from './general-name.ts';
import { isDomainName, parseMailbox } from './mailbox.ts';
import { ACCESS } from './oids.ts';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** DER. */
  readonly value: Uint8Array;
}

export const encodeExtension = ({ oid, critical, value }: Extension): Uint8Array =>
  der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octets(value));

export const encodeExtensions = (extensions: readonly Extension[]): Uint8Array =>
  der.sequence(...extensions.map(encodeExtension));

/** The SEQUENCE that comes next. Throws X509Error. */
export function parseExtensions(reader: DerReader): Extension[] {
  const list = must('malformed extensions', () => reader.sequence());
  const extensions: Extension[] = [];
  while (!list.atEnd) {
    const one = must('malformed extension', () => list.sequence());
    const oid = must('malformed extension OID field', () => one.oid());
    const critical = must('malformed extension critical field', () => one.peek() === TAG.boolean && one.boolean());
    extensions.push({ oid, critical, value: must('malformed extension value field', () => one.octets()) });
  }
  return extensions;
}

function only<T>(value: Uint8Array, read: (reader: DerReader) => T): T {
  const reader = new DerReader(value);
  const result = read(reader);
  reader.end();
  return result;
}

/** Bit strings of named bits: the first bit of the value is the highest of the first byte, and trailing zeros go. */
export function encodeKeyUsage(bits: number): Uint8Array {
  const bytes = new Uint8Array(2);
  for (let i = 0; i < 16; i++) if ((bits & (1 << i)) !== 0) bytes[i >> 3]! |= 0x80 >> (i & 7);
  const length = bytes[1] !== 0 ? 2 : 1;
  const last = bytes[length - 1]!;
  let unused = 0;
  while (unused < 7 && ((last >> unused) & 1) === 0) unused++;
  return der.bits(bytes.subarray(0, length), last === 0 ? 0 : unused);
}

export function parseKeyUsage(value: Uint8Array): number {
  const { bytes } = only(value, (reader) => reader.bitString());
  let bits = 0;
  for (let i = 0; i < 9; i++) if (((bytes[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0) bits |= 1 << i;
  return bits;
}

export const encodeOids = (oids: readonly string[]): Uint8Array => der.sequence(...oids.map(der.oid));

export function parseOids(value: Uint8Array): string[] {
  return only(value, (reader) => {
    const list = reader.sequence();
    const oids: string[] = [];
    while (!list.atEnd) oids.push(list.oid());
    return oids;
  });
}

export interface BasicConstraints {
  readonly isCa: boolean;
  /** How many CAs may follow; absent: any number. */
  readonly maxPathLength?: number;
}

export const encodeBasicConstraints = ({ isCa, maxPathLength }: BasicConstraints): Uint8Array =>
  der.sequence(
    ...(isCa ? [der.boolean(true)] : []),
    ...(maxPathLength === undefined ? [] : [der.integer(maxPathLength)]),
  );

export function parseBasicConstraints(value: Uint8Array): BasicConstraints {
  return only(value, (reader) => {
    const parts = reader.sequence();
    const isCa = parts.peek() === TAG.boolean && parts.boolean();
    const maxPathLength = parts.peek() === TAG.integer ? parts.integer(8) : undefined;
    return { isCa, ...(maxPathLength === undefined ? {} : { maxPathLength }) };
  });
}

/** The identifier alone, as Go writes it. */
export const encodeAuthorityKeyId = (id: Uint8Array): Uint8Array => der.sequence(der.implicit(0, id));

export const parseAuthorityKeyId = (value: Uint8Array): Uint8Array =>
  only(value, (reader) => reader.sequence().optional(context(0, false)) ?? noBytes);

export interface AuthorityInfo {
  readonly ocsp: readonly string[];
  readonly caIssuers: readonly string[];
}

export const encodeAuthorityInfo = ({ ocsp, caIssuers }: AuthorityInfo): Uint8Array =>
  der.sequence(
    ...ocsp.map((uri) => der.sequence(der.oid(ACCESS.ocsp), uriName(uri))),
    ...caIssuers.map((uri) => der.sequence(der.oid(ACCESS.caIssuers), uriName(uri))),
  );

export function parseAuthorityInfo(value: Uint8Array): AuthorityInfo {
  const info = { ocsp: [] as string[], caIssuers: [] as string[] };
  const list = only(value, (reader) => reader.sequence());
  while (!list.atEnd) {
    const access = list.sequence();
    const method = access.oid();
    const uris = parseUrisOf(access);
    if (method === ACCESS.ocsp) info.ocsp.push(...uris);
    else if (method === ACCESS.caIssuers) info.caIssuers.push(...uris);
  }
  return info;
}

/** Each in a point of its own, as Go writes them. Also the value of the freshest-CRL extension. */
export const encodeDistributionPoints = (uris: readonly string[]): Uint8Array =>
  der.sequence(...uris.map((uri) => der.sequence(der.explicit(0, der.implicit(0, uriName(uri), true)))));

export function parseDistributionPoints(value: Uint8Array): string[] {
  const uris: string[] = [];
  const list = only(value, (reader) => reader.sequence());
  while (!list.atEnd) {
    const full = list.sequence().explicit(0)?.explicit(0);
    if (full !== undefined) uris.push(...parseUrisOf(full));
  }
  return uris;
}

export const encodePolicies = (oids: readonly string[]): Uint8Array =>
  der.sequence(...oids.map((oid) => der.sequence(der.oid(oid))));

/** Their identifiers, without what qualifies them. */
export function parsePolicies(value: Uint8Array): string[] {
  const list = only(value, (reader) => reader.sequence());
  const oids: string[] = [];
  while (!list.atEnd) oids.push(list.sequence().oid());
  if (new Set(oids).size < oids.length) throw new X509Error('x509: invalid certificate policies');
  return oids;
}

/** A block of addresses in a name constraint: address and mask, 4 or 16 bytes each. */
export interface IpRange {
  readonly address: Uint8Array;
  readonly mask: Uint8Array;
}

export interface Subtrees {
  readonly dns: readonly string[];
  readonly emails: readonly string[];
  readonly ips: readonly IpRange[];
  readonly uris: readonly string[];
  /** Whether names of other kinds are there, which nobody here minds. */
  readonly others?: boolean;
}

export const NO_SUBTREES: Subtrees = { dns: [], emails: [], ips: [], uris: [] };

export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
}

const isConstrained = ({ dns, emails, ips, uris }: Subtrees): boolean =>
  dns.length + emails.length + ips.length + uris.length > 0;

export const hasConstraints = ({ permitted, excluded }: NameConstraints): boolean =>
  isConstrained(permitted) || isConstrained(excluded);

const subtree = (number: number, contents: Uint8Array): Uint8Array =>
  der.sequence(element(context(number, false), contents));

const encodeSubtrees = (number: number, { dns, ips, emails, uris }: Subtrees): Uint8Array =>
  der.explicit(
    number,
    ...dns.map((name) => subtree(2, encodeUtf8(name))),
    ...ips.map(({ address, mask }) => subtree(7, Uint8Array.of(...address, ...mask))),
    ...emails.map((name) => subtree(1, encodeUtf8(name))),
    ...uris.map((name) => subtree(6, encodeUtf8(name))),
  );

export const encodeNameConstraints = ({ permitted, excluded }: NameConstraints): Uint8Array =>
  der.sequence(
    ...(isConstrained(permitted) ? [encodeSubtrees(0, permitted)] : []),
    ...(isConstrained(excluded) ? [encodeSubtrees(1, excluded)] : []),
  );

function asciiOf(contents: Uint8Array): string {
  const text = String.fromCharCode(...contents);
  if (contents.every((byte) => byte < 0x80)) return text;
  const why = `x509: ${quoteBytes(text)} cannot be encoded as an IA5String`;
  throw new X509Error(`x509: invalid constraint value: ${why}`);
}

/** Ones, then zeros. */
const isMask = (mask: Uint8Array): boolean =>
  /^1*0*$/.test(Array.from(mask, (byte) => byte.toString(2).padStart(8, '0')).join(''));

const unreadable = (what: string, text: string, more = ''): X509Error =>
  new X509Error(`x509: failed to parse ${what} constraint ${quote(text)}${more}`);

function domainOf(what: string, text: string): string {
  if (!isDomainName(text, true)) throw unreadable(what, text);
  return text;
}

function emailOf(text: string): string {
  if (!text.includes('@')) return domainOf('rfc822Name', text);
  if (parseMailbox(text) === undefined) throw unreadable('rfc822Name', text);
  return text;
}

function uriHostOf(text: string): string {
  if (parseIp(text) !== undefined) throw unreadable('URI', text, ': cannot be IP address');
  return domainOf('URI', text);
}

function parseSubtrees(list = new DerReader(noBytes)): Subtrees {
  const trees = { dns: [] as string[], emails: [] as string[], ips: [] as IpRange[], uris: [] as string[] };
  let others = false;
  while (!list.atEnd) {
    const { tag, contents } = list.sequence().any();
    const text = (): string => asciiOf(contents);
    if (tag === context(2, false)) trees.dns.push(domainOf('dnsName', text()));
    else if (tag === context(1, false)) trees.emails.push(emailOf(text()));
    else if (tag === context(6, false)) trees.uris.push(uriHostOf(text()));
    else if (tag === context(7, false)) {
      const half = contents.length / 2;
      if (half !== 4 && half !== 16) {
        throw new X509Error(`x509: IP constraint contained value of length ${contents.length}`);
      }
      const mask = contents.subarray(half);
      if (!isMask(mask)) throw new X509Error(`x509: IP constraint contained invalid mask ${encodeHex(mask)}`);
      trees.ips.push({ address: contents.subarray(0, half), mask });
    } else others = true;
  }
  return others ? { ...trees, others } : trees;
}

export function parseNameConstraints(value: Uint8Array): NameConstraints {
  const parts = only(value, (reader) => reader.sequence());
  const [permitted, excluded] = [parts.explicit(0), parts.explicit(1)];
  parts.end();
  if ((permitted?.atEnd ?? true) && (excluded?.atEnd ?? true)) {
    throw new X509Error('x509: empty name constraints extension');
  }
  return { permitted: parseSubtrees(permitted), excluded: parseSubtrees(excluded) };
}
