/** Values of a request: literals, or objects that name a source. */
import { isObject, print, sortedKeys } from '../../codec/json.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { quote } from '../../codec/go-quote.ts';
import { goType } from '../../framework/coerce.ts';
import { SourceError, sourceOf } from './sources.ts';
import type { Sources } from './sources.ts';
import { WeakDecodeError, weakBool, weakFloat, weakInt, weakMap, weakText, weakTexts } from './weak-decode.ts';

/** With whatever has a source replaced by what came of it. Throws SourceError. */
export function evaluate(value: JsonValue, from: Sources): JsonValue {
  if (Array.isArray(value)) {
    return (value as readonly JsonValue[]).map((item, i) => within(`list.${i}`, () => evaluate(item, from)));
  }
  if (!isObject(value)) return value;
  const [source, type] = [value['eval_source'], value['eval_type']];
  if (source !== undefined || type !== undefined) return fromSource(value, source, type, from);
  const object: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    object[key] = within(`while evaluating map.${key}`, () => evaluate(item, from));
  }
  return object;
}

function within<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof SourceError ? new SourceError(`${where}: ${error.message}`) : error;
  }
}

function fromSource(
  object: JsonObject,
  source: JsonValue | undefined,
  type: JsonValue | undefined,
  from: Sources,
): JsonValue {
  if (source === undefined || type === undefined) {
    const fields = sortedKeys(object).map((key) => `${quote(key)}:${goSyntax(object[key]!)}`);
    const shown = `map[string]interface {}{${fields.join(', ')}}`;
    throw new SourceError(`malformed object; missing either 'eval_type' or 'eval_source': obj=${shown}`);
  }
  // Upstream names the type of the source in both.
  const given = typeof source === 'number' ? 'int' : goType(source);
  for (const [name, value] of [
    ['eval_source', source],
    ['eval_type', type],
  ] as const) {
    if (typeof value === 'string') continue;
    throw new SourceError(`malformed object; '${name}' was of wrong type; expected 'string' got '${given}'`);
  }
  const name = source as string;
  const run = sourceOf(name, from);
  if (run === undefined) throw new SourceError(`unknown value for 'eval_source': ${name}`);
  return convert(run(object, from), type as string);
}

const goSyntax = (value: JsonValue): string => (typeof value === 'string' ? quote(value) : print(value));

function convert(value: JsonValue, type: string): JsonValue {
  const fail = (message: string): SourceError =>
    new SourceError(`failed to convert value to type '${type}': ${message}`);
  const plain = (convert: (value: JsonValue) => JsonValue): JsonValue => {
    try {
      return convert(value);
    } catch (error) {
      if (!(error instanceof WeakDecodeError)) throw error;
      throw fail(`conversion-error: cannot convert value to type '${type}'`);
    }
  };
  const named = (to: string, convert: () => JsonValue): JsonValue => {
    try {
      return convert();
    } catch (error) {
      throw error instanceof WeakDecodeError ? fail(`cannot convert to ${to}: ${error.message}`) : error;
    }
  };
  switch (type) {
    case '':
    case 'any':
    case 'interface{}':
      return value;
    case 'string':
      return plain((from) => weakText(from));
    case 'int':
      return plain(weakInt);
    case 'float64':
      return plain(weakFloat);
    case 'bool':
      return plain(weakBool);
    case '[]string':
      return named('[]string', () => weakTexts(value));
    case 'map':
    case 'map[string]interface{}':
      return named('map[string]any', () => weakMap(value, true) ?? {});
    default:
      throw fail(`unsupported type conversion: ${type}`);
  }
}
