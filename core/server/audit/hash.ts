/** Hides values in audit entries: texts become keyed digests, everything else stays clear (facts §7). */
import { encodeHex } from '../../codec/hex.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { JsonNumber } from '../../codec/json.ts';
import { parseTimestamp } from '../../codec/rfc3339.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto } from '../../crypto/crypto.ts';

export type Hash = (text: string) => string;

/** `salt` is the device's, a UUID's text. */
export function hasher(crypto: Crypto, salt: string): Hash {
  const key = encodeUtf8(salt);
  return (text) => `hmac-sha256:${encodeHex(crypto.hmac('sha256', key, encodeUtf8(text)))}`;
}

/** A copy with every text hashed but for those under a key of `clear`, at any depth. */
export function hashData(
  data: JsonObject | ReadonlyMap<string, JsonValue>,
  hash: Hash,
  clear: readonly string[],
): JsonObject {
  const out: JsonObject = {};
  for (const [key, value] of data instanceof Map ? (data as ReadonlyMap<string, JsonValue>) : Object.entries(data)) {
    out[key] = clear.includes(key) ? value : hashValue(value, hash, clear);
  }
  return out;
}

function hashValue(value: JsonValue, hash: Hash, clear: readonly string[]): JsonValue {
  if (typeof value === 'string') return isTimestamp(value) ? value : hash(value);
  if (value === null || typeof value !== 'object' || value instanceof JsonNumber) return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => hashValue(item, hash, clear));
  return hashData(value as JsonObject, hash, clear);
}

const isTimestamp = (text: string): boolean =>
  text.length >= 20 && text.charCodeAt(4) === 0x2d && parseTimestamp(text) !== undefined;
