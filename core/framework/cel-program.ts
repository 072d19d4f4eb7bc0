/** Programs as roles keep and show them, and as clients send them: read as upstream's mapstructure reads them. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { isObject } from '../codec/json.ts';
import { asList, asString, memberOf } from '../codec/json-fields.ts';
import type { Fault } from '../fault.ts';
import { goType, isList, isNumber, literalOf } from './coerce.ts';
import type { CelVariable } from '../cel/program.ts';

export interface StoredProgram {
  readonly variables: readonly CelVariable[];
  readonly expression: string;
}

const emptyProgram: StoredProgram = { variables: [], expression: '' };

/** In the order in which Go's struct has them. */
export const shownProgram = ({ variables, expression }: StoredProgram): ReadonlyMap<string, JsonValue> =>
  new Map<string, JsonValue>([
    ...(variables.length === 0 ? [] : [['variables', variables.map(shownVariable)] as const]),
    ['expression', expression],
  ]);

const shownVariable = ({ name, expression }: CelVariable): JsonValue =>
  new Map([
    ['name', name],
    ['expression', expression],
  ]);

export function storedProgram(stored: JsonObject): StoredProgram {
  const text = (of: JsonObject, name: string): string => asString(of[name]) ?? '';
  const variables = (asList(stored['variables']) ?? []).filter(isObject);
  return {
    variables: variables.map((one) => ({ name: text(one, 'name'), expression: text(one, 'expression') })),
    expression: text(stored, 'expression'),
  };
}

/** What was sent over what was there, variables by their place. Throws this fault for what is of a wrong type. */
export function sentProgram(sent: JsonObject, fault: (text: string) => Fault, before = emptyProgram): StoredProgram {
  const complaints: string[] = [];
  const text = (of: JsonObject, name: string, path: string, old: string): string => {
    const value = memberOf(of, name) ?? null;
    if (value === null) return old;
    if (typeof value === 'string') return value;
    if (isNumber(value)) return literalOf(value);
    complaints.push(`'${path}${name}' expected type 'string', got unconvertible type '${goType(value)}'`);
    return old;
  };
  const list = memberOf(sent, 'Variables') ?? null;
  if (list !== null && !isList(list)) {
    complaints.push(`'Variables' source data must be an array or slice, got ${goKind(list)}`);
  }
  const variables = !isList(list)
    ? before.variables
    : list.map((one, i): CelVariable => {
        const old = before.variables[i] ?? { name: '', expression: '' };
        const path = `Variables[${i}]`;
        if (one !== null && !isObject(one)) complaints.push(`'${path}' expected a map or struct, got "${goKind(one)}"`);
        if (!isObject(one)) return old;
        return {
          name: text(one, 'Name', `${path}.`, old.name),
          expression: text(one, 'Expression', `${path}.`, old.expression),
        };
      });
  const expression = text(sent, 'Expression', '', before.expression);
  if (complaints.length > 0) {
    const what = "failed to decode 'cel_program': decoding failed due to the following error(s):";
    throw fault(`${what}\n\n${complaints.join('\n')}`);
  }
  return { variables, expression };
}

/** reflect.Kind: a json.Number is a string. */
function goKind(value: JsonValue): string {
  if (isList(value)) return 'slice';
  if (isObject(value)) return 'map';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
