/** Name constraints (RFC 5280, section 4.2.1.10) held against the names of a certificate. */
import type { Certificate } from './certificate.ts';
import type { IpRange, NameConstraints, Subtrees } from './extension.ts';
import { ipText } from './general-name.ts';

type Kind = keyof Subtrees;

/** What Go says of the first name that is not permitted, or is excluded; undefined when all are fine. */
export function violatedConstraint({ permitted, excluded }: NameConstraints, { names }: Certificate) {
  const checks: readonly (readonly [kind: Kind, shown: string, matches: (of: Subtrees) => boolean])[] = [
    ...names.dns.map((name) => ['dns', name, (of: Subtrees) => of.dns.some((c) => matchesDomain(name, c))] as const),
    ...names.emails.map(
      (name) => ['emails', name, (of: Subtrees) => of.emails.some((c) => matchesEmail(name, c))] as const,
    ),
    ...names.ips.map((ip) => ['ips', ipText(ip), (of: Subtrees) => of.ips.some((c) => matchesIp(ip, c))] as const),
    ...names.uris.map((uri) => ['uris', uri, (of: Subtrees) => of.uris.some((c) => matchesUri(uri, c))] as const),
  ];
  for (const [kind, shown, matches] of checks) {
    if (matches(excluded)) return refused(kind, shown, 'is excluded by constraint');
    if (permitted[kind].length > 0 && !matches(permitted)) {
      return refused(kind, shown, 'is not permitted by any constraint');
    }
  }
  return undefined;
}

const WORDS: Readonly<Record<Kind, string>> = {
  dns: 'DNS name',
  emails: 'email address',
  ips: 'IP address',
  uris: 'URI',
};

const refused = (kind: Kind, shown: string, why: string): string =>
  `x509: a root or intermediate certificate is not authorized to sign for this name: ${WORDS[kind]} "${shown}" ${why}`;

/** A leading dot asks for a subdomain; the empty constraint takes all. */
function matchesDomain(name: string, constraint: string): boolean {
  if (constraint === '') return true;
  const [domain, wanted] = [name.toLowerCase(), constraint.toLowerCase()];
  if (wanted.startsWith('.')) return domain.endsWith(wanted);
  return domain === wanted || domain.endsWith(`.${wanted}`);
}

function matchesEmail(name: string, constraint: string): boolean {
  if (constraint.includes('@')) return name === constraint;
  const host = name.slice(name.lastIndexOf('@') + 1);
  return constraint.startsWith('.') ? matchesDomain(host, constraint) : host.toLowerCase() === constraint.toLowerCase();
}

function matchesUri(uri: string, constraint: string): boolean {
  const host = /^[a-z][\w+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]*)/i.exec(uri)?.[1] ?? '';
  return host !== '' && matchesDomain(host, constraint);
}

const matchesIp = (ip: Uint8Array, { address, mask }: IpRange): boolean =>
  ip.length === address.length && ip.every((byte, i) => (byte & mask[i]!) === (address[i]! & mask[i]!));
