/** Functions on lists, maps, sets and optionals. */
import { CelError } from './error.ts';
import type { Declarations } from './functions.ts';
import { inOrder } from './standard.ts';
import type { CelValue } from './values.ts';
import { CelMap, List, Optional, equal, keyText } from './values.ts';

const within = ({ items }: List, item: CelValue): boolean => items.some((own) => equal(own, item));
const contains = (a: List, b: List): boolean => b.items.every((item) => within(a, item));

function at({ items }: List, index: bigint): CelValue {
  const item = index < 0n ? undefined : items[Number(index)];
  if (item === undefined) throw new CelError(`index out of bounds: ${index}`);
  return item;
}

function inMap(map: CelMap, key: CelValue): CelValue {
  const value = map.get(key);
  if (value === undefined) throw new CelError(`no such key: ${keyText(key)}`);
  return value;
}

function flatten({ items }: List, depth: bigint): CelValue[] {
  if (depth < 0n) throw new CelError('level must be non-negative');
  return items.flatMap((item) => (item instanceof List && depth > 0n ? flatten(item, depth - 1n) : [item]));
}

function slice({ items }: List, from: bigint, to: bigint): List {
  if (from < 0n || to < 0n) throw new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to)
    throw new CelError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  if (to > BigInt(items.length)) throw new CelError(`cannot slice(${from}, ${to}), list is length ${items.length}`);
  return new List(items.slice(Number(from), Number(to)));
}

const distinct = ({ items }: List): CelValue[] =>
  items.filter((item, i) => !items.slice(0, i).some((before) => equal(before, item)));

const isZero = (value: CelValue): boolean =>
  value === null ||
  value === false ||
  value === 0n ||
  value === 0 ||
  value === '' ||
  (value instanceof List && value.items.length === 0) ||
  (value instanceof CelMap && value.size === 0);

/** What an optional list or map has there, as an optional. */
function inOptional({ value }: Optional, key: CelValue): CelValue {
  if (value === undefined) return new Optional(undefined);
  if (value instanceof List && typeof key === 'bigint')
    return new Optional(key < 0n ? undefined : value.items[Number(key)]);
  return new Optional(value instanceof CelMap ? value.get(key) : undefined);
}

export function addCollections(all: Declarations): void {
  all
    .add('_[_]', '(list(A), int): A', at)
    .add('_[_]', '(map(A, B), A): B', inMap)
    .add(
      '_[?_]',
      '(list(A), int): optional_type(A)',
      ({ items }: List, i: bigint) => new Optional(i < 0n ? undefined : items[Number(i)]),
    )
    .add('_[_]', '(optional_type(list(A)), int): optional_type(A)', inOptional)
    .add('_[_]', '(optional_type(map(A, B)), A): optional_type(B)', inOptional)
    .add('_[?_]', '(optional_type(list(A)), int): optional_type(A)', inOptional)
    .add('_[?_]', '(optional_type(map(A, B)), A): optional_type(B)', inOptional)
    .add('_[?_]', '(map(A, B), A): optional_type(B)', (map: CelMap, key: CelValue) => new Optional(map.get(key)))
    .add('distinct', 'list(A).(): list(A)', (list: List) => new List(distinct(list)))
    .add('first', 'list(A).(): optional_type(A)', ({ items }: List) => new Optional(items[0]))
    .add('last', 'list(A).(): optional_type(A)', ({ items }: List) => new Optional(items.at(-1)))
    .add('flatten', 'list(A).(): list(dyn)', (list: List) => new List(flatten(list, 1n)))
    .add('flatten', 'list(A).(int): list(dyn)', (list: List, depth: bigint) => new List(flatten(list, depth)))
    .add(
      'lists.range',
      '(int): list(int)',
      (size: bigint) => new List(Array.from({ length: Number(size) }, (_, i) => BigInt(i))),
    )
    .add('reverse', 'list(A).(): list(A)', ({ items }: List) => new List([...items].reverse()))
    .add('slice', 'list(A).(int, int): list(A)', slice)
    // Upstream has one for each type that has an order; two are enough for nobody to know which it will be.
    .add('sort', 'list(A).(): list(A)', ({ items }: List) => new List(inOrder(items)))
    .add('sort', 'list(A).(): list(A)', ({ items }: List) => new List(inOrder(items)))
    .add('sets.contains', '(list(A), list(A)): bool', contains)
    .add('sets.equivalent', '(list(A), list(A)): bool', (a: List, b: List) => contains(a, b) && contains(b, a))
    .add('sets.intersects', '(list(A), list(A)): bool', (a: List, b: List) => b.items.some((item) => within(a, item)))
    .add('optional.none', '(): optional_type(A)', () => new Optional(undefined))
    .add('optional.of', '(A): optional_type(A)', (value: CelValue) => new Optional(value))
    .add(
      'optional.ofNonZeroValue',
      '(A): optional_type(A)',
      (value: CelValue) => new Optional(isZero(value) ? undefined : value),
    )
    .add('hasValue', 'optional_type(A).(): bool', ({ value }: Optional) => value !== undefined)
    .add('value', 'optional_type(A).(): A', ({ value }: Optional) => {
      if (value === undefined) throw new CelError('optional.none() dereference');
      return value;
    })
    .add('or', 'optional_type(A).(optional_type(A)): optional_type(A)', (a: Optional, b: Optional) =>
      a.value === undefined ? b : a,
    )
    .add('orValue', 'optional_type(A).(A): A', ({ value }: Optional, other: CelValue) => value ?? other);
}
