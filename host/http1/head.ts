/** The head of an HTTP/1 request as Go's server reads it: what it takes, and what it refuses before a handler is asked. */
import { isTarget, MAX_HEADERS } from '../incoming.ts';

export interface Head {
  readonly method: string;
  /** Of the request line, as text. */
  readonly target: string;
  /** HTTP/1.0, which knows neither chunks nor connections that stay open unasked. */
  readonly old: boolean;
  /** Lower-case names, values in order, each byte one character. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** '' where there is none. */
  readonly host: string;
  /** Bytes of the body, or in chunks. */
  readonly body: number | 'chunked';
  /** What the client waits for before it sends the body: to be told to go on, or something that nobody has. */
  readonly expects: 'nothing' | 'continue' | 'else';
  /** The connection ends with the answer. */
  readonly last: boolean;
}

/** What a refusal says in its status line, and below. */
export class Refusal {
  readonly status: string;
  readonly body: string;
  constructor(status: string, body = status) {
    this.status = status;
    this.body = body;
  }
}

const because = (reason: string): Refusal => new Refusal(`400 Bad Request: ${reason}`);
export const badRequest = new Refusal('400 Bad Request');
export const tooLarge = new Refusal('431 Request Header Fields Too Large');
const noSuchEncoding = new Refusal('501 Not Implemented', 'Unsupported transfer encoding');
const noSuchVersion = new Refusal('505 HTTP Version Not Supported: unsupported protocol version');

interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly major: string;
  readonly minor: string;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Control characters but tabs. */
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** As of Go's httpguts: all that a host may be made of. */
const HOST = /^[A-Za-z0-9!$%&'()*+,\-.:;=[\]_~]*$/;
const NO_TARGET = /[^!-~\x80-\uffff]/;

/** `line` without its end, a character a byte. */
function readRequestLine(line: string): RequestLine | Refusal {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  if (first < 0 || second < 0) return badRequest;
  const method = line.slice(0, first);
  const target = asText(line.slice(first + 1, second));
  const version = /^HTTP\/([0-9])\.([0-9])$/.exec(line.slice(second + 1));
  if (!TOKEN.test(method) || version === null || NO_TARGET.test(target)) return badRequest;
  // Whoever wants to be connected names a host alone.
  const whole = method === 'CONNECT' && !target.startsWith('/') ? `http://${target}` : target;
  return isTarget(whole) ? { method, target, major: version[1]!, minor: version[2]! } : badRequest;
}

/** What of a head is refused before all of it is there; `text`: its whole lines so far, a character a byte. */
export function earlyRefusal(text: string): Refusal | undefined {
  const lines = linesOf(text);
  if (lines.length === 1) return refusalIn(lines);
  const last = lines.pop()!;
  // It may go on, but has to have begun well.
  return refusalIn(lines) ?? (isBlank(last[0]) || last.includes(':') ? undefined : badRequest);
}

/** Likewise when its time is over: the last line is taken as it is. Undefined: nothing is wrong but that it ends. */
export const lateRefusal = (text: string): Refusal | undefined => refusalIn(linesOf(text));

function refusalIn(lines: readonly string[]): Refusal | undefined {
  const parts = partsOf(lines);
  return parts instanceof Refusal ? parts : undefined;
}

function partsOf(lines: readonly string[]): (RequestLine & ReadHeaders) | Refusal {
  const line = readRequestLine(lines[0] ?? '');
  if (line instanceof Refusal) return line;
  const read = readHeaders(lines);
  return read instanceof Refusal ? read : { ...line, ...read };
}

/** `text`: from the request line to the empty line, a character a byte. */
export function readHead(text: string): Head | Refusal {
  const parts = partsOf(linesOf(text));
  if (parts instanceof Refusal) return parts;
  const { method, target, major, minor, headers, oddName } = parts;
  const hosts = headers.get('host');
  if (hosts !== undefined && hosts.length > 1) return badRequest;
  const old = major === '1' && minor === '0';
  const body = bodyOf(headers, old);
  if (body instanceof Refusal) return body;
  // How clients of HTTP/2 begin. Nobody here goes on with it.
  const preface = method === 'PRI' && target === '*' && major === '2' && minor === '0';
  if (major !== '1' && !preface) return noSuchVersion;
  const host = hosts?.[0];
  const hostless = old || method === 'CONNECT' || (preface && headers.size === 0);
  if (host === undefined && !hostless) return because('missing required Host header');
  if (host !== undefined && !HOST.test(host)) return because('malformed Host header');
  if (oddName) return because('invalid header name');
  const connection = headers.get('connection');
  return {
    method,
    target,
    old,
    headers,
    host: host ?? '',
    body,
    expects: expectation(headers.get('expect'), old, body),
    last: preface || method === 'CONNECT' || (old ? !names(connection, 'keep-alive') : names(connection, 'close')),
  };
}

/** Lines end in LF, with or without CR; what begins with a blank goes on with the line before. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (let at = 0; at < text.length;) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    lines.push(text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end));
    at = end + 1;
  }
  return lines;
}

const isBlank = (character: string | undefined): boolean => character === ' ' || character === '\t';

/** `oddName`: there are blanks in one, which is told of later, together with what else is wrong. */
interface ReadHeaders {
  readonly headers: Map<string, string[]>;
  readonly oddName: boolean;
}

function readHeaders(lines: readonly string[]): ReadHeaders | Refusal {
  const headers = new Map<string, string[]>();
  let oddName = false;
  let count = 0;
  for (let i = 1; i < lines.length && lines[i] !== ''; i += 1) {
    let line = lines[i]!;
    if (i === 1 && isBlank(line[0])) return badRequest;
    while (isBlank(lines[i + 1]?.[0])) line = `${trimmed(line)} ${trimmed(lines[++i]!)}`;
    const colon = line.indexOf(':');
    if (colon < 1) return badRequest;
    const name = line.slice(0, colon).toLowerCase();
    if (!TOKEN.test(name)) {
      if (!TOKEN.test(name.replaceAll(' ', '-'))) return badRequest;
      oddName = true;
    }
    const value = trimmed(line.slice(colon + 1));
    if (NO_VALUE.test(value)) return badRequest;
    count += 1;
    if (count > MAX_HEADERS) return tooLarge;
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return { headers, oddName };
}

/** Without blanks and tabs around. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

type Headers = ReadonlyMap<string, readonly string[]>;

/** Go's 63 bits. */
const LONGEST = 2n ** 63n;
/** What may not come behind the chunks. */
const NO_TRAILERS = ['transfer-encoding', 'trailer', 'content-length'];

function bodyOf(headers: Headers, old: boolean): Head['body'] | Refusal {
  const encodings = old ? undefined : headers.get('transfer-encoding');
  if (encodings !== undefined && (encodings.length > 1 || encodings[0]!.toLowerCase() !== 'chunked')) {
    return noSuchEncoding;
  }
  const [length, ...others] = headers.get('content-length') ?? [];
  if (length !== undefined) {
    if (others.some((other) => other !== length) || !/^[0-9]+$/.test(length)) return badRequest;
    if (length.length > 15 && BigInt(length) >= LONGEST) return badRequest;
  }
  if (encodings === undefined) return Number(length ?? 0);
  const trailers = headers.get('trailer');
  return NO_TRAILERS.some((name) => names(trailers, name)) ? badRequest : 'chunked';
}

/** Between blanks as well as between commas. */
const CONTINUE = /(^|[ \t,])100-continue($|[ \t,])/i;

function expectation(expected: readonly string[] | undefined, old: boolean, body: Head['body']): Head['expects'] {
  if (expected === undefined) return 'nothing';
  if (CONTINUE.test(expected[0]!)) return old || body === 0 ? 'nothing' : 'continue';
  return expected[0] === '' ? 'nothing' : 'else';
}

/** Whether a list has a word, whose case does not count. */
const names = (values: readonly string[] | undefined, word: string): boolean =>
  values?.some((value) => value.split(',').some((item) => trimmed(item).toLowerCase() === word)) ?? false;

/** Of one character a byte, what the bytes say in UTF-8. */
const asText = (bytes: string): string => (/[\x80-\xff]/.test(bytes) ? Buffer.from(bytes, 'latin1').toString() : bytes);
