/** What a CEL role keeps, `cel_program`: read as Go's mapstructure reads it into structs, over what there is already. */
import type { CelVariable } from '../../cel/program.ts';
import { isObject, type JsonObject, type JsonValue } from '../../codec/json.ts';
import { goType, isList, isNumber, literalOf } from '../../framework/coerce.ts';

export interface Program {
  readonly variables: readonly CelVariable[];
  readonly expression: string;
}

export const NO_PROGRAM: Program = { variables: [], expression: '' };
const NO_VARIABLE: CelVariable = { name: '', expression: '' };

/** In the order in which Go's struct has them. */
export const shownProgram = ({ variables, expression }: Program): JsonValue =>
  new Map<string, JsonValue>([
    ...(variables.length === 0 ? [] : [['variables', variables.map(shownVariable)] as const]),
    ['expression', expression],
  ]);

const shownVariable = ({ name, expression }: CelVariable): JsonValue =>
  new Map([
    ['name', name],
    ['expression', expression],
  ]);

/** Says all that is wrong. */
export class ProgramError extends Error {}

const KINDS: Readonly<Record<string, string>> = {
  '[]interface {}': 'slice',
  'map[string]interface {}': 'map',
  // A number is kept as it was written.
  'json.Number': 'string',
};
const kindOf = (value: JsonValue): string => {
  const type = goType(value);
  return KINDS[type] ?? type;
};

/** Names in any letters; the one of Go's own struct comes first. */
function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  const named = Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase());
  return object[name] ?? (named === undefined ? undefined : object[named]);
}

class Decoder {
  readonly complaints: string[] = [];

  /** What is null or not there changes nothing. */
  text(object: JsonObject, name: string, within: string, present: string): string {
    const value = memberOf(object, name) ?? null;
    if (value === null) return present;
    if (typeof value === 'string') return value;
    if (isNumber(value)) return literalOf(value);
    this.complaints.push(`'${within}${name}' expected type 'string', got unconvertible type '${goType(value)}'`);
    return present;
  }

  variables(given: JsonValue, present: readonly CelVariable[]): readonly CelVariable[] {
    if (given === null) return present;
    if (!isList(given)) {
      this.complaints.push(`'Variables' source data must be an array or slice, got ${kindOf(given)}`);
      return present;
    }
    return given.map((item, i) => this.#variable(item, `Variables[${i}]`, present[i] ?? NO_VARIABLE));
  }

  #variable(item: JsonValue, where: string, present: CelVariable): CelVariable {
    if (item === null) return present;
    if (!isObject(item)) {
      this.complaints.push(`'${where}' expected a map or struct, got "${kindOf(item)}"`);
      return present;
    }
    return {
      name: this.text(item, 'Name', `${where}.`, present.name),
      expression: this.text(item, 'Expression', `${where}.`, present.expression),
    };
  }
}

/** Throws ProgramError. */
export function programOf(given: JsonObject, present: Program = NO_PROGRAM): Program {
  const decoder = new Decoder();
  const program = {
    variables: decoder.variables(memberOf(given, 'Variables') ?? null, present.variables),
    expression: decoder.text(given, 'Expression', '', present.expression),
  };
  if (decoder.complaints.length === 0) return program;
  throw new ProgramError(
    `failed to decode 'cel_program': decoding failed due to the following error(s):\n\n${decoder.complaints.join('\n')}`,
  );
}
