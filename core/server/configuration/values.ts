/** Values of a configuration file, converted as upstream's decoder does. */
import type { HclItem, HclObject, HclValue } from '../../codec/hcl.ts';
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

/** One block: reads its keys, remembers which ones nobody asked for. */
export class Block {
  readonly #items = new Map<string, HclItem>();
  readonly #unread = new Map<string, HclItem>();

  /** Names are not case-sensitive; of two equal ones the last counts. */
  constructor(object: HclObject) {
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

  /** Marks keys as known that mean nothing here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#unread.delete(name);
  }

  string(name: string, usual = ''): string {
    const value = this.#take(name);
    if (value === undefined) return usual;
    if (value.kind === 'literal') return value.value === null ? usual : String(value.value);
    throw new ConfigurationError(`invalid value for ${name}: expected a string`);
  }

  boolean(name: string, usual = false): boolean {
    const value = this.#take(name);
    if (value === undefined) return usual;
    return booleanOf(name, value.kind === 'literal' ? value.value : undefined);
  }

  integer(name: string, usual: number): number {
    const value = this.#take(name);
    if (value === undefined) return usual;
    const text = value.kind === 'literal' ? String(value.value) : '';
    if (!/^[+-]?[0-9]+$/.test(text)) {
      throw new ConfigurationError(
        `invalid value for ${name}: cannot parse '' as int: strconv.ParseInt: parsing ${quote(text)}: invalid syntax`,
      );
    }
    return Number(text);
  }

  /** Micros; plain numbers are seconds. */
  duration(name: string, usual: Micros): Micros {
    const value = this.#take(name);
    if (value === undefined) return usual;
    if (value.kind !== 'literal') throw new ConfigurationError(`invalid value for ${name}: expected a duration`);
    try {
      return value.value === null ? usual : toMicros(value.value);
    } catch (error) {
      throw new ConfigurationError(error instanceof Error ? error.message : String(error));
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
    if (value.kind === 'list') return value.items.map((item) => (item.kind === 'literal' ? String(item.value) : ''));
    throw new ConfigurationError(`invalid value for ${name}: expected a list of strings`);
  }

  /** What is left: upstream warns about it and goes on. */
  unknown(): readonly HclItem[] {
    return [...this.#unread.values()];
  }
}

/** Anything but a boolean is parsed as text. */
export function booleanOf(name: string, value: string | number | boolean | null | undefined): boolean {
  if (typeof value === 'boolean') return value;
  const text = String(value);
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False', ''].includes(text)) return false;
  throw new ConfigurationError(
    `invalid value for ${name}: cannot parse '' as bool: strconv.ParseBool: parsing ${quote(text)}: invalid syntax`,
  );
}
