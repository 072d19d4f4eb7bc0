/** base64, and upstream's JSON functions, which answer false where they cannot. */
import { Base64Error, decodeBase64, decodeBase64Raw, encodeBase64 } from '../codec/base64.ts';
import { JsonError, parse, print } from '../codec/json.ts';
import { CelError } from './error.ts';
import type { Declarations } from './functions.ts';
import { nativeJson } from './native.ts';
import type { CelMap, CelValue } from './values.ts';
import { fromJson } from './values.ts';

function decode(text: string): Uint8Array {
  try {
    return text.endsWith('=') || text.length % 4 === 0 ? decodeBase64(text) : decodeBase64Raw(text);
  } catch (error) {
    throw error instanceof Base64Error ? new CelError(error.message) : error;
  }
}

export function addEncoders(all: Declarations): void {
  all
    .add('base64.encode', '(bytes): string', encodeBase64)
    .add('base64.decode', '(string): bytes', decode)
    .add('encode_json', '(map(A, B)): string', (value: CelMap) => print(nativeJson(value)))
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
