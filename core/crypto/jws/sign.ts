/** Signed JSON in compact form (RFC 7515, 7519). */
import { assert } from '../../assert.ts';
import { encodeBase64RawUrl } from '../../codec/base64.ts';
import type { JsonObject } from '../../codec/json.ts';
import { print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto, HashName } from '../crypto.ts';
import type { PrivateKey } from '../keys/key.ts';
import { signMessage } from '../keys/sign.ts';
import { jwsHash } from './algorithm.ts';

const part = (value: JsonObject): string => encodeBase64RawUrl(encodeUtf8(print(value)));

function hashOf(algorithm: string): HashName {
  const hash = jwsHash(algorithm);
  assert(hash !== undefined, `${algorithm} is an algorithm of signatures`);
  return hash;
}

/**
 * `header` names the algorithm, which is one of the key's kind and not PSS; members stand in the order they are given.
 * `entropy` is ECDSA's.
 */
export function jwsSign(
  crypto: Crypto,
  key: PrivateKey,
  header: JsonObject & { readonly alg: string },
  claims: JsonObject,
  entropy?: Uint8Array,
): string {
  const text = `${part(header)}.${part(claims)}`;
  const message = encodeUtf8(text);
  const hash = hashOf(header.alg);
  // ECDSA's are the two numbers side by side here, not DER.
  const signature =
    key.kind === 'ecdsa'
      ? crypto.ecdsaSign(key.key, crypto.hash(hash, message), entropy)
      : signMessage(crypto, key, message, { hash });
  return `${text}.${encodeBase64RawUrl(signature)}`;
}

/** What at_hash and c_hash are: the left half of the hash that the token's signature uses (OpenID Connect Core, 3.1.3.6). */
export function halfHash(crypto: Crypto, algorithm: string, value: string): string {
  const digest = crypto.hash(hashOf(algorithm), encodeUtf8(value));
  return encodeBase64RawUrl(digest.subarray(0, digest.length / 2));
}
