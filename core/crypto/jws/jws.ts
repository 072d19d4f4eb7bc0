/** Signed messages (RFC 7515), compact or as JSON with one signature, in go-jose's words where clients see them. */
import { Base64Error } from '../../codec/base64.ts';
import { quote } from '../../codec/go-quote.ts';
import type { JsonObject } from '../../codec/json.ts';
import { isObject, JsonError } from '../../codec/json.ts';
import { asString, asStrings } from '../../codec/json-fields.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { decodePart } from './algorithm.ts';
import { joseMembers, parseJose, sentText } from './jose-json.ts';
import { certificatesOf, JwkError, parseJwk } from './jwk.ts';

export interface Jws {
  /** '' when the header has none. */
  readonly algorithm: string;
  readonly keyId: string;
  /** The header names extensions that have to be understood and are not. */
  readonly critical: boolean;
  /** What is signed. */
  readonly message: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

export class JwsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JwsError';
  }
}

/** The members as they were sent. */
type Header = ReadonlyMap<string, Uint8Array>;

const headerOf = (bytes: Uint8Array): Header => (bytes.length === 0 ? new Map() : joseMembers(bytes, 'jose.rawHeader'));

/** What a member is read as, by its name; the others are read for their mistakes only. */
const READ: ReadonlyMap<string, readonly [what: string, read: (value: Uint8Array) => unknown]> = new Map([
  ['alg', ['algorithm', sentText]],
  ['kid', ['key ID', sentText]],
  ['nonce', ['nonce', sentText]],
  ['jwk', ['JWK', (value) => parseJwk(parseJose(value))]],
  ['x5c', ['x5c header', (value) => certificatesOf(parseJose(value))]],
]);

function readMember(name: string, value: Uint8Array): unknown {
  const [what, read] = READ.get(name) ?? ['value', parseJose];
  try {
    return read(value);
  } catch (error) {
    if (!(error instanceof JsonError || error instanceof JwkError)) throw error;
    throw new JwsError(`failed to unmarshal ${what}: ${error.message}: ${quote(decodeUtf8(value))}`);
  }
}

/** What go-jose understands is that a payload may be no base64; whoever says so has signed something else. */
const understood = ({ crit, b64 }: { crit: Uint8Array | undefined; b64: Uint8Array | undefined }): boolean => {
  if (b64 !== undefined && decodeUtf8(b64) === 'false') return false;
  if (crit === undefined) return true;
  const names = asStrings(parseJose(crit));
  return names?.every((name) => name === 'b64') === true;
};

/** A message's protected header, its payload and its signature, as they were sent. */
type Parts = readonly [head: string, content: string, end: string];

function compactParts(text: string): Parts {
  const parts = text.split('.');
  if (parts.length !== 3) throw new JwsError('go-jose/go-jose: compact JWS format must have three parts');
  return parts as unknown as Parts;
}

function jsonParts(text: string): Parts {
  const whole = parseJose(encodeUtf8(text)) as JsonObject;
  const payload = asString(whole['payload']);
  if (payload === undefined) throw new JwsError('go-jose/go-jose: missing payload in JWS message');
  const lone = Array.isArray(whole['signatures']) && whole['signatures'].length === 1 ? whole['signatures'][0] : whole;
  const { protected: head, signature } = isObject(lone) ? lone : whole;
  return [asString(head) ?? '', payload, asString(signature) ?? ''];
}

/** With `accepted`, any other algorithm is refused at once. Throws JwsError. */
export function parseJws(token: string, accepted?: readonly string[]): Jws {
  const text = token.replace(/\s+/g, '');
  return read(text, text.startsWith('{'), accepted);
}

/** The same of a compact message, without blanks; nothing else is one. */
export const parseCompactJws = (token: string, accepted?: readonly string[]): Jws => read(token, false, accepted);

function read(text: string, json: boolean, accepted: readonly string[] | undefined): Jws {
  try {
    const [head, content, end] = json ? jsonParts(text) : compactParts(text);
    // The payload of a JSON message is decoded first.
    const early = json ? decodePart(content) : undefined;
    const raw = decodePart(head);
    const payload = early ?? decodePart(content);
    const signature = decodePart(end);
    const header = headerOf(raw);
    const members = new Map(Array.from(header, ([name, value]) => [name, readMember(name, value)]));
    const textOf = (name: 'kid' | 'alg'): string => (members.get(name) as string | undefined) ?? '';
    const [keyId, algorithm] = [textOf('kid'), textOf('alg')];
    if (accepted?.includes(algorithm) === false) {
      const list = accepted.map((one) => quote(one)).join(' ');
      throw new JwsError(`unexpected signature algorithm ${quote(algorithm)}; expected [${list}]`);
    }
    if (members.has('jwk') && members.get('jwk') === undefined) {
      throw new JwsError('go-jose/go-jose: invalid embedded jwk, must be public key');
    }
    const critical = !understood({ crit: header.get('crit'), b64: header.get('b64') });
    return { algorithm, keyId, critical, message: encodeUtf8(`${head}.${content}`), payload, signature };
  } catch (error) {
    throw error instanceof Base64Error || error instanceof JsonError ? new JwsError(error.message) : error;
  }
}
