/** HTTP headers in what clients send: an object, JSON text (also in base64), or a list of 'name:value'. */
import { quote } from '../codec/go-quote.ts';
import { decodeBase64 } from '../codec/base64.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { isObject, parseObject } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { asList, CoercionError, goValue, isList, isNumber, literalOf, toMap } from './coerce.ts';

export function toHeader(value: JsonValue): Record<string, string[]> {
  if (value === null || isObject(value) || (isList(value) && value.every(isObject))) return fromMap(toMap(value));
  if (typeof value === 'string') return fromMap(parseJsonText(value));
  const header: Record<string, string[]> = {};
  for (const pair of asList(value)) {
    if (typeof pair !== 'string') throw new CoercionError('invalid key pair ""');
    const at = pair.indexOf(':');
    if (at <= 0) throw new CoercionError(`invalid key pair ${quote(pair)}`);
    add(header, pair.slice(0, at), pair.slice(at + 1));
  }
  return header;
}

function parseJsonText(text: string): JsonObject {
  let bytes: Uint8Array;
  try {
    bytes = decodeBase64(text);
  } catch {
    bytes = encodeUtf8(text); // not base64, so it is the JSON itself
  }
  try {
    return parseObject(bytes);
  } catch (error) {
    throw new CoercionError(error instanceof Error ? error.message : String(error));
  }
}

function fromMap(map: JsonObject): Record<string, string[]> {
  const header: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(map)) {
    if (typeof value === 'string') add(header, name, value);
    else if (isNumber(value)) add(header, name, literalOf(value));
    else if (isList(value)) {
      for (const one of value) {
        if (typeof one === 'string') add(header, name, one);
        else if (isNumber(one)) add(header, name, literalOf(one));
        else throw new CoercionError(`received non-string value for header key:${name}, val:${goValue(value)}`);
      }
    } else throw new CoercionError(`unrecognized type for ${goValue(value)}`);
  }
  return header;
}

function add(header: Record<string, string[]>, name: string, value: string): void {
  (header[canonicalHeader(name)] ??= []).push(value);
}

/** Content-Type: upper case at the start and after each '-', lower case elsewhere; other names stay as they are. */
export function canonicalHeader(name: string): string {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return name;
  return name
    .toLowerCase()
    .replace(/(^|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());
}
