/** The request target as Go's net/url and ServeMux understand it. */
import { cleanGoPath } from '../codec/go-path.ts';
import { escapePath } from '../codec/go-url.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';

export interface Target {
  /** As sent, without the query. */
  readonly rawPath: string;
  /** Percent-decoded. */
  readonly path: string;
  /** Without '?'; '' when there is none. */
  readonly rawQuery: string;
}

/** Percent-decoding of one component; undefined for a '%' without two hexadecimal digits. */
export function unescape(text: string): string | undefined {
  if (!text.includes('%')) return text;
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  const bytes: number[] = [];
  for (let at = 0; at < text.length;) {
    if (text[at] === '%') {
      bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16));
      at += 3;
    } else {
      const next = text.indexOf('%', at);
      const end = next < 0 ? text.length : next;
      for (const byte of encodeUtf8(text.slice(at, end))) bytes.push(byte);
      at = end;
    }
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

/** `http://host:port/path`, as proxies are asked; what is there without a host has no path of ours. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const AUTHORITY = /^([^@]*@)?(\[[0-9A-Fa-f:.]*\]|[^:[\]%@]*)(:[0-9]*)?$/;

/** The target without scheme and host. Undefined for what is none. */
function originForm(url: string): string | undefined {
  if (url.startsWith('/') || url === '*') return url;
  const scheme = SCHEME.exec(url);
  if (scheme === null) return undefined;
  const rest = url.slice(scheme[0].length);
  if (!rest.startsWith('//')) return rest.startsWith('/') ? rest : '';
  const end = rest.slice(2).search(/[/?]/);
  const authority = end < 0 ? rest.slice(2) : rest.slice(2, 2 + end);
  if (!AUTHORITY.test(authority)) return undefined;
  return end < 0 ? '' : rest.slice(2 + end);
}

/** Undefined for what Go's server refuses with a bare 400. A '#' means nothing there. */
export function parseTarget(url: string): Target | undefined {
  const whole = originForm(url);
  if (whole === undefined) return undefined;
  const mark = whole.indexOf('?');
  const rawPath = mark < 0 ? whole : whole.slice(0, mark);
  const path = unescape(rawPath);
  if (path === undefined) return undefined;
  return { rawPath, path, rawQuery: mark < 0 ? '' : whole.slice(mark + 1) };
}

/** A path as Go's url.URL writes it: as it was sent where a path may be written so. */
export const writtenPath = (rawPath: string): string =>
  /^[A-Za-z0-9\-._~!$&'()*+,/:;=@[\]%]*$/.test(rawPath) ? rawPath : escapePath(unescape(rawPath) ?? rawPath);

/** Values by key in order; pairs with a ';' or a broken escape are dropped and make `broken` true. */
export function parseQuery(query: string): { values: Map<string, string[]>; broken: boolean } {
  const values = new Map<string, string[]>();
  let broken = false;
  if (query === '') return { values, broken };
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = unescape((equals < 0 ? pair : pair.slice(0, equals)).replaceAll('+', ' '));
    const value = unescape(equals < 0 ? '' : pair.slice(equals + 1).replaceAll('+', ' '));
    if (pair.includes(';') || key === undefined || value === undefined) {
      broken = true;
      continue;
    }
    const list = values.get(key);
    if (list === undefined) values.set(key, [value]);
    else list.push(value);
  }
  return { values, broken };
}

/** The path without '.', '..' and empty segments; a trailing slash stays. */
export function cleanPath(path: string): string {
  if (!path.includes('//') && !path.includes('/.')) return path;
  const clean = cleanGoPath(`/${path}`);
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean;
}

/** Dots that the mux has not cleaned away, because they were escaped or because it is not asked (help). */
export const isRelative = ({ path }: Target): boolean => path.includes('/.') && /\/\.\.?(\/|$)/.test(path);
