/** Signed messages (RFC 7515), compact or as JSON with one signature, in go-jose's words where clients see them. */
import { Base64Error } from '../../codec/base64.ts';
import { quote } from '../../codec/go-quote.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { isObject, JsonError, kindOf, parse, print } from '../../codec/json.ts';
import { asString } from '../../codec/json-fields.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { decodePart } from './algorithm.ts';
import { JwkError, parseJwk } from './jwk.ts';

export interface Jws {
  /** '' when the header has none. */
  readonly algorithm: string;
  readonly keyId: string;
  /** The header names extensions that have to be understood; none is. */
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

const texts = { alg: 'algorithm', kid: 'key ID' } as const;

function textOf(header: JsonObject, name: keyof typeof texts): string {
  const value = header[name];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  const wrong = `json: cannot unmarshal ${kindOf(value)} into Go value of type string`;
  throw new JwsError(`failed to unmarshal ${texts[name]}: ${wrong}: ${quote(print(value))}`);
}

function headerOf(bytes: Uint8Array): JsonObject {
  if (bytes.length === 0) return {};
  const header = parse(bytes);
  if (header === null) return {};
  if (isObject(header)) return header;
  throw new JwsError(`json: cannot unmarshal ${kindOf(header)} into Go value of type jose.rawHeader`);
}

function checkEmbedded(jwk: JsonValue | undefined): void {
  if (jwk === undefined || jwk === null) return;
  try {
    parseJwk(jwk);
  } catch (error) {
    if (!(error instanceof JwkError)) throw error;
    throw new JwsError(`failed to unmarshal JWK: ${error.message}: ${quote(print(jwk))}`);
  }
}

/** The parts of a message: its protected header, its payload and its signature, as they were sent. */
function partsOf(text: string): readonly [string, string, string] {
  if (!text.startsWith('{')) {
    const parts = text.split('.');
    if (parts.length !== 3) throw new JwsError('go-jose/go-jose: compact JWS format must have three parts');
    return parts as unknown as readonly [string, string, string];
  }
  const whole = parse(text) as JsonObject;
  const payload = asString(whole['payload']);
  if (payload === undefined) throw new JwsError('go-jose/go-jose: missing payload in JWS message');
  const lone = Array.isArray(whole['signatures']) && whole['signatures'].length === 1 ? whole['signatures'][0] : whole;
  const { protected: head, signature } = isObject(lone) ? lone : whole;
  return [asString(head) ?? '', payload, asString(signature) ?? ''];
}

/** With `accepted`, any other algorithm is refused at once. Throws JwsError. */
export function parseJws(token: string, accepted?: readonly string[]): Jws {
  try {
    const [head, content, end] = partsOf(token.replace(/\s+/g, ''));
    const json = token.trimStart().startsWith('{');
    // The payload of a JSON message is decoded first.
    const early = json ? decodePart(content) : undefined;
    const raw = decodePart(head);
    const payload = early ?? decodePart(content);
    const signature = decodePart(end);
    const header = headerOf(raw);
    checkEmbedded(header['jwk']);
    const [keyId, algorithm] = [textOf(header, 'kid'), textOf(header, 'alg')];
    if (accepted?.includes(algorithm) === false) {
      const list = accepted.map((one) => quote(one)).join(' ');
      throw new JwsError(`unexpected signature algorithm ${quote(algorithm)}; expected [${list}]`);
    }
    const critical = header['crit'] !== undefined;
    return { algorithm, keyId, critical, message: encodeUtf8(`${head}.${content}`), payload, signature };
  } catch (error) {
    throw error instanceof Base64Error || error instanceof JsonError ? new JwsError(error.message) : error;
  }
}
