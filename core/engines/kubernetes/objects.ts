/** Rules and label selectors, which come as JSON or YAML in a text. */
import { isObject, JsonError, type JsonObject, type JsonValue } from '../../codec/json.ts';
import { JsonReader } from '../../codec/json-reader.ts';
import { quote } from '../../codec/go-quote.ts';
import { parseYaml, YamlError } from '../../codec/yaml.ts';
import { isList, isNumber, literalOf } from '../../framework/coerce.ts';

/** The text is no such object. */
export class ObjectError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ObjectError';
  }
}

function objectIn(text: string): JsonObject {
  let value: JsonValue;
  try {
    value = text.trimStart().startsWith('{') ? new JsonReader(text, 'stream').value() : parseYaml(text);
  } catch (error) {
    throw error instanceof JsonError || error instanceof YamlError ? new ObjectError(error.message) : error;
  }
  if (value === null) return {};
  if (!isObject(value)) throw new ObjectError('not an object');
  return value;
}

/** A scalar where a text belongs, as YAML readers take it. */
function text(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value === null) return '';
  if (isNumber(value)) return literalOf(value);
  throw new ObjectError('not a text');
}

function listOf<T>(value: JsonValue | undefined, read: (item: JsonValue) => T): T[] {
  if (value === undefined || value === null) return [];
  if (!isList(value)) throw new ObjectError('not a list');
  return value.map(read);
}

const RULE_FIELDS = ['verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs'];

/** What `rules` says, each with those of its fields that are not empty. Throws ObjectError. */
export function parseRules(source: string): JsonObject[] {
  return listOf(objectIn(source)['rules'], (rule) => {
    if (rule === null) return { verbs: null };
    if (!isObject(rule)) throw new ObjectError('not a rule');
    const fields = RULE_FIELDS.map((name) => [name, listOf(rule[name], text)] as const);
    return Object.fromEntries(fields.filter(([name, values]) => values.length > 0 || name === 'verbs'));
  });
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

export interface Selector {
  readonly labels: Readonly<Record<string, string>>;
  readonly expressions: readonly Requirement[];
}

/** Throws ObjectError. */
export function parseSelector(source: string): Selector {
  const object = objectIn(source);
  const labels = object['matchLabels'] ?? {};
  if (!isObject(labels)) throw new ObjectError('not labels');
  return {
    labels: Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, text(value)])),
    expressions: listOf(object['matchExpressions'], (one) => {
      if (!isObject(one)) throw new ObjectError('not a requirement');
      const { key = null, operator = null, values } = one;
      return { key: text(key), operator: text(operator), values: listOf(values, text) };
    }),
  };
}

/** Throws ObjectError for an operator that is none. */
export function selects({ labels, expressions }: Selector, present: Readonly<Record<string, string>>): boolean {
  const checks = expressions.map(({ key, operator, values }) => {
    const there = Object.hasOwn(present, key);
    const listed = there && values.includes(present[key]!);
    switch (operator) {
      case 'In':
        return listed;
      case 'NotIn':
        return !listed;
      case 'Exists':
        return there;
      case 'DoesNotExist':
        return !there;
      default:
        throw new ObjectError(`${quote(operator)} is not a valid label selector operator`);
    }
  });
  return checks.every(Boolean) && Object.entries(labels).every(([name, value]) => present[name] === value);
}
