/**
 * From what a client asks for (fields, perhaps a request) and what its role allows to what a certificate is made of.
 * Nothing here knows of paths: whoever has a role and an authority can issue with it.
 */
import { compareText } from '../../codec/bytes.ts';
import { contains, parseCidr, parseIp } from '../../codec/address.ts';
import { decodeHex } from '../../codec/hex.ts';
import { domainToAscii, IdnaError } from '../../codec/idna.ts';
import { quote } from '../../codec/go-quote.ts';
import { goUrlText } from '../../codec/go-url-text.ts';
import { refuse } from '../../fault.ts';
import { ipBytes, ipText, type AlternativeNames } from '../../crypto/x509/general-name.ts';
import { EMPTY_SUBJECT, subjectOf, type Subject } from '../../crypto/x509/name.ts';
import { ATTRIBUTE } from '../../crypto/x509/oids.ts';
import type { CertificateRequest } from '../../crypto/x509/request.ts';
import type { SystemView } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';
import type { Authority } from './authority.ts';
import {
  commonNameAllowed,
  firstRefused,
  isHostname,
  serialNumberAllowed,
  uriAllowed,
  userIdAllowed,
  type NameContext,
} from './name-rules.ts';
import { otherNameText, parseOthers, refusedOther, toOtherName } from './other-names.ts';
import type { Role } from './role.ts';
import { validityOf, type Validity, type ValidityInput } from './validity.ts';

export interface WishInput extends ValidityInput {
  readonly common_name?: string | undefined;
  readonly alt_names?: string | undefined;
  readonly ip_sans?: readonly string[] | undefined;
  readonly uri_sans?: readonly string[] | undefined;
  readonly other_sans?: readonly string[] | undefined;
  readonly serial_number?: string | undefined;
  readonly exclude_cn_from_sans: boolean;
  /** Absent where the operation has no such field: the subject of a request is not looked through either. */
  readonly user_ids?: readonly string[] | undefined;
  readonly skid?: string | undefined;
}

export interface Wish {
  readonly subject: Subject;
  readonly names: AlternativeNames;
  readonly validity: Validity;
  readonly subjectKeyId: Uint8Array | undefined;
}

export interface WishContext {
  readonly names: NameContext;
  readonly system: SystemView;
  /** Wall micros. */
  readonly now: Micros;
  readonly authority: Authority | undefined;
  readonly request: CertificateRequest | undefined;
  /** Whether the operation knows user ids. */
  readonly userIds: boolean;
  /** The usual one when not given. */
  readonly validity?: typeof validityOf;
}

function toAscii(name: string): string {
  try {
    return domainToAscii(name);
  } catch (error) {
    throw error instanceof IdnaError ? refuse(error.message) : error;
  }
}

/** In order, the first of each. */
const unique = (list: readonly string[]): string[] => [...new Set(list.map((item) => item.trim()))].filter(Boolean);

interface Named {
  readonly commonName: string;
  readonly serialNumber: string;
  readonly dns: readonly string[];
  readonly emails: readonly string[];
}

function namesOf(input: WishInput, role: Role, request: CertificateRequest | undefined): Named {
  const asked = request === undefined ? undefined : subjectOf(request.subject);
  let commonName = role.use_csr_common_name ? (asked?.commonName ?? '') : '';
  if (commonName === '') commonName = input.common_name ?? '';
  if (commonName === '' && role.require_cn) {
    throw refuse(
      'the common_name field is required, or must be provided in a CSR with "use_csr_common_name" set to true, unless "require_cn" is set to false',
    );
  }
  const fromRequest = role.use_csr_sans ? request : undefined;
  const dns = [...(fromRequest?.names.dns ?? [])];
  const emails = [...(fromRequest?.names.emails ?? [])];
  const add = (name: string): void => {
    if (name.includes('@')) emails.push(name);
    else {
      const ascii = toAscii(name);
      if (isHostname(ascii)) dns.push(ascii);
    }
  };
  if (commonName !== '' && !input.exclude_cn_from_sans) add(commonName);
  // Spaces are not cut off, so that names with some are no names.
  if (fromRequest === undefined)
    new Set((input.alt_names ?? '').trim().split(',')).forEach((name) => name && add(name));
  return { commonName, serialNumber: input.serial_number || (asked?.serialNumber ?? ''), dns, emails };
}

function checkNames({ commonName, serialNumber, dns, emails }: Named, context: NameContext): void {
  if (commonName !== '' && !commonNameAllowed(context, commonName)) {
    throw refuse(`common name ${commonName} not allowed by this role`);
  }
  if (serialNumber !== '' && !serialNumberAllowed(context.role, serialNumber)) {
    throw refuse(`serial_number ${serialNumber} not allowed by this role`);
  }
  const badDns = firstRefused(context, dns);
  if (badDns !== undefined) throw refuse(`subject alternate name ${badDns} not allowed by this role`);
  const badEmail = firstRefused(context, emails);
  if (badEmail !== undefined) throw refuse(`email address ${badEmail} not allowed by this role`);
}

function othersOf(input: WishInput, role: Role, request: CertificateRequest | undefined) {
  const texts = [...(input.other_sans ?? [])];
  if (role.use_csr_sans && request !== undefined) {
    for (const other of request.names.others) {
      const text = otherNameText(other);
      if (text === undefined) {
        throw refuse('could not parse requested other SAN: no UTF-8 string found in OtherName');
      }
      texts.push(text);
    }
  }
  const others = parseOthers(texts, 'could not parse requested other SAN: ');
  const refused = others.length === 0 ? undefined : refusedOther(role.allowed_other_sans, others);
  if (refused !== undefined) throw refused;
  return others.map(toOtherName);
}

const NO_IPS = 'IP Subject Alternative Names are not allowed in this role, but was provided';

function ipsOf(input: WishInput, role: Role, request: CertificateRequest | undefined): Uint8Array[] {
  const fromRequest = role.use_csr_sans ? request : undefined;
  const ips = fromRequest === undefined ? parsedIps(input.ip_sans ?? [], role) : [...fromRequest.names.ips];
  if (ips.length === 0) return ips;
  if (!role.allow_ip_sans) throw refuse(`${NO_IPS} ${fromRequest === undefined ? 'via the API' : 'via CSR'}`);
  const blocks = role.allowed_ip_sans_cidr.map(parseCidr);
  for (const ip of ips) {
    const address = parseIp(ipText(ip))!;
    if (blocks.length > 0 && !blocks.some((block) => block !== undefined && contains(block, address))) {
      throw refuse(`the IP address ${quote(ipText(ip))} is not allowed in this role`);
    }
  }
  return ips;
}

function parsedIps(texts: readonly string[], { allow_ip_sans: allowed }: Role): Uint8Array[] {
  if (texts.length > 0 && !allowed) throw refuse(`${NO_IPS} via the API`);
  return texts.map((text) => {
    const ip = ipBytes(text);
    if (ip === undefined) throw refuse(`the value ${quote(text)} is not a valid IP address`);
    return ip;
  });
}

const URIS = 'URI Subject Alternative Names';

function urisOf(input: WishInput, context: NameContext, request: CertificateRequest | undefined): string[] {
  const fromRequest = context.role.use_csr_sans ? request : undefined;
  const uris = fromRequest?.names.uris ?? input.uri_sans ?? [];
  const via = fromRequest === undefined ? 'via the API' : 'via CSR';
  if (uris.length > 0 && context.role.allowed_uri_sans.length === 0) {
    throw refuse(`${URIS} are not allowed in this role, but were provided ${via}`);
  }
  return uris.map((sent) => {
    // A request's are read before they are looked at.
    const uri = fromRequest === undefined ? sent : (goUrlText(sent) ?? sent);
    if (!uriAllowed(context, uri)) throw refuse(`${URIS} were provided ${via} which are not valid for this role`);
    const written = goUrlText(uri);
    if (written === undefined) {
      throw refuse(`the provided URI Subject Alternative Name ${quote(uri)} is not a valid URI`);
    }
    return written;
  });
}

function userIdsOf(input: WishInput, role: Role, context: WishContext): string[] {
  if (!context.userIds) return [];
  const given = input.user_ids ?? [];
  const asked = (context.request?.subject.flat() ?? []).filter(({ oid }) => oid === ATTRIBUTE.userId);
  const ids = given.length > 0 ? given : asked.map(({ value }) => value);
  for (const id of ids) if (!userIdAllowed(role, id)) throw refuse(`user_id ${id} is not allowed by this role`);
  return [...ids];
}

function keyIdOf(text: string | undefined): Uint8Array | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeHex(text.replace(/[:\- ]/g, ''));
  } catch (error) {
    throw refuse(`cannot parse requested SKID value as hex: ${error instanceof Error ? error.message : ''}`);
  }
}

/** Throws a Fault at the first thing that is not allowed. */
export function wishOf(input: WishInput, context: WishContext): Wish {
  const { names: rules, request, authority } = context;
  const { role } = rules;
  const named = namesOf(input, role, request);
  checkNames(named, rules);
  const others = othersOf(input, role, request);
  const ips = ipsOf(input, role, request);
  const uris = urisOf(input, rules, request);
  const issuer = authority && { notAfter: authority.certificate.notAfter, behavior: authority.behavior };
  const validity = (context.validity ?? validityOf)(input, role, context.now, context.system, issuer);
  const subjectKeyId = keyIdOf(input.skid);
  const userIds = userIdsOf(input, role, context);
  const subject: Subject = {
    ...EMPTY_SUBJECT,
    commonName: named.commonName,
    serialNumber: named.serialNumber,
    country: unique(role.country),
    organization: unique(role.organization),
    organizationalUnit: unique(role.ou),
    locality: unique(role.locality),
    province: unique(role.province),
    streetAddress: unique(role.street_address),
    postalCode: unique(role.postal_code),
    extra: userIds.map((value) => ({ oid: ATTRIBUTE.userId, value })),
  };
  const emails = unique(named.emails).sort(compareText);
  return {
    subject,
    names: { dns: unique(named.dns), emails, ips, uris, others },
    validity,
    subjectKeyId,
  };
}
