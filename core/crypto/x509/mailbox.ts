/** Names of hosts and mailboxes as Go's certificates have them (RFC 5280; local parts as RFC 2821 quotes them). */

export interface Mailbox {
  /** Without quotes and escapes. */
  readonly local: string;
  /** In small letters. */
  readonly domain: string;
}

/** Labels of whatever can be printed; a constraint may begin with a dot, and no name at all is one, too. */
export function isDomainName(text: string, constraint = false): boolean {
  if (text === '') return true;
  const labels = (constraint && text.startsWith('.') ? text.slice(1) : text).split('.');
  return labels.every((label) => /^[!-~]+$/.test(label));
}

// oxlint-disable-next-line no-control-regex -- RFC 2821 lets them stand between quotes
const QUOTED = /^"((?:\\[\x01-\t\v\f\x0e-\x7f]|[\x01-\x08\v\f\x0e-!#-[\]-\x7f])*)"@/;
const BARE = /^((?:\\[^]|[\w!#$%&'*+\-/=?^`{|}~.])+)@/;

export function parseMailbox(text: string): Mailbox | undefined {
  const quoted = QUOTED.exec(text);
  const found = quoted ?? BARE.exec(text);
  if (found === null) return undefined;
  const local = found[1]!.replaceAll(/\\([^])/g, '$1');
  if (quoted === null && (/^\.|\.$/.test(local) || local.includes('..'))) return undefined;
  const domain = text.slice(found[0].length);
  return isDomainName(domain) ? { local, domain: domain.toLowerCase() } : undefined;
}

export const mailboxText = ({ local, domain }: Mailbox): string => `${local}@${domain}`;
