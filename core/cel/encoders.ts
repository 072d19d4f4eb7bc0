/** base64, and upstream's JSON functions, which answer false where they cannot. */
import { Base64Error, decodeBase64, decodeBase64Raw, encodeBase64 } from '../codec/base64.ts';
import { emptyObject, JsonError, parse, print, type JsonValue } from '../codec/json.ts';
import { CelError } from './error.ts';
import type { Declarations } from './functions.ts';
import { nativeJson } from './native.ts';
import type { CelValue } from './values.ts';
import { CelMap, fromJson, keyText, List, TypeValue } from './values.ts';

function decode(text: string): Uint8Array {
  try {
    return text.endsWith('=') || text.length % 4 === 0 ? decodeBase64(text) : decodeBase64Raw(text);
  } catch (error) {
    throw error instanceof Base64Error ? new CelError(error.message) : error;
  }
}

/** Of what came from outside it is that; else a null in a map is Go's number for it. Undefined: not encoded. */
function encodeJson(map: CelMap): string | undefined {
  if (map.native !== undefined) return print(map.native);
  if (map.entries().some(([key]) => typeof key !== 'string')) return undefined;
  const whole = plainJson(map);
  return whole === undefined ? undefined : print(whole);
}

function plainJson(value: CelValue): JsonValue | undefined {
  if (value === null) return 0;
  if (value instanceof TypeValue) return undefined;
  if (value instanceof List) {
    if (value.native !== undefined) return value.native;
    const items = value.items.map(plainJson);
    return items.some((item) => item === undefined) ? undefined : (items as JsonValue[]);
  }
  if (!(value instanceof CelMap)) return nativeJson(value);
  const object = emptyObject();
  for (const [key, item] of value.entries()) {
    const inner = plainJson(item);
    if (inner === undefined) return undefined;
    object[keyText(key)] = inner;
  }
  return object;
}

export function addEncoders(all: Declarations): void {
  all
    .add('base64.encode', '(bytes): string', encodeBase64)
    .add('base64.decode', '(string): bytes', decode)
    .add('encode_json', '(map(A, B)): string', (value: CelMap) => encodeJson(value) ?? false)
    .add('encode_json', '(dyn): string', () => false)
    .add('decode_json', '(string): dyn', (text: string): CelValue => {
      try {
        return fromJson(parse(text), false);
      } catch (error) {
        if (error instanceof JsonError) return false;
        throw error;
      }
    });
}
