/** A URL as Go's net/url writes it once it was read: `url.Parse` and then `URL.String`. */
import { encodeUtf8 } from './utf8.ts';
import { urlFault } from './go-url-fault.ts';

/** As they are written, escapes included. */
export interface UrlParts {
  readonly scheme: string;
  /** What follows a scheme without a slash; '' where a place does. */
  readonly opaque: string;
  /** Undefined where nobody logs in. */
  readonly login: string | undefined;
  readonly host: string;
  readonly path: string;
  /** Nothing was between the slashes before the path, not even they. */
  readonly omitHost: boolean;
  /** With its mark; '' where there is none. */
  readonly query: string;
  readonly fragment: string;
}

const UNRESERVED = String.raw`A-Za-z0-9\-_.~`;
/** What Go leaves as it is when it escapes. */
const LEFT = {
  path: new RegExp(`[${UNRESERVED}$&+,/:;=@]`),
  fragment: new RegExp(`[${UNRESERVED}!()*$&+,/:;=?@]`),
  host: new RegExp(String.raw`[${UNRESERVED}!$&'()*+,;=:[\]<>"]`),
  login: new RegExp(`[${UNRESERVED}$&+,;=]`),
};
/** What it keeps of a path or a fragment that came escaped; otherwise all of it is escaped anew. */
const KEPT = {
  path: new RegExp(String.raw`^[${UNRESERVED}!$&'()*+,;=:@[\]%/]*$`),
  fragment: new RegExp(String.raw`^[${UNRESERVED}!$&'()*+,;=:@[\]%/?]*$`),
};

function escaped(bytes: Uint8Array, left: RegExp): string {
  const written = (byte: number): string => {
    const character = String.fromCharCode(byte);
    return byte < 0x80 && left.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  };
  return Array.from(bytes, written).join('');
}

const BROKEN = /%(?![0-9a-fA-F]{2})/;

/** Whatever is no escape stays. */
function unescaped(text: string): Uint8Array {
  const source = encodeUtf8(text);
  const bytes: number[] = [];
  for (let at = 0; at < source.length; at++) {
    const hex = source[at] === 0x25 ? String.fromCharCode(source[at + 1] ?? 0, source[at + 2] ?? 0) : '';
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(parseInt(hex, 16));
      at += 2;
    } else bytes.push(source[at]!);
  }
  return Uint8Array.from(bytes);
}

const again = (text: string, kind: keyof typeof KEPT): string =>
  KEPT[kind].test(text) ? text : escaped(unescaped(text), LEFT[kind]);

/** Of texts that are not escaped yet. */
export const loginText = (name: string, password: string | undefined): string =>
  [name, ...(password === undefined ? [] : [password])].map((text) => escaped(encodeUtf8(text), LEFT.login)).join(':');
export const hostText = (host: string): string => escaped(encodeUtf8(host), LEFT.host);
/** `given`: how it wants to be escaped, which counts where it comes to the same. */
export function pathText(path: string, given: string): string {
  return escapedAs(path, given, 'path');
}
export function fragmentText(fragment: string, given: string): string {
  return escapedAs(fragment, given, 'fragment');
}

function escapedAs(text: string, given: string, kind: keyof typeof KEPT): string {
  const bytes = encodeUtf8(text);
  const wanted = unescaped(given);
  const fits = given !== '' && KEPT[kind].test(given) && !BROKEN.test(given);
  const same = wanted.length === bytes.length && wanted.every((byte, at) => byte === bytes[at]);
  if (fits && same) return given;
  return kind === 'path' && text === '*' ? text : escaped(bytes, LEFT[kind]);
}

export function writeUrl(parts: UrlParts): string {
  const { scheme, opaque, query, fragment } = parts;
  const start = scheme === '' ? '' : `${scheme}:`;
  return `${start}${opaque === '' ? placeText(parts) : opaque}${query}${fragment === '' ? '' : `#${fragment}`}`;
}

function placeText({ scheme, login, host, path, omitHost }: UrlParts): string {
  const someone = host !== '' || login !== undefined;
  const slashes = someone || (scheme !== '' && path !== '' && !omitHost);
  const authority = `${slashes ? '//' : ''}${login === undefined ? '' : `${login}@`}${host}`;
  if (path !== '' && !path.startsWith('/') && host !== '') return `${authority}/${path}`;
  // A colon in the first segment would make it look like a scheme.
  const dotted = authority === '' && scheme === '' && path.split('/', 1)[0]!.includes(':');
  return `${authority}${dotted ? './' : ''}${path}`;
}

/** Undefined where url.Parse fails. */
export function readUrl(text: string): UrlParts | undefined {
  const hash = text.indexOf('#');
  const whole = hash < 0 ? text : text.slice(0, hash);
  const fragment = hash < 0 ? '' : text.slice(hash + 1);
  if (urlFault(whole) !== undefined || BROKEN.test(fragment)) return undefined;
  const mark = whole.indexOf('?');
  const before = mark < 0 ? whole : whole.slice(0, mark);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(before)?.[1] ?? '';
  const rest = scheme === '' ? before : before.slice(scheme.length + 1);
  const opaque = scheme !== '' && !rest.startsWith('/');
  const placed = !opaque && rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'));
  const authority = placed ? /^[^/]*/.exec(rest.slice(2))![0] : '';
  const at = authority.lastIndexOf('@');
  return {
    scheme: scheme.toLowerCase(),
    opaque: opaque ? rest : '',
    login: at < 0 ? undefined : readLogin(authority.slice(0, at)),
    host: escaped(unescaped(authority.slice(at + 1)), LEFT.host),
    path: opaque ? '' : again(placed ? rest.slice(2 + authority.length) : rest, 'path'),
    omitHost: scheme !== '' && !opaque && !placed,
    query: mark < 0 ? '' : whole.slice(mark),
    fragment: again(fragment, 'fragment'),
  };
}

function readLogin(text: string): string {
  const colon = text.indexOf(':');
  const parts = colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
  return parts.map((part) => escaped(unescaped(part), LEFT.login)).join(':');
}

/** Undefined where url.Parse fails. */
export function goUrlText(text: string): string | undefined {
  const parts = readUrl(text);
  return parts && writeUrl(parts);
}

/** With `***` for its password, as Go's client tells of whom it asked; as it is where url.Parse fails. */
export function printGoUrl(text: string): string {
  const parts = readUrl(text);
  return parts === undefined ? text : writeUrl({ ...parts, login: parts.login?.replace(/:.*$/, ':***') });
}
