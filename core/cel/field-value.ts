/** Whether a value may stand in a field of a message; what the checker could not know is found out here, in cel-go's words. */
import { CelError } from './error.ts';
import type { Type } from './types.ts';
import { printType } from './types.ts';
import type { CelValue } from './values.ts';
import { CelMap, Duration, keyText, List, Message, Timestamp, typeName, TypeValue, Uint } from './values.ts';

/** As Go prints what a field holds; any other type is a message. */
const NATIVE: Readonly<Record<string, string>> = {
  bool: 'bool',
  int: 'int64',
  uint: 'uint32',
  double: 'float64',
  string: 'string',
  bytes: '[]uint8',
  timestamp: '*timestamppb.Timestamp',
  duration: '*durationpb.Duration',
};
const MESSAGE = '*dynamicpb.Message';
const LARGEST_UINT32 = 2n ** 32n - 1n;

const isScalar = ({ name }: Type): boolean => name !== 'timestamp' && name !== 'duration' && name in NATIVE;

/** null stands for what is not set, where something can be not set. */
export const takesNull = (type: Type): boolean => !isScalar(type) && type.name !== 'list' && type.name !== 'map';

/** Throws CelError. */
export function checkField(message: string, field: string, type: Type, value: CelValue): void {
  const of = `${message}.${field}`;
  const every = (items: Iterable<readonly [Type, CelValue]>): void => {
    for (const [wanted, item] of items) {
      const fault = conversionFault(wanted, item, of);
      if (fault !== undefined) throw new CelError(`field type conversion error for ${of} value type: ${fault}`);
    }
  };
  const unsupported = (): CelError => new CelError(`unsupported field type for ${of}: ${dynamic(value)}`);
  const [first, second] = type.params;
  if (type.name === 'list') {
    if (!(value instanceof List)) throw unsupported();
    every(value.items.map((item) => [first!, item] as const));
  } else if (type.name === 'map') {
    if (!(value instanceof CelMap)) throw unsupported();
    every(value.entries().flatMap(([key, item]) => [[first!, key] as const, [second!, item] as const]));
  } else every([[type, value]]);
}

/** The type of a value that is of no particular one. */
function dynamic(value: CelValue): string {
  if (value instanceof List) return 'list(dyn)';
  return value instanceof CelMap ? 'map(dyn, dyn)' : typeName(value);
}

/** What is wrong, or undefined. */
function conversionFault(type: Type, value: CelValue, of: string): string | undefined {
  if (type.name === 'dyn') return undefined;
  const native = NATIVE[type.name] ?? MESSAGE;
  if (type.name === 'uint' && value instanceof Uint && value.value > LARGEST_UINT32) return 'unsigned integer overflow';
  if (value === null) return takesNull(type) ? undefined : `type conversion error from 'null_type' to '${native}'`;
  if (value instanceof Message) {
    if (value.type === type.name) return undefined;
    if (native === MESSAGE) {
      // Texts of Go's protobuf library have a space that breaks no line.
      throw new CelError(`internal error: proto:\u00a0${of}: assigning invalid message type ${value.type}`);
    }
    if (isScalar(type)) return `type conversion error from '${MESSAGE}' to '${native}'`;
    const own = type.name === 'timestamp' ? 'google.protobuf.Timestamp' : 'google.protobuf.Duration';
    return `type conversion error: pb.Merge() arguments must be the same type. got: ${own}, ${value.type}`;
  }
  if (value instanceof CelMap && !isScalar(type)) return structFault(value, native);
  if (value instanceof TypeValue) return "type conversion not supported for 'type'";
  const own = value instanceof Timestamp ? 'timestamp' : value instanceof Duration ? 'duration' : typeName(value);
  return own === type.name
    ? undefined
    : `${FROM[own] ?? `type conversion error from '${own}' to`} ${quoted(own, native)}`;
}

const FROM: Readonly<Record<string, string>> = {
  string: 'unsupported native conversion from string to',
  int: "unsupported type conversion from 'int' to",
  uint: "unsupported type conversion from 'uint' to",
  double: 'type conversion error from Double to',
  bool: 'type conversion error from bool to',
  bytes: 'type conversion error from Bytes to',
  list: 'type conversion error from list to',
  map: 'type conversion error from map to',
  timestamp: "type conversion error from 'Timestamp' to",
  duration: "type conversion error from 'Duration' to",
};

const quoted = (own: string, native: string): string => (own === 'int' || own === 'uint' ? native : `'${native}'`);

/** Go looks for its keys among the members of a struct. */
function structFault(map: CelMap, native: string): string | undefined {
  const [first] = map.entries();
  if (first === undefined) {
    if (native !== MESSAGE) return undefined;
    throw new CelError('internal error: runtime error: invalid memory address or nil pointer dereference');
  }
  const [given] = first;
  const key = typeof given === 'string' ? given : keyText(given);
  const member = key.slice(0, 1).toUpperCase() + key.slice(1);
  return `type conversion error, no such field '${member}' in type '${native.slice(1)}'`;
}

/** For whoever checks an expression. */
export const wrongField = (field: string, wanted: Type, given: Type): string =>
  `expected type of field '${field}' is '${printType(wanted)}' but provided type is '${printType(given)}'`;
