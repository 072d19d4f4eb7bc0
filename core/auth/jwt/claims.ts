/** Claims of a token: found by name or pointer, compared with what a role asks for, copied into metadata. */
import { quote } from '../../codec/go-quote.ts';
import { fromJson, showInside } from '../../codec/go-template/values.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { isObject, JsonNumber, sortedKeys } from '../../codec/json.ts';
import { asList, asNumber } from '../../codec/json-fields.ts';
import type { Claims } from '../../framework/jwt/keys.ts';

export type { Claims };

/** A role asks for something of the claims that they do not have; the message is the client's. */
export class ClaimError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ClaimError';
  }
}

const own = (object: JsonObject, key: string): JsonValue | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

function at(value: JsonValue | undefined, key: string): JsonValue | undefined {
  const list = asList(value);
  if (list !== undefined) return /^\d+$/.test(key) ? list[Number(key)] : undefined;
  return isObject(value) ? own(value, key) : undefined;
}

const pointed = (claims: Claims, pointer: string): JsonValue | undefined =>
  pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<JsonValue | undefined>(at, claims);

/**
 * The claim of a name, or at a JSON pointer (RFC 6901) when the name starts with a slash; undefined for none and for
 * null. A lone audience is a list of one, and numbers lose their fraction.
 */
export function claimOf(claims: Claims, name: string): JsonValue | undefined {
  const value = name.startsWith('/') ? pointed(claims, name) : own(claims, name);
  if (value === undefined || value === null) return undefined;
  if (name === 'aud' && typeof value === 'string') return [value];
  const number = asNumber(value);
  return number === undefined ? value : Math.trunc(number);
}

/** A list as it is, and what stands alone as a list of one; undefined for objects. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (value === null || value === undefined || isObject(value)) return undefined;
  return asList(value) ?? [value];
}

/** %v. */
export const shown = (value: JsonValue | undefined): string =>
  value instanceof JsonNumber ? value.literal : showInside(fromJson(value ?? null));

const textOf = (number: JsonValue): string =>
  number instanceof JsonNumber ? number.literal : String(asNumber(number) ?? '');

/** Numbers are equal as texts where they stand alone; inside a list upstream compares values of two types. */
function same(wanted: JsonValue, actual: JsonValue, alone: boolean): boolean {
  if (asNumber(wanted) === undefined || asNumber(actual) === undefined) return wanted === actual;
  return alone && textOf(wanted) === textOf(actual);
}

/** '*' stands for anything. */
function glob(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

const matches = (wanted: JsonValue, actual: JsonValue, globs: boolean, alone: boolean): boolean =>
  globs
    ? typeof wanted === 'string' && typeof actual === 'string' && glob(wanted, actual)
    : same(wanted, actual, alone);

/** Every bound claim has to be there with one of its values. Throws ClaimError. */
export function checkBoundClaims(bound: JsonObject, claims: Claims, globs: boolean): void {
  for (const name of sortedKeys(bound)) {
    const value = claimOf(claims, name);
    if (value === undefined) throw new ClaimError(`claim ${quote(name)} is missing`);
    const actual = listOf(value);
    if (actual === undefined) {
      throw new ClaimError(`received claim is not a string, bool, int or list: ${shown(value)}`);
    }
    const wanted = listOf(bound[name]);
    if (wanted === undefined) {
      throw new ClaimError(`bound claim is not a string, bool, int or list: ${shown(bound[name])}`);
    }
    const alone = asList(value) === undefined;
    if (!wanted.some((one) => actual.some((other) => matches(one, other, globs, alone)))) {
      throw new ClaimError(`claim ${quote(name)} does not match any associated bound claim values`);
    }
  }
}

/** Metadata by the names that `mappings` gives to claims. Throws ClaimError. */
export function mappedMetadata(mappings: Readonly<Record<string, string>>, claims: Claims): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const name of Object.keys(mappings).sort()) {
    const value = claimOf(claims, name);
    if (value === undefined) continue;
    if (typeof value !== 'string') throw new ClaimError(`error converting claim '${name}' to string`);
    metadata[mappings[name]!] = value;
  }
  return metadata;
}
