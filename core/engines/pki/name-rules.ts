/** Which names a role allows. Each check gives the first name that is not allowed. */
import { matchesGlob } from '../../codec/glob.ts';
import { domainToAscii, IdnaError } from '../../codec/idna.ts';
import type { Role } from './role.ts';

/** Who asks, and what templates of the role become for them. */
export interface NameContext {
  readonly role: Role;
  readonly displayName: string;
  /** The role's `allowed_domains` and `allowed_uri_sans`, filled in. */
  readonly domains: readonly AllowedPattern[];
  readonly uris: readonly AllowedPattern[];
}

export interface AllowedPattern {
  readonly text: string;
  /** Whether a `*` in it is a wildcard: one that a template's value brought along is not, unless the role says so. */
  readonly globs: boolean;
}

const LABEL = '([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOSTNAME = new RegExp(String.raw`^(\*\.)?(${LABEL}\.)*${LABEL}\.?$`);
const WILD_LABEL = new RegExp(String.raw`^(\*|\*${LABEL}|${LABEL}\*|${LABEL}\*${LABEL})$`);

export const isHostname = (name: string): boolean => HOSTNAME.test(name);

/** A common name: an e-mail address or a host name, as the role validates them. */
export function commonNameAllowed(context: NameContext, name: string): boolean {
  const { cn_validations: validations } = context.role;
  if (validations.length === 1 && validations[0] === 'disabled') return true;
  if (!nameAllowed(context, name)) return false;
  return validations.length === 0 || validations.includes(name.includes('@') ? 'email' : 'hostname');
}

/** One name split up: what is before an '@' or in a wildcard's place, and the rest. */
interface Parts {
  readonly name: string;
  readonly rest: string;
  readonly email: boolean;
  /** The label with a wildcard; undefined where there is none. */
  readonly wild: string | undefined;
}

function partsOf(name: string): Parts | undefined {
  const [, domain = name, ...more] = name.includes('@') ? name.split('@') : [];
  const email = name.includes('@');
  if (more.length > 0) return undefined;
  if (!domain.includes('*')) return { name, rest: domain, email, wild: undefined };
  const dot = domain.indexOf('.');
  const [wild, rest] = dot < 0 ? [domain, ''] : [domain.slice(0, dot), domain.slice(dot + 1)];
  if (email || rest.includes('*') || wild.split('*').length > 2) return undefined;
  return { name, rest, email, wild };
}

function isWellFormed({ rest, wild }: Parts): boolean {
  if (rest !== '') {
    try {
      if (!HOSTNAME.test(domainToAscii(rest))) return false;
    } catch (error) {
      if (error instanceof IdnaError) return false;
      throw error;
    }
  }
  return wild === undefined || WILD_LABEL.test(wild);
}

export function nameAllowed(context: NameContext, name: string): boolean {
  const { role } = context;
  const parts = partsOf(name);
  if (parts === undefined || (parts.wild !== undefined && !role.allow_wildcard_certificates)) return false;
  if (role.enforce_hostnames && !isWellFormed(parts)) return false;
  return (
    role.allow_any_name ||
    (role.allow_localhost && isLocal(parts, role.allow_subdomains)) ||
    (role.allow_token_displayname && isDisplayName(parts, context)) ||
    context.domains.some((domain) => isOfDomain(parts, domain, role))
  );
}

function isLocal({ rest, wild }: Parts, subdomains: boolean): boolean {
  return ['localhost', 'localdomain'].some(
    (local) => (wild === undefined && rest === local) || (subdomains && isUnder(rest, wild, local)) || rest === local,
  );
}

const isUnder = (rest: string, wild: string | undefined, base: string): boolean =>
  rest.endsWith(`.${base}`) || (wild !== undefined && rest === base);

function isDisplayName({ name, rest, email, wild }: Parts, { displayName, role }: NameContext): boolean {
  if (name === displayName) return true;
  if (!role.allow_subdomains) return false;
  const [, host, ...more] = displayName.split('@');
  if (email && host !== undefined && more.length === 0 && rest.endsWith(`.${host}`)) return true;
  return isUnder(rest, wild, displayName);
}

function isOfDomain({ name, rest, email, wild }: Parts, { text, globs }: AllowedPattern, role: Role): boolean {
  if (text === '') return false;
  const same = (other: string): boolean => other.toLowerCase() === text.toLowerCase();
  if (role.allow_bare_domains && (same(name) || (email && same(rest)))) return true;
  if (role.allow_subdomains && (rest.endsWith(`.${text}`) || (wild !== undefined && same(rest)))) return true;
  return role.allow_glob_domains && globs && text.includes('*') && matchesGlob(text, name);
}

export const firstRefused = (context: NameContext, names: readonly string[]): string | undefined =>
  names.find((name) => !nameAllowed(context, name));

export const uriAllowed = ({ uris }: NameContext, uri: string): boolean =>
  uris.some(({ text, globs }) => (globs ? matchesGlob(text, uri) : text === uri));

export function serialNumberAllowed({ allowed_serial_numbers: allowed }: Role, serial: string): boolean {
  return allowed.some(
    (pattern) => pattern !== '' && ((pattern.includes('*') && matchesGlob(pattern, serial)) || pattern === serial),
  );
}

export function userIdAllowed({ allowed_user_ids: allowed }: Role, id: string): boolean {
  return allowed.some(
    (pattern) => pattern.toLowerCase() === id.toLowerCase() || (pattern.includes('*') && matchesGlob(pattern, id)),
  );
}
