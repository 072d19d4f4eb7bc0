/** Rules and label selectors, which come as JSON or YAML in a text. */
import { compareText } from '../../codec/bytes.ts';
import { emptyObject, isObject, JsonError, type JsonObject, type JsonValue, sortedKeys } from '../../codec/json.ts';
import { JsonReader } from '../../codec/json-reader.ts';
import { foldName } from '../../codec/go-struct.ts';
import { quote } from '../../codec/go-quote.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { parseYaml, YamlError } from '../../codec/yaml.ts';
import { isList, isNumber, literalOf } from '../coerce.ts';

/** The text is no such object. */
export class ObjectError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ObjectError';
  }
}

/** Undefined for what only looks like JSON: it may be YAML. */
function jsonIn(text: string): JsonValue | undefined {
  try {
    return new JsonReader(text, 'stream').value();
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function objectIn(text: string): JsonObject {
  let value: JsonValue;
  try {
    value = (text.trimStart().startsWith('{') ? jsonIn(text) : undefined) ?? parseYaml(text);
  } catch (error) {
    throw error instanceof YamlError ? new ObjectError(error.message) : error;
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

function optionalListOf<T>(value: JsonValue | undefined, read: (item: JsonValue) => T): T[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isList(value)) throw new ObjectError('not a list');
  return value.map(read);
}

/** A name may come in several spellings: all have to be of the right type, and the last one in Go's order counts. */
const membersOf = (object: JsonObject, name: string): JsonValue[] =>
  sortedKeys(object)
    .filter((key) => foldName(key) === foldName(name))
    .map((key) => object[key]!);

const lastList = <T>(object: JsonObject, name: string, read: (item: JsonValue) => T): T[] | undefined =>
  membersOf(object, name)
    .map((value) => optionalListOf(value, read))
    .at(-1);

const lastText = (object: JsonObject, name: string): string => membersOf(object, name).map(text).at(-1) ?? '';

const RULE_FIELDS = ['verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs'];

/** What `rules` says, each with those of its fields that are not empty. Throws ObjectError. */
export function parseRules(source: string): JsonObject[] {
  const rules = lastList(objectIn(source), 'rules', (rule) => {
    if (rule === null) return { verbs: null };
    if (!isObject(rule)) throw new ObjectError('not a rule');
    const fields = RULE_FIELDS.map((name) => [name, lastList(rule, name, text) ?? []] as const);
    return Object.fromEntries(fields.filter(([name, values]) => values.length > 0 || name === 'verbs'));
  });
  return rules ?? [];
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

export interface Selector {
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined where there are none, which is not an empty list. */
  readonly expressions: readonly Requirement[] | undefined;
}

/** Throws ObjectError. */
export function parseSelector(source: string): Selector {
  const object = objectIn(source);
  const labels = emptyObject() as Record<string, string>;
  for (const some of membersOf(object, 'matchLabels')) {
    if (some === null) continue;
    if (!isObject(some)) throw new ObjectError('not labels');
    for (const [name, value] of Object.entries(some)) labels[name] = text(value);
  }
  const expressions = lastList(object, 'matchExpressions', (one) => {
    if (!isObject(one)) throw new ObjectError('not a requirement');
    return {
      key: lastText(one, 'key'),
      operator: lastText(one, 'operator'),
      values: lastList(one, 'values', text) ?? [],
    };
  });
  return { labels, expressions };
}

/** Throws ObjectError for an operator that is none. */
export function selects({ labels, expressions = [] }: Selector, present: Readonly<Record<string, string>>): boolean {
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

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const ALPHANUMERIC = "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const NAME_RULE = `must consist of ${ALPHANUMERIC} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`;
const VALUE_RULE = `a valid label must be an empty string or consist of ${ALPHANUMERIC} (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`;
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const tooLong = (text: string, most: number): string[] =>
  encodeUtf8(text).length > most ? [`must be no more than ${most} bytes`] : [];

function nameFaults(text: string): string[] {
  const parts = text.split('/');
  if (parts.length > 2) {
    return [`a valid label key ${NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const [prefix, name] = parts.length === 2 ? [parts[0]!, parts[1]!] : [undefined, text];
  const ofPrefix =
    prefix === undefined
      ? []
      : prefix === ''
        ? ['must be non-empty']
        : [...tooLong(prefix, 253), ...(SUBDOMAIN.test(prefix) ? [] : [SUBDOMAIN_RULE])];
  const ofName = name === '' ? ['must be non-empty'] : tooLong(name, 63);
  return [
    ...ofPrefix.map((fault) => `prefix part ${fault}`),
    ...[...ofName, ...(NAME.test(name) ? [] : [NAME_RULE])].map((fault) => `name part ${fault}`),
  ];
}

/** Throws ObjectError with Kubernetes' words for labels that none can have. */
export function checkLabels({ labels }: Selector): void {
  for (const [name, value] of Object.entries(labels).sort(([a], [b]) => compareText(a, b))) {
    const ofValue = [...tooLong(value, 63), ...(VALUE.test(value) ? [] : [VALUE_RULE])];
    const wrong = [
      { at: 'key', text: name, faults: nameFaults(name) },
      { at: `values[0][${name}]`, text: value, faults: ofValue },
    ].filter(({ faults }) => faults.length > 0);
    const told = wrong.map(({ at, text, faults }) => `${at}: Invalid value: ${quote(text)}: ${faults.join('; ')}`);
    if (told.length > 0) throw new ObjectError(told.length === 1 ? told[0]! : `[${told.join(', ')}]`);
  }
}
