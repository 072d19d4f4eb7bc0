/** Values of a configuration file, converted as upstream's decoder does, with its words for what cannot be. */
import type { HclItem, HclObject, HclPosition, HclValue } from '../../codec/hcl.ts';
import { quote } from '../../codec/go-quote.ts';
import { toMicros } from '../../framework/coerce-time.ts';
import { type Micros, SECOND } from '../../runtime.ts';

/** What is wrong with a configuration, in one line. */
export class ConfigurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigurationError';
  }
}

/** How a block's values are complained about. */
export interface Wording {
  /** Before "At line:column …", e.g. 'listeners.0: '. */
  readonly place: string;
  /** Before the reason why a value cannot be converted. */
  readonly wrong: (name: string, kind: 'boolean' | 'other') => string;
  /** JSON has lost its positions. */
  readonly json: boolean;
}

/** Top-level keys are not named. */
export const topWording = (json: boolean): Wording => ({ place: '', wrong: () => '', json });

/** Where something stands, as upstream prints it. */
export const placeOf = (position: HclPosition, json: boolean): string =>
  json ? '-' : `${position.line}:${position.column}`;

/** One block: reads its keys, remembers which ones nobody asked for. */
export class Block {
  readonly #items = new Map<string, HclItem>();
  readonly #unread = new Map<string, HclItem>();
  readonly #wording: Wording;

  /** Names are not case-sensitive; of two equal ones the last counts. */
  constructor(object: HclObject, wording: Wording = topWording(false)) {
    this.#wording = wording;
    for (const item of object.items) {
      const name = item.keys[0]?.text.toLowerCase() ?? '';
      this.#items.set(name, item);
      this.#unread.set(name, item);
    }
  }

  #take(name: string): HclValue | undefined {
    this.#unread.delete(name);
    return this.#items.get(name)?.value;
  }

  #fault(at: HclPosition, what: string): ConfigurationError {
    const { place, json } = this.#wording;
    return new ConfigurationError(`${place}At ${placeOf(at, json)}: ${what}`);
  }

  /** Upstream takes a block apart before it finds that a block cannot be there: its place is that of what it begins with. */
  #mismatch(path: string, value: HclValue, what: string): ConfigurationError {
    const first = value.kind === 'object' ? value.items[0]?.keys[0]?.position : undefined;
    const node = value.kind === 'object' ? '*ast.ObjectList' : GO_NODES[value.kind];
    return this.#fault(first ?? value.position, `root.${path}: ${what} ${node}`);
  }

  /** What upstream's decoder makes of a number, whatever it is for; undefined for what is none. */
  #number(value: HclValue): number | undefined {
    if (value.kind !== 'literal' || typeof value.value !== 'number') return undefined;
    if (value.type === 'number' && Math.abs(value.value) >= 2 ** 63) {
      throw new ConfigurationError(
        `${this.#wording.place}strconv.ParseInt: parsing ${quote(value.source)}: value out of range`,
      );
    }
    return value.value;
  }

  /** Where upstream reads the whole block first, and minds no types. */
  checkNumbers(): void {
    for (const { value } of this.#items.values()) this.#number(value);
  }

  /** The value itself, for what is read elsewhere. */
  value(name: string): HclValue | undefined {
    const value = this.#take(name);
    if (value !== undefined) this.#number(value);
    return value;
  }

  /** Marks keys as known that mean nothing here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#unread.delete(name);
  }

  has(name: string): boolean {
    return this.#items.has(name);
  }

  string(name: string, usual = ''): string {
    const value = this.#take(name);
    return value === undefined ? usual : (this.#text(name, value) ?? usual);
  }

  /** Texts, and whole numbers as they are written; undefined for null. */
  #text(path: string, value: HclValue): string | undefined {
    if (value.kind === 'literal') {
      if (value.type === 'string' || value.type === 'heredoc') return String(value.value);
      if (value.type === 'number') return value.source;
      if (value.type === 'null') return undefined;
    }
    throw this.#mismatch(path, value, 'unknown type for string');
  }

  /** Booleans, numbers, and texts that Go's ParseBool takes. */
  boolean(name: string, usual = false): boolean {
    const value = this.#take(name);
    return value === undefined ? usual : this.#boolean(value, this.#wording.wrong(name, 'boolean'));
  }

  /** Looks at a key that is known no more, and leaves it unknown; undefined where it is not said. */
  formerBoolean(name: string): boolean | undefined {
    const value = this.#items.get(name)?.value;
    return value === undefined ? undefined : this.#boolean(value, `error parsing '${name}': `);
  }

  #boolean(value: HclValue, before: string): boolean {
    if (value.kind === 'literal' && value.value === null) return false;
    const number = this.#number(value);
    if (number !== undefined) return number !== 0;
    if (value.kind !== 'literal') throw new ConfigurationError(`${before}${unconvertible('bool', value)}`);
    const found = booleanOf(value.value);
    if (found !== undefined) return found;
    const reason = `cannot parse '' as bool: strconv.ParseBool: parsing ${quote(String(value.value))}: invalid syntax`;
    throw new ConfigurationError(`${before}${reason}`);
  }

  /** Booleans and nothing else. */
  strictBoolean(name: string, usual = false): boolean {
    const value = this.#take(name);
    if (value === undefined) return usual;
    if (value.kind === 'literal' && typeof value.value === 'boolean') return value.value;
    throw this.#mismatch(name, value, 'unknown type');
  }

  /** A number, or a text that is one. */
  integer(name: string, usual: number): number {
    const value = this.#take(name);
    if (value === undefined) return usual;
    if (value.kind === 'literal' && value.value === null) return usual;
    const before = this.#wording.wrong(name, 'other');
    const number = this.#number(value);
    if (value.kind !== 'literal' || (value.type !== 'number' && typeof value.value !== 'string')) {
      throw new ConfigurationError(`${before}could not parse value from input`);
    }
    return number ?? (value.value === '' ? usual : integerOf(String(value.value), 'ParseInt', before));
  }

  /** A number that upstream reads from a text, whatever was written. */
  integerText(name: string, usual: number, parser: 'ParseInt' | 'ParseUint'): number {
    const value = this.#take(name);
    if (value === undefined) return usual;
    const before = this.#wording.wrong(name, 'other');
    const number = this.#number(value);
    if (value.kind !== 'literal') throw new ConfigurationError(`${before}${unconvertible('string', value)}`);
    if (value.value === '') return usual;
    const text = typeof value.value === 'boolean' ? String(Number(value.value)) : String(number ?? value.value);
    return integerOf(text, parser, before);
  }

  /** Likewise where upstream's decoder itself wants a number, and does not say which key it was. */
  typedInteger(name: string, usual: number): number {
    const value = this.#take(name);
    if (value === undefined) return usual;
    const isNumber = value.kind === 'literal' && value.type === 'number';
    if (isNumber) return this.#number(value) ?? usual;
    if (value.kind !== 'literal' || value.type !== 'string') throw this.#mismatch(name, value, 'unknown type');
    const text = String(value.value);
    if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
    return integerOf(text, 'ParseInt', this.#wording.place);
  }

  /** Micros; plain numbers are seconds. */
  duration(name: string, usual: Micros): Micros {
    const value = this.#take(name);
    if (value === undefined) return usual;
    this.#number(value);
    try {
      if (value.kind !== 'literal' || value.type === 'bool') throw new Error('could not parse duration from input');
      if (value.value === null) return usual;
      return value.type === 'float' ? Math.round(Number(value.value) * SECOND) : toMicros(value.value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigurationError(`${this.#wording.wrong(name, 'other')}${reason}`);
    }
  }

  /** One text with commas. */
  strings(name: string): string[] {
    return splitAtCommas(this.string(name));
  }

  /** A list and nothing else. */
  strictStrings(name: string): string[] {
    const value = this.#take(name);
    if (value === undefined) return [];
    if (value.kind === 'list') return value.items.map((item, index) => this.#element(`${name}[${index}]`, item));
    if (value.kind === 'literal') throw this.#fault(value.position, `unknown slice type: ${GO_NODES[value.kind]}`);
    const first = value.items[0]?.keys[0]?.position ?? value.position;
    throw this.#fault(first, `root.${name}[0]: unknown type for string *ast.ObjectItem`);
  }

  #element(path: string, item: HclValue): string {
    if (item.kind === 'literal') return this.#text(path, item) ?? '';
    throw this.#fault(item.position, `root.${path}: unknown type for string ${GO_NODES[item.kind]}`);
  }

  /** A block of its own; undefined where there is none. */
  object(name: string): HclObject | undefined {
    const value = this.#take(name);
    if (value === undefined || value.kind === 'object') return value;
    throw this.#fault(value.position, `root.${name}: not an object type for struct (${GO_NODES[value.kind]})`);
  }

  /** What is left, labelled blocks aside: upstream warns about it and goes on. */
  unknown(): readonly HclItem[] {
    return [...this.#unread.values()].filter(({ keys }) => keys.length === 1);
  }
}

/** Upstream's parser's names for what stands where something else should. */
const GO_NODES: Readonly<Record<HclValue['kind'], string>> = {
  literal: '*ast.LiteralType',
  list: '*ast.ListType',
  object: '*ast.ObjectType',
};

/** The block that a stanza is. `where` is what upstream says before it; `shape` what it decodes it into. */
export function blockOf(
  { value }: HclItem,
  where: string,
  json: boolean,
  shape: 'struct' | 'map' = 'struct',
): HclObject {
  if (value.kind === 'object') return value;
  const place = `At ${placeOf(value.position, json)}: root: not an object type for ${shape} (${goNode(value)})`;
  throw new ConfigurationError(`${where}: ${place}`);
}

export const goNode = (value: HclValue): string => GO_NODES[value.kind];

function integerOf(text: string, parser: 'ParseInt' | 'ParseUint', before: string): number {
  if ((parser === 'ParseInt' ? /^[+-]?[0-9]+$/ : /^[0-9]+$/).test(text)) return Number(text);
  throw new ConfigurationError(`${before}strconv.${parser}: parsing ${quote(text)}: invalid syntax`);
}

/** Of a list or a block where a single value should be, as mapstructure says it. */
function unconvertible(wanted: string, value: HclValue): string {
  const type = value.kind === 'list' ? '[]interface {}' : '[]map[string]interface {}';
  return `'' expected type '${wanted}', got unconvertible type '${type}', value: '${goText(value, true)}'`;
}

/** As Go's %v prints what upstream's decoder made of it; a block of its own is a list of one map there. */
export function goText(value: HclValue, outer = false): string {
  if (value.kind === 'literal') return String(value.value);
  if (value.kind === 'list') return `[${value.items.map((item) => goText(item)).join(' ')}]`;
  const fields = value.items.map(({ keys, value: inner }) => `${keys[0]?.text ?? ''}:${goText(inner)}`).toSorted();
  if (outer && fields.length === 0) return '[]';
  return outer ? `[map[${fields.join(' ')}]]` : `map[${fields.join(' ')}]`;
}

export const splitAtCommas = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Go's ParseBool; undefined for anything else. */
function booleanOf(value: string | number | boolean | null | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = String(value);
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False', ''].includes(text)) return false;
  return undefined;
}
