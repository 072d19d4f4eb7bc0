/** cel-go's math library. */
import { CelError } from './error.ts';
import type { Declarations } from './functions.ts';
import { compareValues, int } from './standard.ts';
import type { CelValue } from './values.ts';
import { List, Uint } from './values.ts';

const NUMBERS = ['int', 'uint', 'double'];

function extreme(values: readonly CelValue[], sign: number, name: string): CelValue {
  if (values.length === 0) throw new CelError(`math.${name}(list) argument must not be empty`);
  return values.reduce((best, value) => (compareNumbers(value, best) * sign > 0 ? value : best));
}

const bare = (value: CelValue): bigint | number => (value instanceof Uint ? value.value : (value as bigint | number));
const compareNumbers = (a: CelValue, b: CelValue): number =>
  typeof a === typeof b ? compareValues(a, b) : bare(a) < bare(b) ? -1 : bare(a) > bare(b) ? 1 : 0;

/** Halves go away from zero. */
const round = (value: number): number => (value < 0 ? -Math.floor(-value + 0.5) : Math.floor(value + 0.5));

export function addMath(all: Declarations): void {
  for (const [internal, sign, name] of [
    ['math.@max', 1, 'greatest'],
    ['math.@min', -1, 'least'],
  ] as const) {
    for (const one of NUMBERS) {
      all.add(internal, `(${one}): ${one}`, (value: CelValue) => value);
      all.add(internal, `(list(${one})): ${one}`, ({ items }: List) => extreme(items, sign, name));
      for (const other of NUMBERS) {
        const result = one === other ? one : 'dyn';
        all.add(internal, `(${one}, ${other}): ${result}`, (a: CelValue, b: CelValue) => extreme([a, b], sign, name));
      }
    }
  }
  all
    .add('math.abs', '(int): int', (value: bigint) => int(value < 0n ? -value : value))
    .add('math.abs', '(uint): uint', (value: Uint) => value)
    .add('math.abs', '(double): double', Math.abs)
    .add('math.sign', '(int): int', (value: bigint) => (value < 0n ? -1n : value > 0n ? 1n : 0n))
    .add('math.sign', '(uint): uint', ({ value }: Uint) => new Uint(value > 0n ? 1n : 0n))
    .add('math.sign', '(double): double', Math.sign)
    .add('math.ceil', '(double): double', Math.ceil)
    .add('math.floor', '(double): double', Math.floor)
    .add('math.round', '(double): double', round)
    .add('math.trunc', '(double): double', Math.trunc)
    .add('math.sqrt', '(int): double', (value: bigint) => Math.sqrt(Number(value)))
    .add('math.sqrt', '(uint): double', ({ value }: Uint) => Math.sqrt(Number(value)))
    .add('math.sqrt', '(double): double', Math.sqrt)
    .add('math.isNaN', '(double): bool', Number.isNaN)
    .add('math.isInf', '(double): bool', (value: number) => Math.abs(value) === Number.POSITIVE_INFINITY)
    .add('math.isFinite', '(double): bool', Number.isFinite);
  const bits: readonly (readonly [string, (a: bigint, b: bigint) => bigint])[] = [
    ['math.bitAnd', (a, b) => a & b],
    ['math.bitOr', (a, b) => a | b],
    ['math.bitXor', (a, b) => a ^ b],
  ];
  for (const [name, run] of bits) {
    all.add(name, '(int, int): int', run);
    all.add(name, '(uint, uint): uint', (a: Uint, b: Uint) => new Uint(run(a.value, b.value)));
  }
  const shift = (value: bigint, by: bigint, left: boolean): bigint => {
    if (by < 0n) throw new CelError(`math.bitShift${left ? 'Left' : 'Right'}() negative offset: ${by}`);
    return by > 63n ? 0n : left ? value << by : BigInt.asUintN(64, value) >> by;
  };
  for (const [name, left] of [
    ['math.bitShiftLeft', true],
    ['math.bitShiftRight', false],
  ] as const) {
    all.add(name, '(int, int): int', (value: bigint, by: bigint) => BigInt.asIntN(64, shift(value, by, left)));
    all.add(
      name,
      '(uint, int): uint',
      ({ value }: Uint, by: bigint) => new Uint(BigInt.asUintN(64, shift(value, by, left))),
    );
  }
  all
    .add('math.bitNot', '(int): int', (value: bigint) => ~value)
    .add('math.bitNot', '(uint): uint', ({ value }: Uint) => new Uint(BigInt.asUintN(64, ~value)));
}
