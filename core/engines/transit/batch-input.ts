/**
 * `batch_input`, read in upstream's three ways: item by item with its own texts (encrypt, decrypt), as a structure
 * (rewrap), or as texts by name (sign, verify, hmac). A batch that cannot be read is a bare error, not a refusal.
 */
import { quote } from '../../codec/go-quote.ts';
import { isObject, type JsonObject, type JsonValue } from '../../codec/json.ts';
import { memberOf } from '../../codec/json-fields.ts';
import { failure, refuse, type Fault } from '../../fault.ts';
import { goType, isList, isNumber, literalOf, parseGoInt } from '../../framework/coerce.ts';

/** One of the items; texts that were not sent are ''. */
export interface CryptItem {
  readonly text: string;
  readonly context: string;
  readonly associatedData: string;
  readonly keyVersion: number;
  readonly reference: string;
}

const unreadable = (why: string): Fault => failure(`failed to parse batch input: ${why}`);

export const emptyBatch = (): Fault => refuse('missing batch input to process');

const wrongType = (where: string, wanted: string, value: JsonValue): string =>
  `'${where}' expected type '${wanted}', got unconvertible type '${goType(value)}'`;

/** What is wrong with the items, all of it. */
class Complaints {
  readonly #found: string[] = [];

  add(complaint: string): void {
    this.#found.push(complaint);
  }

  raise(prefix = ''): void {
    if (this.#found.length > 0) throw unreadable(prefix + this.#found.join('\n'));
  }
}

/** For encrypt and decrypt; `name` is the text that every item has to have. */
export function cryptItems(raw: JsonValue, name: 'plaintext' | 'ciphertext'): CryptItem[] {
  if (!isList(raw)) throw unreadable(`source data must be an array or slice, got ${goType(raw)}`);
  const complaints = new Complaints();
  const items = raw.map((item, i): CryptItem => {
    if (!isObject(item)) throw unreadable(`[${i}] expected a map, got '${goType(item)}'`);
    const text = (key: string): string => {
      const value = item[key];
      if (typeof value === 'string') return value;
      if (value !== undefined && (value !== null || key === name)) {
        complaints.add(wrongType(`[${i}].${key}`, 'string', value));
      }
      return '';
    };
    const context = text('context');
    if (item[name] === undefined) {
      complaints.add(`'[${i}].${name}' missing ${name} to ${name === 'plaintext' ? 'encrypt' : 'decrypt'}`);
    }
    const own = text(name);
    const keyVersion = versionIn(item, i, complaints);
    return { text: own, context, keyVersion, associatedData: text('associated_data'), reference: text('reference') };
  });
  complaints.raise();
  return items;
}

function versionIn(item: JsonObject, i: number, complaints: Complaints): number {
  const value = item['key_version'];
  if (value === undefined || value === null) return 0;
  if (!isNumber(value)) {
    complaints.add(wrongType(`[${i}].key_version`, 'int', value));
    return 0;
  }
  const parsed = parseGoInt(literalOf(value), 10);
  if (typeof parsed === 'bigint') return Number(parsed);
  const why = parsed === 'range' ? 'value out of range' : 'invalid syntax';
  const text = literalOf(value);
  complaints.add(
    `error decoding json.Number into [${i}].key_version: strconv.ParseInt: parsing ${quote(text)}: ${why}`,
  );
  return 0;
}

/** The kind of a value, as mapstructure names it. */
function kindOf(value: JsonValue): string {
  if (isObject(value)) return 'map';
  if (isList(value)) return 'slice';
  return isNumber(value) ? 'string' : goType(value);
}

function listOf(raw: JsonValue): readonly JsonValue[] {
  if (!isList(raw)) throw unreadable(`'' source data must be an array or slice, got ${kindOf(raw)}`);
  return raw;
}

const DECODING = 'decoding failed due to the following error(s):\n\n';

/** For rewrap: names in any case, numbers for texts. */
export function rewrapItems(raw: JsonValue): CryptItem[] {
  const complaints = new Complaints();
  const items = listOf(raw).map((value, i): CryptItem => {
    if (value !== null && !isObject(value)) {
      complaints.add(`'[${i}]' expected a map or struct, got "${kindOf(value)}"`);
    }
    const item = isObject(value) ? value : {};
    const find = (name: string): JsonValue => memberOf(item, name) ?? null;
    const text = (name: string): string => textOf(find(name), `[${i}].${name}`, complaints);
    const context = text('context');
    return {
      context,
      text: text('ciphertext'),
      keyVersion: intOf(find('key_version'), `[${i}].key_version`, complaints),
      associatedData: text('associated_data'),
      reference: text('reference'),
    };
  });
  complaints.raise(DECODING);
  return items;
}

/** Strict decoding, to which a number is a text. */
function textOf(value: JsonValue, where: string, complaints: Complaints): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (isNumber(value)) return literalOf(value);
  complaints.add(wrongType(where, 'string', value));
  return '';
}

function intOf(value: JsonValue, where: string, complaints: Complaints): number {
  if (value === null) return 0;
  if (!isNumber(value)) {
    complaints.add(wrongType(where, 'int', value));
    return 0;
  }
  const parsed = parseGoInt(literalOf(value), 10);
  if (typeof parsed === 'bigint') return Number(parsed);
  const why = parsed === 'range' ? 'value out of range' : 'invalid syntax';
  const literal = JSON.stringify(literalOf(value));
  complaints.add(`'${where}' cannot parse value as 'int': strconv.ParseInt: parsing ${literal}: ${why}`);
  return 0;
}

export type TextItem = ReadonlyMap<string, string>;

/** For sign, verify and hmac; `type` is upstream's name of an item, which its error shows. */
export function textItems(raw: JsonValue, type: string): TextItem[] {
  const complaints = new Complaints();
  const items = listOf(raw).map((value, i): TextItem => {
    if (value === null) return new Map();
    if (!isObject(value)) {
      complaints.add(wrongType(`[${i}]`, type, value));
      return new Map();
    }
    return new Map(Object.keys(value).map((key) => [key, textOf(value[key]!, `[${i}][${key}]`, complaints)]));
  });
  complaints.raise(DECODING);
  return items;
}
