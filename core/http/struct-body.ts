/** Bodies that upstream decodes into a Go struct: names without regard to case, kinds checked, the rest ignored. */
import { kindOf } from '../codec/json.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { coded } from '../fault.ts';
import { isNumber, literalOf, parseGoInt } from '../framework/coerce.ts';

export interface StructReader {
  string(name: string): string;
  bool(name: string): boolean;
  int(name: string): number;
  strings(name: string): readonly string[];
}

/** `struct` is Go's name without package, e.g. 'UnsealRequest'. */
export function structReader(body: JsonObject, struct: string): StructReader {
  const find = (name: string): JsonValue | undefined => {
    if (body[name] !== undefined) return body[name];
    const other = Object.keys(body).find((key) => key.toLowerCase() === name);
    return other === undefined ? undefined : body[other];
  };
  const refuse = (name: string, value: JsonValue, type: string, literal = ''): never => {
    const what = literal === '' ? kindOf(value) : `number ${literal}`;
    const text = `json: cannot unmarshal ${what} into Go struct field ${struct}.${name} of type ${type}`;
    throw coded(400, `failed to decode JSON input: ${text}`);
  };
  const refuseItem = (name: string, value: JsonValue, index: number): never => {
    const text = `json: cannot unmarshal ${kindOf(value)} into ${struct}.${name}.${index} of type string`;
    throw coded(400, `failed to decode JSON input: ${text}`);
  };
  return {
    string(name) {
      const value = find(name) ?? '';
      return typeof value === 'string' ? value : refuse(name, value, 'string');
    },
    bool(name) {
      const value = find(name) ?? false;
      return typeof value === 'boolean' ? value : refuse(name, value, 'bool');
    },
    int(name) {
      const value = find(name) ?? 0;
      const literal = isNumber(value) ? literalOf(value) : '';
      const whole = literal === '' ? 'syntax' : parseGoInt(literal, 10);
      if (typeof whole === 'bigint') return Number(whole);
      return refuse(name, value, 'int', literal);
    },
    strings(name) {
      const value = find(name) ?? [];
      if (!Array.isArray(value)) return refuse(name, value, '[]string');
      return (value as readonly JsonValue[]).map((item, index) =>
        typeof item === 'string' ? item : item === null ? '' : refuseItem(name, item, index),
      );
    },
  };
}
