/** Where values of a request come from: earlier requests and responses, the input, CEL, templates, the machine. */
import { CelEnv } from '../../cel/environment.ts';
import { resultJson } from '../../cel/native.ts';
import { CelProgram, CelProgramError } from '../../cel/program.ts';
import type { CelVariable } from '../../cel/program.ts';
import { CelMap, fromJson } from '../../cel/values.ts';
import type { CelValue } from '../../cel/values.ts';
import { quote } from '../../codec/go-quote.ts';
import { GoTemplate, GoTemplateError } from '../../codec/go-template/template.ts';
import { upstreamFunctions } from '../../codec/go-template/upstream-functions.ts';
import type { TemplateWorld } from '../../codec/go-template/upstream-functions.ts';
import { fromJson as templateValue } from '../../codec/go-template/values.ts';
import { isObject } from '../../codec/json.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { goType } from '../../framework/coerce.ts';
import type { History } from './history.ts';
import { ReferenceError } from './history.ts';

/** A value cannot be had; the text says where and why. */
export class SourceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SourceError';
  }
}

/** What sources draw from. */
export interface Sources {
  readonly history: History;
  /** Undefined: no such source. */
  readonly input: Input | undefined;
  readonly world: TemplateWorld;
  readonly outer: Outer;
  /** Undefined: no such sources. */
  readonly outside: Outside | undefined;
}

/** The blocks of a workflow, and those of a server's self-initialisation. */
export type Outer = 'flow' | 'initialize';

export interface Outside {
  readonly environment: (name: string) => string | undefined;
  /** Throws with Go's text. */
  readonly readFile: (path: string) => string;
}

export interface Input {
  /** All that was sent. */
  readonly raw: JsonObject;
  /** A declared field; undefined: there is none of that name. */
  get(name: string): JsonValue | undefined;
}

export type Source = (given: JsonObject, sources: Sources) => JsonValue;

const typeOf = (value: JsonValue): string =>
  typeof value === 'number' ? (Number.isInteger(value) ? 'int' : 'float64') : goType(value);

const invalid = (source: string, message: string): SourceError =>
  new SourceError(`failed to validate source '${source}': ${message}`);

const failed = (source: string, message: string): SourceError =>
  new SourceError(`failed to evaluate source '${source}': ${message}`);

function textField(given: JsonObject, source: string, name: string, missing: string, wrong = `'${name}'`): string {
  const value = given[name];
  if (value === undefined) throw invalid(source, missing);
  if (typeof value !== 'string') {
    throw invalid(source, `field ${wrong} is of wrong type: expected 'string' got '${typeOf(value)}'`);
  }
  return value;
}

/** The two differ in how they quote. */
function referenceSource(kind: 'request' | 'response'): Source {
  const [single, double] = kind === 'request' ? [`'`, `"`] : [`"`, `'`];
  const own = `${kind}_name`;
  const lists = kind === 'request' ? '[]string, or []any' : '[]string, []any';
  return (given, { history, outer }) => {
    const missing = (name: string, mark: string): string =>
      `${kind} source is missing required field ${mark}${name}${mark}`;
    const block = `${outer}_name`;
    const flow = textField(given, kind, block, missing(block, single), `${single}${block}${single}`);
    const name = textField(given, kind, own, missing(own, double));
    const selector = given['field_selector'] ?? null;
    if (typeof selector !== 'string' && typeof selector !== 'number' && !Array.isArray(selector)) {
      const type = selector === null ? '<nil>' : typeOf(selector);
      throw invalid(
        kind,
        `unknown type for ${kind} source field 'field_selector': ${type}; expected either string, ${lists}`,
      );
    }
    try {
      return history.find(kind, flow, name, selector);
    } catch (error) {
      throw error instanceof ReferenceError ? failed(kind, error.message) : error;
    }
  };
}

function inputSource(given: JsonObject, { input }: Sources): JsonValue {
  const name = textField(given, 'input', 'field_name', 'input source is missing required field "field_name"');
  const value = input!.get(name);
  if (value === undefined) throw invalid('input', `referenced field ${quote(name)} is missing from schema`);
  return value;
}

function templateSource(given: JsonObject, { history, input, world }: Sources): JsonValue {
  const text = textField(given, 'template', 'template', "template source is missing required field 'template'");
  const data = given['data'] ?? {};
  if (!isObject(data)) {
    throw invalid('template', `field 'data' is of wrong type: expected 'map[string]any' got '${typeOf(data)}'`);
  }
  if (text === '') throw invalid('template', 'failed to build new templator: missing template');
  let template: GoTemplate;
  try {
    template = new GoTemplate(text, upstreamFunctions(world));
  } catch (error) {
    if (!(error instanceof GoTemplateError)) throw error;
    throw invalid('template', `failed to build new templator: unable to parse template: ${error.message}`);
  }
  try {
    const own = templateValue({
      ...data,
      requests: history.requests() ?? {},
      responses: history.responses() ?? {},
      ...(input !== undefined && { input: input.raw }),
    });
    return template.run(own);
  } catch (error) {
    if (!(error instanceof GoTemplateError)) throw error;
    throw failed('template', `failed to execute templator: unable to apply template: ${error.message}`);
  }
}

function variablesOf(given: JsonObject): CelVariable[] {
  const list = given['variables'];
  if (list === undefined || (isObject(list) && Object.keys(list).length === 0)) return [];
  if (!Array.isArray(list)) {
    throw invalid('cel', "field 'variables' is of wrong outer type: expected '[]any' got '[]interface {}'");
  }
  return (list as readonly JsonValue[]).map((item, i) => {
    const field = `field 'variables[${i}]`;
    if (!isObject(item)) {
      throw invalid('cel', `${field}' is of wrong inner type: expected 'map[string]any' got '[]interface {}'`);
    }
    const { name, expression, ...rest } = item;
    for (const [key, value] of [
      ['name', name],
      ['expression', expression],
    ] as const) {
      if (value === undefined) throw invalid('cel', `${field}.${key}' is missing`);
      if (typeof value !== 'string') {
        throw invalid('cel', `${field}.${key}' is of wrong type: expected 'string' got '${typeOf(value)}'`);
      }
    }
    if (Object.keys(rest).length > 0) {
      throw invalid('cel', `${field}.name' has extraneous elements besides 'name' and 'expression'`);
    }
    return { name: name as string, expression: expression as string };
  });
}

function celSource(given: JsonObject, { history, input }: Sources): JsonValue {
  const expression = textField(given, 'cel', 'expression', "cel source is missing required field 'expression'");
  const map = 'map(string, dyn)';
  const env = new CelEnv({ variables: { requests: map, responses: map, ...(input !== undefined && { input: map }) } });
  const variables = variablesOf(given);
  let program: CelProgram;
  try {
    program = new CelProgram(env, variables, expression);
  } catch (error) {
    if (!(error instanceof CelProgramError)) throw error;
    throw invalid('cel', `CEL source failed to validate program: ${error.message}`);
  }
  const bindings = new Map<string, CelValue>([
    ['requests', recorded(history.requests())],
    ['responses', recorded(history.responses())],
  ]);
  if (input !== undefined) bindings.set('input', fromJson(input.raw));
  try {
    return resultJson(program.run(bindings));
  } catch (error) {
    if (!(error instanceof CelProgramError)) throw error;
    throw failed('cel', `CEL source failed to evaluate: ${error.message}`);
  }
}

/** Without anything recorded a map without keys, which Go shows as null. */
const recorded = (value: JsonValue): CelValue => (value === null ? new CelMap([], null) : fromJson(value, false));

function environmentSource(given: JsonObject, { outside }: Sources): JsonValue {
  const name = textField(given, 'env', 'env_var', "env source is missing required field 'env_var'");
  const value = outside!.environment(name);
  if (value === undefined && given['require_present'] === true) {
    throw invalid('env', `env source required variable ${name} to be present but was missing`);
  }
  return value ?? '';
}

function fileSource(given: JsonObject, { outside }: Sources): JsonValue {
  const path = textField(given, 'file', 'path', "file source is missing required field 'path'");
  try {
    return outside!.readFile(path);
  } catch (error) {
    throw invalid('file', `failed to open file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const common: Readonly<Record<string, Source>> = {
  request: referenceSource('request'),
  response: referenceSource('response'),
  template: templateSource,
  cel: celSource,
};
const outsideSources: Readonly<Record<string, Source>> = { env: environmentSource, file: fileSource };

/** Undefined: there is none of that name. */
export function sourceOf(name: string, { input, outside }: Sources): Source | undefined {
  if (name === 'input') return input === undefined ? undefined : inputSource;
  const known = outside === undefined ? common : { ...common, ...outsideSources };
  return Object.hasOwn(known, name) ? known[name] : undefined;
}
