/** HCL values as Go's decoder takes them into the fields of a policy's path, with its error texts. */
import type { JsonValue } from '../../codec/json.ts';
import { quote } from '../../codec/go-quote.ts';
import { multierror } from '../../codec/multierror.ts';
import type { HclItem, HclLiteral, HclObject, HclValue } from '../../codec/hcl.ts';

/** What cannot be decoded; upstream repeats the path before this text. */
export class DecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DecodeError';
  }
}

const goType = (value: HclValue): string =>
  value.kind === 'object' ? '*ast.ObjectType' : value.kind === 'list' ? '*ast.ListType' : '*ast.LiteralType';

const misplaced = (value: HclValue, message: string): DecodeError =>
  new DecodeError(`At ${value.position.line}:${value.position.column}: ${message}`);

const literalText = (value: HclLiteral): string =>
  typeof value.value === 'string' ? value.value : value.type === 'null' ? '' : value.source;

export function decodeText(value: HclValue, name: string): string {
  if (value.kind !== 'literal') throw misplaced(value, `root.${name}: unknown type for string ${goType(value)}`);
  return literalText(value);
}

export function decodeTexts(value: HclValue, name: string): string[] {
  if (value.kind !== 'list') throw misplaced(value, `unknown slice type: ${goType(value)}`);
  return value.items.map((item) => decodeText(item, name));
}

export function decodeInt(value: HclValue, name: string): number {
  if (value.kind !== 'literal' || value.type === 'bool') {
    throw misplaced(value, `root.${name}: unknown type ${goType(value)}`);
  }
  const text = literalText(value);
  if (!/^[+-]?\d+$/.test(text)) throw new DecodeError(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`);
  return Number(text);
}

/** A value of any kind, as JSON. */
export function decodeAny(value: HclValue): JsonValue {
  if (value.kind === 'literal') return value.value;
  if (value.kind === 'list') return value.items.map(decodeAny);
  const object: Record<string, JsonValue> = {};
  for (const item of value.items) object[item.keys[0]?.text ?? ''] = decodeAny(item.value);
  return object;
}

/** `{ name = [values] }`; names in lower case. */
export function decodeParameters(value: HclValue, name: string): Map<string, JsonValue[]> {
  if (value.kind !== 'object') throw misplaced(value, `root.${name}: not an object type for map (${goType(value)})`);
  const parameters = new Map<string, JsonValue[]>();
  for (const item of value.items) {
    if (item.value.kind !== 'list') throw misplaced(item.value, `unknown slice type: ${goType(item.value)}`);
    parameters.set((item.keys[0]?.text ?? '').toLowerCase(), item.value.items.map(decodeAny));
  }
  return parameters;
}

/** The texts for keys that are not among `valid`: Go's multierror, or undefined. */
export function unknownKeys(object: HclValue, valid: ReadonlySet<string>): string | undefined {
  if (object.kind !== 'object') return `cannot check HCL keys of type ${goType(object)}`;
  const errors = object.items
    .filter((item) => !valid.has(item.keys[0]?.text ?? ''))
    .map((item) => `invalid key ${quote(item.keys[0]?.text ?? '')} on line ${item.assigned?.line ?? 0}`);
  return errors.length === 0 ? undefined : multierror(...errors);
}

/** The last item with this key, as Go's decoder has it win. */
export const itemOf = (object: HclObject, key: string): HclItem | undefined =>
  object.items.findLast((item) => item.keys[0]?.text === key);
