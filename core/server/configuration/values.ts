/** Values of a configuration file, converted as upstream's decoder does, with its words for what cannot be. */
import type { HclItem, HclObject, HclPosition, HclValue } from '../../codec/hcl.ts';
import { quote } from '../../codec/go-quote.ts';
import { toMicros } from '../../framework/coerce-time.ts';
import type { Micros } from '../../runtime.ts';

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

  #mismatch(name: string, value: HclValue, what: string): ConfigurationError {
    const { place, json } = this.#wording;
    return new ConfigurationError(
      `${place}At ${placeOf(value.position, json)}: ${what.replace('NAME', `root.${name}`)}`,
    );
  }

  /** The value itself, for what is read elsewhere. */
  value(name: string): HclValue | undefined {
    return this.#take(name);
  }

  /** Marks keys as known that mean nothing here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#unread.delete(name);
  }

  string(name: string, usual = ''): string {
    const value = this.#take(name);
    if (value === undefined) return usual;
    if (value.kind === 'literal') return value.value === null ? usual : String(value.value);
    throw this.#mismatch(name, value, `NAME: unknown type for string ${GO_NODES[value.kind]}`);
  }

  /** Booleans, and texts that Go's ParseBool takes. */
  boolean(name: string, usual = false): boolean {
    const value = this.#take(name);
    if (value === undefined) return usual;
    const text = value.kind === 'literal' ? value.value : undefined;
    const found = booleanOf(text);
    if (found !== undefined) return found;
    const reason = `cannot parse '' as bool: strconv.ParseBool: parsing ${quote(String(text))}: invalid syntax`;
    throw new ConfigurationError(`${this.#wording.wrong(name, 'boolean')}${reason}`);
  }

  /** Booleans and nothing else. */
  strictBoolean(name: string, usual = false): boolean {
    const value = this.#take(name);
    if (value === undefined) return usual;
    if (value.kind === 'literal' && typeof value.value === 'boolean') return value.value;
    throw this.#mismatch(name, value, `NAME: unknown type ${GO_NODES[value.kind]}`);
  }

  /** A number, or a text that is one. */
  integer(name: string, usual: number, parser = 'ParseInt'): number {
    return this.#integer(name, usual, parser, this.#wording.wrong(name, 'other'));
  }

  /** Likewise where upstream's decoder itself wants a number, and does not say which key it was. */
  typedInteger(name: string, usual: number): number {
    return this.#integer(name, usual, 'ParseInt', this.#wording.place);
  }

  #integer(name: string, usual: number, parser: string, before: string): number {
    const value = this.#take(name);
    if (value === undefined) return usual;
    const text = value.kind === 'literal' ? String(value.value) : '';
    if ((parser === 'ParseInt' ? /^[+-]?[0-9]+$/ : /^[0-9]+$/).test(text)) return Number(text);
    throw new ConfigurationError(`${before}strconv.${parser}: parsing ${quote(text)}: invalid syntax`);
  }

  /** Micros; plain numbers are seconds. */
  duration(name: string, usual: Micros): Micros {
    const value = this.#take(name);
    if (value === undefined) return usual;
    try {
      if (value.kind !== 'literal') throw new Error('could not parse duration from input');
      return value.value === null ? usual : toMicros(value.value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigurationError(`${this.#wording.wrong(name, 'other')}${reason}`);
    }
  }

  /** A list, or one string with commas. */
  strings(name: string): string[] {
    const value = this.#take(name);
    if (value === undefined) return [];
    if (value.kind === 'literal')
      return String(value.value)
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    if (value.kind === 'list') return textsOf(value.items);
    throw this.#mismatch(name, value, `unknown slice type: ${GO_NODES[value.kind]}`);
  }

  /** A list and nothing else. */
  strictStrings(name: string): string[] {
    const value = this.#take(name);
    if (value === undefined) return [];
    if (value.kind === 'list') return textsOf(value.items);
    throw this.#mismatch(name, value, `unknown slice type: ${GO_NODES[value.kind]}`);
  }

  /** A block of its own; undefined where there is none. */
  object(name: string): HclObject | undefined {
    const value = this.#take(name);
    if (value === undefined || value.kind === 'object') return value;
    throw this.#mismatch(name, value, `NAME: not an object type for struct (${GO_NODES[value.kind]})`);
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

export const goNode = (value: HclValue): string => GO_NODES[value.kind];

const textsOf = (items: readonly HclValue[]): string[] =>
  items.map((item) => (item.kind === 'literal' ? String(item.value) : ''));

/** Go's ParseBool; undefined for anything else. */
function booleanOf(value: string | number | boolean | null | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = String(value);
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False', ''].includes(text)) return false;
  return undefined;
}
