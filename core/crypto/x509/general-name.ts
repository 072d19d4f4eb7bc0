/** General names (RFC 5280, section 4.2.1.6): alternative names, distribution points, access descriptions. */
import { concatBytes } from '../../codec/bytes.ts';
import { context, der, element, TAG } from '../../codec/der.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { urlFault } from '../../codec/go-url-fault.ts';
import { readUrl } from '../../codec/go-url-text.ts';
import { quote } from '../../codec/go-quote.ts';
import { parseIp, printIp } from '../../codec/address.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { X509Error } from './error.ts';
import { encodeName, parseName, type DistinguishedName } from './name.ts';

/** `value` is the whole element of the other name's value: a UTF8String for those that are texts. */
export interface OtherName {
  readonly oid: string;
  readonly value: Uint8Array;
}

export interface AlternativeNames {
  readonly dns: readonly string[];
  readonly emails: readonly string[];
  /** 4 or 16 bytes each. */
  readonly ips: readonly Uint8Array[];
  readonly uris: readonly string[];
  readonly others: readonly OtherName[];
}

export const NO_NAMES: AlternativeNames = { dns: [], emails: [], ips: [], uris: [], others: [] };

export const hasNames = ({ dns, emails, ips, uris, others }: AlternativeNames): boolean =>
  dns.length + emails.length + ips.length + uris.length + others.length > 0;

export const GENERAL = { other: 0, email: 1, dns: 2, directory: 4, uri: 6, ip: 7 } as const;

// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const ASCII = /^[\0-\x7f]*$/;

const ascii = (number: number, text: string): Uint8Array => element(context(number, false), encodeUtf8(text));

/** Throws X509Error for a text beyond ASCII, as Go does before it writes names; upstream writes other names itself. */
export function checkTexts({ others, dns, emails, uris }: AlternativeNames): void {
  const odd = others.length > 0 ? undefined : [...dns, ...emails, ...uris].find((text) => !ASCII.test(text));
  if (odd !== undefined) throw new X509Error(`x509: ${quote(odd)} cannot be encoded as an IA5String`);
}

export const uriName = (uri: string): Uint8Array => ascii(GENERAL.uri, uri);
export const directoryName = (name: DistinguishedName): Uint8Array => der.explicit(GENERAL.directory, encodeName(name));

const otherName = ({ oid, value }: OtherName): Uint8Array =>
  der.implicit(GENERAL.other, concatBytes(der.oid(oid), der.explicit(0, value)), true);

/** Other names first, then in Go's order. */
export function encodeAlternativeNames(names: AlternativeNames): Uint8Array {
  return der.sequence(
    ...names.others.map(otherName),
    ...names.dns.map((name) => ascii(GENERAL.dns, name)),
    ...names.emails.map((name) => ascii(GENERAL.email, name)),
    ...names.ips.map((ip) => element(context(GENERAL.ip, false), ip)),
    ...names.uris.map(uriName),
  );
}

/** Names of other kinds are passed over, as Go does, but for `others`. Throws DerError or X509Error. */
export function parseAlternativeNames(bytes: Uint8Array): AlternativeNames {
  const outer = new DerReader(bytes);
  const list = outer.sequence();
  outer.end();
  const names = { dns: [] as string[], emails: [] as string[], ips: [] as Uint8Array[], uris: [] as string[] };
  const others: OtherName[] = [];
  while (!list.atEnd) {
    const { tag, contents } = list.any();
    if (tag === context(GENERAL.dns, false)) names.dns.push(asciiText(contents, 'dNSName'));
    else if (tag === context(GENERAL.email, false)) names.emails.push(asciiText(contents, 'rfc822Name'));
    else if (tag === context(GENERAL.uri, false)) names.uris.push(uriOf(contents));
    else if (tag === context(GENERAL.ip, false)) {
      if (contents.length !== 4 && contents.length !== 16) {
        throw new X509Error(`x509: cannot parse IP address of length ${contents.length}`);
      }
      names.ips.push(contents);
    } else if (tag === context(GENERAL.other, true)) others.push(parseOther(contents));
  }
  return { ...names, others };
}

function parseOther(contents: Uint8Array): OtherName {
  const reader = new DerReader(contents);
  const oid = reader.oid();
  const value = reader.explicit(0)?.any().whole;
  if (value === undefined) throw new X509Error('x509: invalid other name');
  return { oid, value };
}

function asciiText(contents: Uint8Array, what: string): string {
  if (contents.some((byte) => byte > 0x7f)) throw new X509Error(`x509: SAN ${what} is malformed`);
  return decodeUtf8(contents);
}

function uriOf(contents: Uint8Array): string {
  const uri = asciiText(contents, 'uniformResourceIdentifier');
  const refused = (why: string): X509Error => new X509Error(`x509: cannot parse URI ${quote(uri)}: ${why}`);
  const fault = urlFault(uri);
  if (fault !== undefined) throw refused(fault);
  const host = readUrl(uri)!.host.replace(/%../g, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)));
  if (host !== '' && !isDomain(host)) throw refused('invalid domain');
  return uri;
}

/** An address with its port counts as one, too, and so do labels of any length. */
const isDomain = (host: string): boolean => /^[!-~]*$/.test(host) && !host.split('.').includes('');

/** Text of an other name's value when it is a string, else undefined. */
export function otherText({ value }: OtherName): string | undefined {
  const { tag, contents } = new DerReader(value).any();
  return tag === TAG.utf8 || tag === TAG.printable || tag === TAG.ia5 ? decodeUtf8(contents) : undefined;
}

/** 4 or 16 bytes; undefined when it is no address. IPv6 forms of IPv4 addresses become 4 bytes, as Go writes them. */
export function ipBytes(text: string): Uint8Array | undefined {
  const ip = parseIp(text);
  if (ip === undefined) return undefined;
  const length = ip.width / 8;
  return Uint8Array.from({ length }, (_, i) => Number((ip.value >> BigInt(8 * (length - 1 - i))) & 255n));
}

export function ipText(bytes: Uint8Array): string {
  return printIp({ width: 8 * bytes.length, value: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) });
}

/** URIs and directory names in a list of general names. Throws DerError. */
export function parseUrisOf(list: DerReader): string[] {
  const uris: string[] = [];
  while (!list.atEnd) {
    const { tag, contents } = list.any();
    if (tag === context(GENERAL.uri, false)) uris.push(decodeUtf8(contents));
  }
  return uris;
}

/** The directory name that a general name is, or undefined. Throws DerError. */
export function parseDirectoryName(whole: Uint8Array): DistinguishedName | undefined {
  const inside = new DerReader(whole).explicit(GENERAL.directory);
  return inside === undefined ? undefined : parseName(inside);
}
