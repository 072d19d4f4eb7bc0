/** How functions are declared: a signature, and what to do. The checker and the evaluator read the same declarations. */
import { withoutOverload } from './no-overload.ts';
import type { Type } from './types.ts';
import { parseType } from './types.ts';
import type { CelValue } from './values.ts';
import { CelMap, Duration, List, Message, Optional, Timestamp, TypeValue, Uint } from './values.ts';

export interface Overload {
  /** The first of the parameters is what stands before the dot. */
  readonly member: boolean;
  readonly params: readonly Type[];
  readonly result: Type;
  readonly run: (...args: never[]) => CelValue;
}

export type FunctionTable = ReadonlyMap<string, readonly Overload[]>;

/** 'string.split(string): list(string)'; a member's receiver stands before the dot. */
export class Declarations {
  readonly table = new Map<string, Overload[]>();

  /** Types of `run`'s parameters follow the signature; nobody checks that but the tests. */
  add(name: string, signature: string, run: (...args: never[]) => CelValue): this {
    const [, receiver, inside, result] = /^(?:([^(]+(?:\(.*?\))?)\.)?\((.*)\):\s*(.+)$/.exec(signature)!;
    const args = inside === '' ? [] : parseType(`x(${inside})`).params;
    const own = this.table.get(name) ?? [];
    this.table.set(name, own);
    const params = receiver === undefined ? args : [parseType(receiver), ...args];
    own.push({ member: receiver !== undefined, params, result: parseType(result!), run });
    return this;
  }
}

const KINDS: Readonly<Record<string, (value: CelValue) => boolean>> = {
  null: (value) => value === null,
  bool: (value) => typeof value === 'boolean',
  int: (value) => typeof value === 'bigint',
  uint: (value) => value instanceof Uint,
  double: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  bytes: (value) => value instanceof Uint8Array,
  list: (value) => value instanceof List,
  map: (value) => value instanceof CelMap,
  timestamp: (value) => value instanceof Timestamp,
  duration: (value) => value instanceof Duration,
  type: (value) => value instanceof TypeValue,
  optional_type: (value) => value instanceof Optional,
};

const takes = (type: Type, value: CelValue): boolean => {
  const kind = KINDS[type.name];
  // A list is known by its first item, as in cel-go.
  if (value instanceof List && type.name === 'list')
    return value.items.length === 0 || takes(type.params[0]!, value.items[0]!);
  if (kind !== undefined) return kind(value);
  return !(value instanceof Message) || type.name.length === 1 || type.name === 'dyn' || type.name === value.type;
};

/** Runs the overload that takes these values. Throws CelError. */
export function dispatch(table: FunctionTable, name: string, member: boolean, args: readonly CelValue[]): CelValue {
  for (const overload of table.get(name) ?? []) {
    if (overload.member !== member || overload.params.length !== args.length) continue;
    if (overload.params.every((type, i) => takes(type, args[i]!))) return overload.run(...(args as never[]));
  }
  return withoutOverload(name, args);
}
