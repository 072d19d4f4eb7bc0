/** A workflow's text (HCL or its JSON form): what it takes, the requests that it makes, and what it answers. */
import { quote } from '../../codec/go-quote.ts';
import { HclError, parseHcl } from '../../codec/hcl.ts';
import type { HclItem, HclObject, HclValue } from '../../codec/hcl.ts';
import { emptyObject, isObject } from '../../codec/json.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { inputTypes } from './input-types.ts';

/** The text is no workflow. */
export class DocumentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DocumentError';
  }
}

/** Values may be evaluated from a source when the request is made: see values.ts. */
export interface RequestBlock {
  readonly name: string;
  readonly operation: JsonValue;
  readonly path: JsonValue;
  /** Undefined: the default token. */
  readonly token: JsonValue | undefined;
  readonly data: JsonValue;
  readonly headers: JsonValue;
  readonly when: JsonValue | undefined;
  readonly allowFailure: JsonValue;
}

export interface FlowBlock {
  readonly name: string;
  /** Only of `initialize` blocks: whether there is anything to do. */
  readonly when?: JsonValue | undefined;
  readonly requests: readonly RequestBlock[];
}

export interface InputField {
  readonly type: string;
  readonly name: string;
  readonly fallback: JsonValue | undefined;
  readonly required: boolean;
}

export interface Document {
  /** Undefined: there is no input block, and no source of that name. */
  readonly input: readonly InputField[] | undefined;
  readonly flows: readonly FlowBlock[];
  readonly output: { readonly data: JsonValue } | undefined;
}

/** An item below its first key. */
interface Block {
  readonly keys: readonly string[];
  readonly value: HclValue;
}

const KNOWN = {
  input: ['field'],
  field: ['type', 'name', 'default', 'description', 'required', 'deprecated', 'query', 'allowed_values'],
  flow: ['type', 'request'],
  request: ['type', 'operation', 'path', 'token', 'data', 'headers', 'when', 'allow_failure'],
  output: ['data', 'headers'],
} as const;

/** These are read in any case, too, but then told as unknown. */
const BLOCKS: ReadonlySet<string> = new Set(['field', 'request']);

/** Throws DocumentError. */
export function parseDocument(text: string): Document {
  let file: HclObject;
  try {
    file = parseHcl(text);
  } catch (error) {
    if (error instanceof HclError) throw new DocumentError(`failed during HCL parsing: ${error.message}`);
    throw error;
  }
  const unknown: string[] = [];
  const inputs = blocksOf(file, 'input');
  const input = within('failed to parse input configuration block', () =>
    only(inputs, 'input', (value) => inputOf(value, unknown)),
  );
  const flows = within('failed to parse workflow', () =>
    blocksOf(file, 'flow').map((block, i) => flowOf(block, i, unknown)),
  );
  const outputs = blocksOf(file, 'output');
  const output = within('failed to parse output configuration block', () =>
    only(outputs, 'output', (value) => outputOf(value, unknown)),
  );
  if (flows.length === 0) throw new DocumentError('workflow must have at least one "flow" block');
  if (unknown.length > 0) throw new DocumentError(unknown.join('\n'));
  return { input, flows, output };
}

function within<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof DocumentError ? new DocumentError(`${where}: ${error.message}`) : error;
  }
}

/** In letters of any case. */
const isNamed = ({ keys }: HclItem, name: string): boolean => keys[0]?.text.toLowerCase() === name;

const blocksOf = (object: HclObject, name: string): Block[] =>
  object.items
    .filter((item) => isNamed(item, name))
    .map(({ keys, value }) => ({ keys: keys.slice(1).map(({ text }) => text), value }));

function only<T>(blocks: readonly Block[], name: string, read: (value: HclValue) => T): T | undefined {
  if (blocks.length > 1) throw new DocumentError(`only a single '${name}' block is allowed`);
  const [block] = blocks;
  if (block === undefined) return undefined;
  if (block.keys.length > 1) throw new DocumentError(`${name}: type must not be specified in the block definition`);
  return within(name, () => read(block.value));
}

/** The object, with its keys that nobody knows noted. Throws DocumentError for what is none. */
function objectOf(value: HclValue, kind: keyof typeof KNOWN, unknown: string[], before = ''): HclObject {
  if (value.kind !== 'object') {
    const type = value.kind === 'list' ? '*ast.ListType' : '*ast.LiteralType';
    const { line, column } = value.position;
    throw new DocumentError(`${before}At ${line}:${column}: root: not an object type for struct (${type})`);
  }
  for (const { keys } of value.items) {
    const key = keys[0]!;
    const other = key.text.toLowerCase();
    const known: readonly string[] = KNOWN[kind];
    if (!known.includes(key.text) && (BLOCKS.has(other) || !known.includes(other))) {
      const { line, column } = key.position;
      unknown.push(`unknown or unsupported field ${key.text} found in configuration at workflow:${line}:${column}`);
    }
  }
  return value;
}

const DECODING = 'decoding into object failed with error: ';

const valueOf = (object: HclObject, key: string): JsonValue | undefined =>
  decodeItems(object.items.filter((item) => isNamed(item, key)));

const textOf = (object: HclObject, key: string): string => {
  const value = valueOf(object, key);
  return typeof value === 'string' ? value : '';
};

function inputOf(value: HclValue, unknown: string[]): readonly InputField[] {
  const object = objectOf(value, 'input', unknown, DECODING);
  return blocksOf(object, 'field').map((block, i) =>
    within(`error parsing 'field': field.${i}`, () => fieldOf(block, unknown)),
  );
}

function fieldOf({ keys, value }: Block, unknown: string[]): InputField {
  const object = objectOf(value, 'field', unknown, DECODING);
  const [type, name] = keys.length === 2 ? keys : [textOf(object, 'type'), keys[0] ?? textOf(object, 'name')];
  if (type === '' || name === '' || keys.length > 2) {
    throw new DocumentError('field type and name must be specified either as keys or block parameters');
  }
  if (!Object.hasOwn(inputTypes, type!)) throw new DocumentError(`unknown field type: ${quote(type!)}`);
  return {
    type: type!,
    name: name!,
    fallback: valueOf(object, 'default'),
    required: valueOf(object, 'required') === true,
  };
}

/** Upstream counts the labels of a block, whatever they say. */
const nameOf = (object: Parameters<typeof textOf>[0], keys: readonly string[]): string | undefined =>
  textOf(object, 'type') || (keys.length === 1 ? keys[0] : undefined);

function flowOf({ keys, value }: Block, index: number, unknown: string[]): FlowBlock {
  return within(`flow.${index}`, () => {
    const object = objectOf(value, 'flow', unknown, DECODING);
    const name = nameOf(object, keys);
    if (name === undefined) throw new DocumentError('flow type must be specified');
    const requests = blocksOf(object, 'request').map((block, i) =>
      within(`error parsing 'request': request.${i}`, () => requestOf(block, unknown)),
    );
    return { name, requests };
  });
}

function requestOf({ keys, value }: Block, unknown: string[]): RequestBlock {
  const object = objectOf(value, 'request', unknown, DECODING);
  const name = nameOf(object, keys);
  if (name === undefined) throw new DocumentError('initialize type must be specified');
  return requestBlock(name, (key) => valueOf(object, key));
}

/** From the fields of a block, wherever they stand. */
export function requestBlock(name: string, get: (key: string) => JsonValue | undefined): RequestBlock {
  return {
    name,
    operation: get('operation') ?? null,
    path: get('path') ?? null,
    token: get('token'),
    data: get('data') ?? null,
    headers: get('headers') ?? null,
    when: get('when'),
    allowFailure: get('allow_failure') ?? null,
  };
}

function outputOf(value: HclValue, unknown: string[]): { data: JsonValue } {
  const object = objectOf(value, 'output', unknown);
  const headers = object.items.find(({ keys }) => keys[0]?.text === 'headers')?.value;
  for (const { value: header } of headers?.kind === 'object' ? headers.items : []) {
    if (header.kind === 'list') continue;
    const type = header.kind === 'object' ? '*ast.ObjectType' : '*ast.LiteralType';
    throw new DocumentError(`At ${header.position.line}:${header.position.column}: unknown slice type: ${type}`);
  }
  return { data: valueOf(object, 'data') ?? null };
}

/** The same key several times is one object with all of it; of other values the last counts. */
function decodeItems(items: readonly HclItem[]): JsonValue | undefined {
  let value: JsonValue | undefined;
  for (const { keys, value: own } of items) {
    // Labels are objects around the value.
    const one = keys.slice(1).reduceRight<JsonValue>((inner, { text }) => ({ [text]: inner }), decodeValue(own));
    value = value !== undefined && isObject(value) && isObject(one) ? { ...value, ...one } : one;
  }
  return value;
}

/** As upstream decodes HCL into a value of no type: an object is an object, given several times or not. */
export function decodeValue(value: HclValue): JsonValue {
  if (value.kind === 'literal') return value.value;
  if (value.kind === 'list') return value.items.map(decodeValue);
  const object: JsonObject = emptyObject();
  for (const { keys } of value.items) {
    const key = keys[0]!.text;
    object[key] ??= decodeItems(value.items.filter((item) => item.keys[0]!.text === key)) ?? null;
  }
  return object;
}
