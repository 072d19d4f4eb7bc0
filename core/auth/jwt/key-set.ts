/** Keys that tokens are verified with: those of a set that somebody publishes. */
import { quote } from '../../codec/go-quote.ts';
import { mediaType } from '../../codec/media-type.ts';
import { type Decoded, parseStruct, type StructFields } from '../../codec/go-struct.ts';
import { JsonError, parse } from '../../codec/json.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { JWS_ALGORITHMS } from '../../crypto/jws/algorithm.ts';
import { JwkError, parseJwks } from '../../crypto/jws/jwk.ts';
import type { PublicJwk } from '../../crypto/jws/jwk.ts';
import type { Jws } from '../../crypto/jws/jws.ts';
import type { OutgoingResponse } from '../../runtime.ts';
import { claimsOf, isSignedBy, parsedToken, TokenError } from '../../framework/jwt/keys.ts';
import type { Claims, KeySet } from '../../framework/jwt/keys.ts';
import { ask, bodyText, ProviderError, statusLine } from './web.ts';
import type { Reach } from './web.ts';

/** Keys at a URL. They are fetched when no key at hand has signed a token, once for all who wait. */
export class RemoteKeys implements KeySet {
  readonly #crypto: Crypto;
  readonly #reach: Reach;
  readonly #url: string;
  #keys: readonly PublicJwk[] = [];
  #coming: Promise<readonly PublicJwk[]> | undefined;

  constructor(crypto: Crypto, reach: Reach, url: string) {
    this.#crypto = crypto;
    this.#reach = reach;
    this.#url = url;
  }

  async verify(token: string): Promise<Claims> {
    const payload = await this.payload(parsedToken(token, JWS_ALGORITHMS, 'oidc: malformed jwt: '));
    const claims = claimsOf(payload, parse);
    if (claims === undefined) throw new TokenError(payloadFault(payload));
    return claims;
  }

  /** What is signed. Rejects TokenError. */
  async payload(jws: Jws): Promise<Uint8Array> {
    if (this.#signed(jws, this.#keys)) return jws.payload;
    let keys: readonly PublicJwk[];
    try {
      keys = await (this.#coming ??= this.#fetch().finally(() => (this.#coming = undefined)));
    } catch (error) {
      throw error instanceof ProviderError ? new TokenError(`fetching keys ${error.message}`) : error;
    }
    if (this.#signed(jws, keys)) return jws.payload;
    throw new TokenError('failed to verify id token signature');
  }

  #signed(jws: Jws, keys: readonly PublicJwk[]): boolean {
    const named = keys.filter(({ keyId }) => jws.keyId === '' || keyId === jws.keyId);
    return named.some(({ key }) => isSignedBy(this.#crypto, jws, key));
  }

  /** Rejects ProviderError. */
  async #fetch(): Promise<readonly PublicJwk[]> {
    const answer = await this.#document();
    if (answer.status !== 200) {
      throw new ProviderError(`oidc: get keys failed: ${statusLine(answer.status)} ${bodyText(answer)}`);
    }
    try {
      return (this.#keys = parseJwks(answer.body));
    } catch (error) {
      if (!(error instanceof JwkError || error instanceof JsonError)) throw error;
      throw new ProviderError(`oidc: failed to decode keys: ${typedFault(answer, error.message)} ${bodyText(answer)}`);
    }
  }

  async #document(): Promise<OutgoingResponse> {
    try {
      return await ask(this.#reach, { method: 'GET', url: this.#url });
    } catch (error) {
      throw error instanceof ProviderError ? new ProviderError(`oidc: get keys failed ${error.message}`) : error;
    }
  }
}

function payloadFault(payload: Uint8Array): string {
  try {
    parse(payload);
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
  return 'json: cannot unmarshal value into Go value of type map[string]interface {}';
}

export const wellKnown = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;

/** JSON from a provider, for Go's struct of this type. Throws ProviderError with what `unmarshal` complains of. */
export function structOf<const F extends StructFields>(answer: OutgoingResponse, fields: F, type: string): Decoded<F> {
  try {
    return parseStruct(answer.body, fields, type);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new ProviderError(typedFault(answer, error.message));
  }
}

/** What is wrong with JSON, and whether it was said to be JSON at all. */
function typedFault({ headers }: OutgoingResponse, fault: string): string {
  const type = headers.get('content-type')?.[0] ?? '';
  return mediaType(type).type === 'application/json'
    ? `got Content-Type = application/json, but could not unmarshal as JSON: ${fault}`
    : `expected Content-Type = application/json, got ${quote(type)}: ${fault}`;
}

const DISCOVERED = { issuer: 'string', jwks_uri: 'string' } as const;
const DISCOVERED_TYPE = String.raw`struct { Issuer string "json:\"issuer\""; JWKSURL string "json:\"jwks_uri\"" }`;

/** The keys that an issuer's discovery document names. Rejects ProviderError. */
export async function discoveredKeys(crypto: Crypto, reach: Reach, issuer: string): Promise<KeySet> {
  const answer = await ask(reach, { method: 'GET', url: wellKnown(issuer) });
  if (answer.status !== 200) throw new ProviderError(`${statusLine(answer.status)}: ${bodyText(answer)}`);
  let document: Decoded<typeof DISCOVERED>;
  try {
    document = structOf(answer, DISCOVERED, DISCOVERED_TYPE);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new ProviderError(`failed to decode OIDC discovery document: ${error.message}`);
  }
  const { issuer: named } = document;
  if (named !== issuer) {
    throw new ProviderError(`issuer did not match the returned issuer, expected ${quote(issuer)} got ${quote(named)}`);
  }
  return new RemoteKeys(crypto, reach, document.jwks_uri);
}
