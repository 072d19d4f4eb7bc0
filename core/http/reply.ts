/** Answers of the HTTP layer itself, with the headers that every answer has. */
import { noBytes } from '../codec/bytes.ts';
import { print } from '../codec/json.ts';
import type { JsonValue } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Follow } from '../framework/logical.ts';
import type { HttpResponse } from './message.ts';

export type Header = readonly [name: string, value: string];

/** What an answer has before the common headers are put around it. */
export interface Reply {
  readonly status: number;
  /** Canonical names; they override the common ones. */
  readonly headers?: readonly Header[];
  readonly body?: Uint8Array;
  readonly follow?: Follow;
  /** Without the common Content-Type. */
  readonly untyped?: boolean;
  /** Sent as it is, without the common headers. */
  readonly bare?: boolean;
  /** Close the connection without an answer. */
  readonly drop?: boolean;
}

const securityHeader: Header = ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'];
const common: readonly Header[] = [['Cache-Control', 'no-store'], ['Content-Type', 'application/json'], securityHeader];

/** Go writes headers sorted by name. */
export function finish(reply: Reply, extra: readonly Header[]): HttpResponse {
  const body = reply.body ?? noBytes;
  if (reply.bare === true) return { status: reply.status, headers: reply.headers ?? [], body };
  const asUsual = reply.headers === undefined && reply.untyped !== true && extra.length === 0;
  if (asUsual) return { status: reply.status, headers: common, body };
  const given = [...extra, ...(reply.headers ?? [])];
  const names = new Set(given.map(([name]) => name));
  if (reply.untyped === true) names.add('Content-Type');
  const headers = [...common.filter(([name]) => !names.has(name)), ...given];
  headers.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const { status, follow } = reply;
  return follow === undefined ? { status, headers, body } : { status, headers, body, follow };
}

export const json = (status: number, value: JsonValue): Reply => ({ status, body: encodeUtf8(`${print(value)}\n`) });

export const errors = (status: number, ...messages: readonly string[]): Reply => json(status, { errors: messages });

/** For who asks for help outside the API. */
export const NO_API = 'Missing /v1/ prefix in path. Use the bao path-help command to retrieve API help for paths';

/** Without message: the errors of methods, parameters and unknown paths, whose list is empty. */
export const plainError = (status: number): Reply => errors(status);

const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll("'", '&#39;');

/** Go's http.Redirect: a link in the body for GET only. */
export function redirect(method: string, location: string): Reply {
  const readable = method === 'GET' || method === 'HEAD';
  const headers: Header[] = [['Location', location]];
  if (readable) headers.push(['Content-Type', 'text/html; charset=utf-8']);
  const body = `<a href="${escapeHtml(location)}">Temporary Redirect</a>.\n\n`;
  return { status: 307, headers, untyped: !readable, ...(method === 'GET' ? { body: encodeUtf8(body) } : {}) };
}
