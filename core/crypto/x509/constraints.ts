/** Name constraints (RFC 5280, section 4.2.1.10) of a chain held against the names of its certificates, as Go does. */
import { quote } from '../../codec/go-quote.ts';
import { parseIp } from '../../codec/address.ts';
import type { Certificate } from './certificate.ts';
import type { IpRange, NameConstraints } from './extension.ts';
import { ipText } from './general-name.ts';
import { isDomainName, mailboxText, parseMailbox, type Mailbox } from './mailbox.ts';

const NOT_AUTHORIZED = 'x509: a root or intermediate certificate is not authorized to sign for this name: ';

/** What Go says of the first name that those above do not permit, or exclude; the leaf comes first. */
export function violatedConstraint(chain: readonly Certificate[]): string | undefined {
  for (const [index, certificate] of chain.entries()) {
    const above = chain.slice(index + 1).flatMap(({ nameConstraints }) => nameConstraints ?? []);
    if (above.length === 0) return undefined;
    const why = wrongName(certificate, above);
    if (why !== undefined) return NOT_AUTHORIZED + why;
  }
  return undefined;
}

function wrongName({ names }: Certificate, above: readonly NameConstraints[]): string | undefined {
  const hosts: { readonly uri: string; readonly host: string }[] = [];
  for (const uri of names.uris) {
    const read = hostOf(uri);
    if ('wrong' in read) return read.wrong;
    hosts.push({ uri, host: read.host });
  }
  const mailboxes: Mailbox[] = [];
  for (const email of names.emails) {
    const mailbox = parseMailbox(email);
    if (mailbox === undefined) return `cannot parse rfc822Name ${quote(email)}`;
    mailboxes.push(mailbox);
  }
  for (const constraints of above) {
    const why =
      first(names.ips, (ip) => checkIp(ip, constraints)) ??
      first(names.dns, (name) => checkDns(name, constraints)) ??
      first(hosts, ({ uri, host }) => checkUri(uri, host, constraints)) ??
      first(mailboxes, (mailbox) => checkEmail(mailbox, constraints));
    if (why !== undefined) return why;
  }
  return undefined;
}

function first<T>(items: readonly T[], check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const why = check(item);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** The host that a constraint is about. */
function hostOf(uri: string): { readonly host: string } | { readonly wrong: string } {
  const authority = /^[a-z][\w+.-]*:\/\/([^/?#]*)/i.exec(uri)?.[1] ?? '';
  const port = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  if (port === '') return { wrong: `URI with empty host (${quote(uri)}) cannot be matched against constraints` };
  const host = port.endsWith(']') ? port : port.replace(/:\d*$/, '');
  if (parseIp(host) !== undefined || /^\[.*\]$/.test(host)) {
    return { wrong: `URI with IP (${quote(uri)}) cannot be matched against constraints` };
  }
  return { host };
}

/** `find` gives the constraint that a name falls under, of all those the broadest. */
function check<T>(
  what: string,
  permitted: readonly T[],
  excluded: readonly T[],
  find: (among: readonly T[], excluding: boolean) => string | undefined,
): string | undefined {
  if (permitted.length > 0 && find(permitted, false) === undefined) return `${what} is not permitted by any constraint`;
  const found = find(excluded, true);
  return found === undefined ? undefined : `${what} is excluded by constraint ${quote(found)}`;
}

const checkDns = (name: string, { permitted, excluded }: NameConstraints): string | undefined =>
  isDomainName(name)
    ? check(`DNS name ${quote(name)}`, permitted.dns, excluded.dns, (among, excluding) =>
        domainAmong(name, among, excluding),
      )
    : `x509: cannot parse dnsName ${quote(name)}`;

const checkUri = (uri: string, host: string, { permitted, excluded }: NameConstraints): string | undefined =>
  isDomainName(host)
    ? check(`URI ${quote(uri)}`, permitted.uris, excluded.uris, (among, excluding) =>
        domainAmong(host, among, excluding),
      )
    : `x509: internal error: URI SAN ${quote(uri)} failed to parse`;

function checkEmail(mailbox: Mailbox, { permitted, excluded }: NameConstraints): string | undefined {
  const shown = mailboxText(mailbox);
  return check(`email address ${quote(shown)}`, permitted.emails, excluded.emails, (among, excluding) => {
    const exact = among.some((constraint) => {
      const wanted = constraint.includes('@') ? parseMailbox(constraint) : undefined;
      return wanted !== undefined && mailboxText(wanted) === shown;
    });
    const domains = among.filter((constraint) => !constraint.includes('@'));
    return exact ? shown : domainAmong(mailbox.domain, domains, excluding);
  });
}

const checkIp = (ip: Uint8Array, { permitted, excluded }: NameConstraints): string | undefined =>
  check(`IP address ${quote(ipText(ip))}`, permitted.ips, excluded.ips, (among) => {
    const [broadest] = among.filter((range) => matchesIp(ip, range)).sort((a, b) => bitsOf(a) - bitsOf(b));
    return broadest === undefined ? undefined : `${ipText(broadest.address)}/${bitsOf(broadest)}`;
  });

/** A leading dot asks for a subdomain; the empty constraint takes all. What a wildcard may stand for is excluded, too. */
function domainAmong(name: string, constraints: readonly string[], excluding: boolean): string | undefined {
  if (constraints.includes('')) return '';
  const domain = name.toLowerCase();
  const matching = constraints.filter((constraint) => {
    const wanted = constraint.toLowerCase();
    return wanted.startsWith('.') ? domain.endsWith(wanted) : domain === wanted || domain.endsWith(`.${wanted}`);
  });
  const [broadest] = matching.sort((a, b) => a.length - b.length);
  if (broadest !== undefined || !excluding || !domain.startsWith('*')) return broadest;
  const parent = withoutFirstLabel(domain);
  return constraints.map((one) => one.toLowerCase()).find((one) => parent !== '' && withoutFirstLabel(one) === parent);
}

const withoutFirstLabel = (name: string): string => (name.includes('.') ? name.slice(name.indexOf('.')) : '');

const bitsOf = ({ mask }: IpRange): number =>
  mask.reduce((bits, byte) => bits + byte.toString(2).replaceAll('0', '').length, 0);

const matchesIp = (ip: Uint8Array, { address, mask }: IpRange): boolean =>
  ip.length === address.length && ip.every((byte, i) => (byte & mask[i]!) === (address[i]! & mask[i]!));
