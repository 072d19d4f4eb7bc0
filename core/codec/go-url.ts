/** URLs as Go's net/url writes and reads them, as far as engines need it. */
import { encodeUtf8, decodeUtf8 } from './utf8.ts';

const UNRESERVED = /[A-Za-z0-9\-_.~]/;

function escape(text: string, also: string): string {
  let out = '';
  for (const byte of encodeUtf8(text)) {
    const character = String.fromCharCode(byte);
    const stays = byte < 0x80 && (UNRESERVED.test(character) || also.includes(character));
    out += stays ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

/** A whole path. */
export const escapePath = (path: string): string => escape(path, '$&+,/:;=@');

/** One segment of a path; what url.PathEscape does. */
export const escapePathSegment = (segment: string): string => escape(segment, '$&+:=@');

/** All but what RFC 3986 calls unreserved, as requests to clouds are signed. */
export const escapeStrictly = (text: string): string => escape(text, '');

/** A name or value of a query; what url.QueryEscape does. */
export const queryEscape = (text: string): string => escape(text, ' ').replaceAll(' ', '+');

/** Undefined for a broken escape. */
function unescape(text: string, plusIsSpace: boolean): string | undefined {
  const bytes: number[] = [];
  const source = encodeUtf8(text);
  for (let at = 0; at < source.length; at++) {
    const byte = source[at]!;
    if (byte === 0x25) {
      const hex = String.fromCharCode(source[at + 1] ?? 0, source[at + 2] ?? 0);
      if (!/^[0-9a-fA-F]{2}$/.test(hex)) return undefined;
      bytes.push(parseInt(hex, 16));
      at += 2;
    } else bytes.push(plusIsSpace && byte === 0x2b ? 0x20 : byte);
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

export interface GoUrl {
  /** Decoded; '' where there is none. */
  readonly username: string;
  readonly password: string;
  /** Without the port, and without the brackets of an IPv6 address. */
  readonly host: string;
  /** '' where there is none. */
  readonly port: string;
  /** Decoded; '' where there is none, or where something opaque stands for it. */
  readonly path: string;
  /** The first value of each name; broken pairs are left out. */
  readonly query: ReadonlyMap<string, string>;
}

/** Undefined where url.Parse fails. */
export function parseGoUrl(text: string): GoUrl | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what a URL must not hold
  if (/[\u0000-\u001f\u007f]/.test(text) || text.startsWith(':')) return undefined;
  const [whole] = text.split('#', 1) as [string];
  const mark = whole.indexOf('?');
  const before = mark < 0 ? whole : whole.slice(0, mark);
  const query = mark < 0 ? '' : whole.slice(mark + 1);
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(before)?.[0] ?? '';
  const rest = before.slice(scheme.length);
  const opaque = scheme !== '' && !rest.startsWith('/');
  // A colon in the first segment would make it look like a scheme.
  if (scheme === '' && rest.split('/', 1)[0]!.includes(':')) return undefined;
  const authority = !opaque && rest.startsWith('//') ? /^[^/]*/.exec(rest.slice(2))![0] : undefined;
  const place = parseAuthority(authority ?? '');
  const path = unescape(opaque ? '' : authority === undefined ? rest : rest.slice(2 + authority.length), false);
  return path === undefined || place === undefined ? undefined : { ...place, path, query: parseQuery(query) };
}

const USER = /^[A-Za-z0-9\-._~!$&'()*+,;=:%@]*$/;
const HOST = /^(?:\[[^\]]*\]|[A-Za-z0-9\-._~!$&'()*+,;=<>"%\u0080-\uffff:]*?)(?::[0-9]*)?$/;

function parseAuthority(text: string): Pick<GoUrl, 'username' | 'password' | 'host' | 'port'> | undefined {
  const at = text.lastIndexOf('@');
  const [login, place] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (!USER.test(login) || !HOST.test(place)) return undefined;
  const colon = login.indexOf(':');
  const username = unescape(colon < 0 ? login : login.slice(0, colon), false);
  const password = unescape(colon < 0 ? '' : login.slice(colon + 1), false);
  if (username === undefined || password === undefined) return undefined;
  const end = /:([0-9]*)$/.exec(place);
  // What stands after the last colon has to be a port.
  if (end === null && !place.startsWith('[') && place.includes(':')) return undefined;
  const host = end === null ? place : place.slice(0, end.index);
  return { username, password, host: host.replace(/^\[|\]$/g, ''), port: end?.[1] ?? '' };
}

function parseQuery(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const name = unescape(equals < 0 ? pair : pair.slice(0, equals), true);
    const value = unescape(equals < 0 ? '' : pair.slice(equals + 1), true);
    if (name !== undefined && value !== undefined && !found.has(name)) found.set(name, value);
  }
  return found;
}

/** With 'xxxxx' for its password; undefined where it has none, or is no URL that Go reads. */
export function redactedGoUrl(text: string): string | undefined {
  const found = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)([^/?#]*)@([^@]*)$/.exec(text);
  if (found === null) return undefined;
  const [, scheme, login, rest] = found as unknown as [string, string, string, string];
  const colon = login.indexOf(':');
  if (colon < 0 || !USER.test(login)) return undefined;
  return `${scheme}${login.slice(0, colon)}:xxxxx@${rest}`;
}
