/** JSON decoded into a Go struct: names without regard to case, the last of several wins, null changes nothing. */
import { JsonError, JsonNumber, kindOf, print } from './json.ts';
import type { JsonObject, JsonValue } from './json.ts';

interface Kinds {
  readonly string: string;
  readonly bool: boolean;
  /** 64 bits; beyond 53 of them it is not exact. */
  readonly uint: number;
}

export type StructFields = Readonly<Record<string, keyof Kinds>>;
export type Decoded<F extends StructFields> = { readonly [K in keyof F]?: Kinds[F[K]] };

/** `place` is what Go says before a field's name, e.g. '.0'. Throws JsonError for the first value of another type. */
export function decodeStruct<const F extends StructFields>(object: JsonObject, fields: F, place: string): Decoded<F> {
  const names = new Map(Object.keys(fields).map((name) => [foldName(name), name]));
  const found: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(object)) {
    const name = names.get(foldName(key));
    if (name === undefined || value === null) continue;
    const type = fields[name]!;
    const whole = type === 'uint' ? uintOf(value) : value;
    if (typeof whole !== (type === 'bool' ? 'boolean' : type === 'uint' ? 'number' : 'string')) {
      const what = type === 'uint' && kindOf(value) === 'number' ? `number ${literalOf(value)}` : kindOf(value);
      throw new JsonError(`json: cannot unmarshal ${what} into Go struct field ${place}.${key} of type ${type}`);
    }
    found[name] = whole as string | number | boolean;
  }
  return found as Decoded<F>;
}

/** What Go compares names by: upper and lower case are the same, and so are the two letters that fold to ASCII ones. */
export const foldName = (name: string): string => name.toLowerCase().replaceAll('\u017f', 's');

const literalOf = (value: JsonValue): string => (value instanceof JsonNumber ? value.literal : print(value));

function uintOf(value: JsonValue): number | undefined {
  if (kindOf(value) !== 'number') return undefined;
  const literal = literalOf(value);
  return /^[0-9]+$/.test(literal) && BigInt(literal) < 1n << 64n ? Number(literal) : undefined;
}
