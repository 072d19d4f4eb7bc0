/** Values of an `initialize` stanza: literals, and objects that say where a value comes from (facts §10). */
import { quote } from '../../codec/go-quote.ts';
import { GoTemplate } from '../../codec/go-template/template.ts';
import type { TemplateWorld } from '../../codec/go-template/upstream-functions.ts';
import { upstreamFunctions } from '../../codec/go-template/upstream-functions.ts';
import { fromJson } from '../../codec/go-template/values.ts';
import type { HclValue } from '../../codec/hcl.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { isObject, jsonObject } from '../../codec/json.ts';
import { rawObject } from '../configuration/raw.ts';

/** What a value may be taken from. */
export interface Sources {
  readonly environment: (name: string) => string | undefined;
  /** Throws with Go's text. */
  readonly readFile: (path: string) => string;
  /** Of the requests made so far, by block and name, as upstream prints them. */
  readonly requests: Readonly<Record<string, JsonObject>>;
  readonly responses: Readonly<Record<string, JsonObject>>;
  readonly world: TemplateWorld;
  /** The value of a CEL expression over `requests` and `responses`. Throws with cel-go's text. */
  readonly cel: (expression: string) => JsonValue;
}

type Source = (fields: JsonObject, sources: Sources) => JsonValue;

/** A literal, or what its source gives. `path` names it in errors: 'map' and the keys below. Throws Error. */
export function evaluated(value: HclValue, sources: Sources, path: string): JsonValue {
  if (value.kind === 'literal') return value.value;
  if (value.kind === 'list') return value.items.map((item, index) => evaluated(item, sources, `${path}.${index}`));
  const keys = value.items.map(({ keys: [key] }) => key?.text ?? '');
  if (!keys.includes('eval_source') && !keys.includes('eval_type')) {
    const entries = value.items.map((item): [string, JsonValue] => {
      const key = item.keys[0]?.text ?? '';
      return [key, evaluated(item.value, sources, `${path}.${key}`)];
    });
    return jsonObject(Object.fromEntries(entries));
  }
  try {
    return fromSource(rawObject(value), sources);
  } catch (error) {
    throw new Error(`while evaluating ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function fromSource(fields: JsonObject, sources: Sources): JsonValue {
  const [name, type] = [fields['eval_source'], fields['eval_type']];
  if (typeof name !== 'string' || typeof type !== 'string') {
    throw new Error("malformed object; missing either 'eval_type' or 'eval_source'");
  }
  const source = SOURCES[name];
  if (source === undefined) throw new Error(`unknown value for 'eval_source': ${name}`);
  return converted(source(fields, sources), type);
}

const SOURCES: Readonly<Record<string, Source>> = {
  env(fields, { environment }) {
    const name = required(fields, 'env', 'env_var');
    const value = environment(name);
    if (value === undefined && fields['require_present'] === true) {
      throw invalid('env', `env source required variable ${name} to be present but was missing`);
    }
    return value ?? '';
  },
  file(fields, { readFile }) {
    const path = required(fields, 'file', 'path');
    try {
      return readFile(path);
    } catch (error) {
      throw invalid('file', `failed to open file: ${messageOf(error)}`);
    }
  },
  request: (fields, { requests }) => selected(fields, 'request', 'request_name', requests),
  response: (fields, { responses }) => selected(fields, 'response', 'response_name', responses),
  cel: (fields, { cel }) => {
    const expression = required(fields, 'cel', 'expression');
    try {
      return cel(expression);
    } catch (error) {
      throw invalid('cel', `CEL source failed to validate program: ${messageOf(error)}`);
    }
  },
  template: (fields, { requests, responses, world }) => {
    const text = required(fields, 'template', 'template');
    let template: GoTemplate;
    try {
      template = new GoTemplate(text, upstreamFunctions(world));
    } catch (error) {
      throw invalid('template', `failed to build new templator: unable to parse template: ${messageOf(error)}`);
    }
    // An object in HCL is a list of objects.
    const [given] = [fields['data']].flat();
    try {
      return template.run(fromJson({ ...(isObject(given) ? given : {}), requests, responses }));
    } catch (error) {
      const reason = `failed to execute templator: unable to apply template: ${messageOf(error)}`;
      throw new Error(`failed to evaluate source 'template': ${reason}`, { cause: error });
    }
  },
};

const invalid = (source: string, reason: string): Error =>
  new Error(`failed to validate source '${source}': ${reason}`);

function required(fields: JsonObject, source: string, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(source, `${source} source is missing required field '${name}'`);
}

function selected(
  fields: JsonObject,
  source: string,
  nameField: string,
  history: Readonly<Record<string, JsonObject>>,
): JsonValue {
  const outer = fields['initialize_name'];
  if (typeof outer !== 'string') {
    throw invalid(source, `${source} source is missing required field "initialize_name"`);
  }
  const inner = required(fields, source, nameField);
  const failed = (reason: string): Error => new Error(`failed to evaluate source '${source}': ${reason}`);
  const block = history[outer];
  if (block === undefined) throw failed(`missing outer block '${outer}'`);
  let found: JsonValue | undefined = block[inner];
  if (found === undefined) throw failed(`in outer block '${outer}': missing inner block '${inner}'`);
  const selector = fields['field_selector'];
  for (const [depth, key] of (Array.isArray(selector) ? selector : [selector ?? '']).entries()) {
    const next: JsonValue | undefined = isObject(found) ? found[String(key)] : undefined;
    if (next === undefined)
      throw failed(`error resolving field: field ${quote(String(key))} at depth ${depth} is missing`);
    found = next;
  }
  return found;
}

/** To the Go type that was asked for, where it is of its kind or a text that says it. */
function converted(value: JsonValue, type: string): JsonValue {
  const convert = CONVERSIONS[type];
  if (convert === undefined) {
    throw new Error(`failed to convert value to type '${type}': unsupported type conversion: ${type}`);
  }
  const result = convert(value);
  if (result !== undefined) return result;
  const reason = `conversion-error: cannot convert value to type '${type}'`;
  throw new Error(`failed to convert value to type '${type}': ${reason}`);
}

const number = (pattern: RegExp) => (value: JsonValue) => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && pattern.test(value) ? Number(value) : undefined;
};

const CONVERSIONS: Readonly<Record<string, (value: JsonValue) => JsonValue | undefined>> = {
  any: (value) => value,
  'interface{}': (value) => value,
  string: (value) => (typeof value === 'object' ? undefined : String(value)),
  int: number(/^[+-]?\d+$/),
  float64: number(/^[+-]?\d+(\.\d+)?$/),
  bool: (value) => {
    if (typeof value === 'boolean') return value;
    return value === 'true' ? true : value === 'false' ? false : undefined;
  },
  '[]string': (value) => (Array.isArray(value) ? value.map(String) : undefined),
  map: (value) => (isObject(value) ? value : undefined),
  'map[string]interface{}': (value) => (isObject(value) ? value : undefined),
};

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
