/** Given keys that tokens are verified with, in the words of upstream's libraries (hashicorp/cap, go-jose). */
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { isObject, JsonError } from '../../codec/json.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { jwsVerifies, JWS_ALGORITHMS } from '../../crypto/jws/algorithm.ts';
import { parseJose } from '../../crypto/jws/jose-json.ts';
import { JwsError, parseJws } from '../../crypto/jws/jws.ts';
import type { Jws } from '../../crypto/jws/jws.ts';
import type { PublicKey } from '../../crypto/keys/key.ts';

export type Claims = JsonObject;

/** A token is not good; the message says why. */
export class TokenError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TokenError';
  }
}

export interface KeySet {
  /** The claims of a token that one of the keys has signed. Rejects TokenError. */
  verify(token: string): Promise<Claims>;
}

export const isSignedBy = (crypto: Crypto, jws: Jws, key: PublicKey): boolean =>
  !jws.critical && jwsVerifies(crypto, key, jws.algorithm, jws.message, jws.signature);

/** null is a token without claims, as for Go. `read`: keys at a URL belong to a library with a decoder of its own. */
export function claimsOf(payload: Uint8Array, read: (bytes: Uint8Array) => JsonValue = parseJose): Claims | undefined {
  try {
    const claims = read(payload);
    return claims === null ? {} : isObject(claims) ? claims : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** Throws TokenError, whose message starts with `prefix`. */
export function parsedToken(token: string, accepted: readonly string[] | undefined, prefix: string): Jws {
  try {
    return parseJws(token, accepted);
  } catch (error) {
    throw error instanceof JwsError ? new TokenError(prefix + error.message) : error;
  }
}

/** Takes a token at its word: whether it is good, somebody else is asked. */
export const unverified: KeySet = {
  verify: (token) => {
    // Line breaks are lost on Go's decoder of base64, and nothing else is.
    if (/[^\w.\r\n-]/.test(token)) throw new TokenError('go-jose/go-jose: compact JWS format must have three parts');
    const claims = claimsOf(parsedToken(token, JWS_ALGORITHMS, '').payload);
    if (claims === undefined) throw new TokenError('go-jose/go-jose: claims are no object');
    return Promise.resolve(claims);
  },
};

export function staticKeys(crypto: Crypto, keys: readonly PublicKey[]): KeySet {
  return {
    verify: (token) => {
      const jws = parsedToken(token, undefined, '');
      const claims = keys.some((key) => isSignedBy(crypto, jws, key)) ? claimsOf(jws.payload) : undefined;
      if (claims !== undefined) return Promise.resolve(claims);
      throw new TokenError('no known key successfully validated the token signature');
    },
  };
}
