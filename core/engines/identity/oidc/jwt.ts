/** JSON Web Tokens in compact form (RFC 7515, 7519), with go-jose's words where clients see them. */
import { Base64Error, decodeBase64RawUrl, encodeBase64RawUrl } from '../../../codec/base64.ts';
import { quote } from '../../../codec/go-quote.ts';
import type { JsonObject } from '../../../codec/json.ts';
import { JsonError, parseObject, print } from '../../../codec/json.ts';
import { asNumber, asString, asStrings } from '../../../codec/json-fields.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import type { Crypto, HashName } from '../../../crypto/crypto.ts';
import type { Signer } from './jwk.ts';

const part = (value: JsonObject): string => encodeBase64RawUrl(encodeUtf8(print(value)));

export function signJwt(signer: Signer, claims: JsonObject): string {
  const signed = `${part({ alg: signer.alg, kid: signer.kid })}.${part(claims)}`;
  return `${signed}.${encodeBase64RawUrl(signer.sign(encodeUtf8(signed)))}`;
}

/** What at_hash and c_hash are: the left half of the hash (OpenID Connect Core, section 3.1.3.6). */
export function halfHash(value: string, hash: HashName, crypto: Crypto): string {
  const digest = crypto.hash(hash, encodeUtf8(value));
  return encodeBase64RawUrl(digest.subarray(0, digest.length / 2));
}

export interface ParsedJwt {
  readonly alg: string;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** Undefined when the payload is no JSON object. */
  readonly claims: JsonObject | undefined;
}

/** Why a token cannot be read; the message is what introspection shows. */
export class JwtError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JwtError';
  }
}

const ACCEPTED = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

/** Throws JwtError. */
export function parseJwt(token: string): ParsedJwt {
  const parts = token.split('.');
  if (parts.length !== 3) throw new JwtError('go-jose/go-jose: compact JWS format must have three parts');
  const [head, payload, signature] = parts as [string, string, string];
  try {
    const header = decodeBase64RawUrl(head);
    const content = decodeBase64RawUrl(payload);
    const bytes = decodeBase64RawUrl(signature);
    const alg = header.length === 0 ? '' : (asString(parseObject(header)['alg']) ?? '');
    if (!ACCEPTED.includes(alg)) {
      throw new JwtError(
        `unexpected signature algorithm ${quote(alg)}; expected [${ACCEPTED.map((one) => quote(one)).join(' ')}]`,
      );
    }
    return { alg, message: encodeUtf8(`${head}.${payload}`), signature: bytes, claims: objectOf(content) };
  } catch (error) {
    throw error instanceof Base64Error || error instanceof JsonError ? new JwtError(error.message) : error;
  }
}

function objectOf(content: Uint8Array): JsonObject | undefined {
  try {
    return parseObject(content);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** Seconds that clocks may differ by. */
const LEEWAY = 60;

export interface Expected {
  readonly issuer: string;
  /** '': any. */
  readonly audience: string;
  /** Wall seconds. */
  readonly now: number;
}

const failed = (what: string): string => `go-jose/go-jose/jwt: validation failed, ${what}`;

/** What is wrong with the claims, or undefined. */
export function claimsFault(claims: JsonObject, expected: Expected): string | undefined {
  if (claims['iss'] !== expected.issuer) return failed('invalid issuer claim (iss)');
  const audience = asStrings(claims['aud']) ?? [asString(claims['aud']) ?? ''];
  if (expected.audience !== '' && !audience.includes(expected.audience)) return failed('invalid audience claim (aud)');
  const before = asNumber(claims['nbf']);
  if (before !== undefined && expected.now + LEEWAY < before) return failed('token not valid yet (nbf)');
  const expiry = asNumber(claims['exp']);
  if (expiry !== undefined && expected.now - LEEWAY > expiry) return failed('token is expired (exp)');
  const issued = asNumber(claims['iat']);
  if (issued !== undefined && expected.now + LEEWAY < issued) return failed('token issued in the future (iat)');
  return undefined;
}
