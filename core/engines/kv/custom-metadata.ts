/** The limits of custom_metadata. */
import { quote } from '../../codec/go-quote.ts';
import type { JsonObject } from '../../codec/json.ts';
import { sortedKeys } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { refuse } from '../../fault.ts';
import { CoercionError, toText } from '../../framework/coerce.ts';

const MAX_KEYS = 64;
const MAX_KEY = 128;
const MAX_VALUE = 512;
const FAILED = 'custom_metadata validation failed';

/** Texts by name; null values are left out when patching (they remove). Throws refusals naming all that is wrong. */
export function customMetadata(given: JsonObject, patching: boolean): Map<string, string> {
  const custom = new Map<string, string>();
  for (const name of sortedKeys(given)) {
    const value = given[name]!;
    if (patching && value === null) continue;
    try {
      custom.set(name, toText(value));
    } catch (error) {
      throw error instanceof CoercionError ? refuse(`${FAILED}: ${error.message}`) : error;
    }
  }
  const wrong = faultsOf(custom);
  if (wrong.length > 0) {
    const count = wrong.length === 1 ? '1 error occurred' : `${wrong.length} errors occurred`;
    throw refuse(`${count}:\n${wrong.map((one) => `\t* ${FAILED}: ${one}\n`).join('')}\n`);
  }
  return custom;
}

function faultsOf(custom: ReadonlyMap<string, string>): string[] {
  if (custom.size > MAX_KEYS) return [`payload must contain at most ${MAX_KEYS} keys, provided ${custom.size}`];
  const wrong: string[] = [];
  for (const [name, value] of custom) {
    const quoted = quote(name);
    const size = encodeUtf8(name).length;
    if (size === 0 || size > MAX_KEY) {
      wrong.push(`length of key ${quoted} is ${size} but must be 0 < len(key) <= ${MAX_KEY}`);
    }
    const length = encodeUtf8(value).length;
    if (length === 0 || length > MAX_VALUE) {
      wrong.push(`length of value for key ${quoted} is ${length} but must be 0 < len(value) <= ${MAX_VALUE}`);
    }
    if (!isPrintable(name)) wrong.push(`key ${quoted} (${name}) contains unprintable characters`);
    if (!isPrintable(value)) wrong.push(`value for key ${quoted} contains unprintable characters`);
  }
  return wrong;
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u00a0\u00ad\u2000-\u200f\u2028-\u202f\ufeff]/;

/** Letters, marks, numbers, punctuation, symbols and the ASCII space, as Go's unicode.IsPrint. */
const isPrintable = (text: string): boolean => !UNPRINTABLE.test(text);
