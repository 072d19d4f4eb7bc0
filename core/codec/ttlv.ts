/** TTLV, the encoding of KMIP messages: tag, type, length, value, padded to eight bytes (KMIP Specification 1.4, §9.1). */
import { concatBytes, readUint32, writeUint32 } from './bytes.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** A message that is none; the text says what is wrong with it. */
export class TtlvError extends Error {
  constructor(message: string) {
    super(`ttlv: ${message}`);
    this.name = 'TtlvError';
  }
}

/** `tag` is three bytes, 0x420001 and above in the standard; times are seconds, intervals too. */
export type Ttlv = { readonly tag: number } & (
  | { readonly type: 'structure'; readonly value: readonly Ttlv[] }
  | { readonly type: 'integer' | 'enumeration' | 'interval'; readonly value: number }
  | { readonly type: 'long' | 'time'; readonly value: bigint }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'bytes' | 'big'; readonly value: Uint8Array }
);

type TtlvType = Ttlv['type'];

const codes: Readonly<Record<TtlvType, number>> = {
  structure: 1,
  integer: 2,
  long: 3,
  big: 4,
  enumeration: 5,
  boolean: 6,
  text: 7,
  bytes: 8,
  time: 9,
  interval: 10,
};
const types = new Map<number, TtlvType>(Object.entries(codes).map(([type, code]) => [code, type as TtlvType]));

const HEADER = 8;
const ALIGNMENT = 8;
/** Structures inside of each other; no message of KMIP comes near. */
const DEEPEST = 32;

const padded = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

export function encodeTtlv(item: Ttlv): Uint8Array {
  const value = valueBytes(item);
  const bytes = new Uint8Array(HEADER + padded(value.length));
  writeUint32(bytes, 0, item.tag * 0x100 + codes[item.type]);
  writeUint32(bytes, 4, value.length);
  bytes.set(value, HEADER);
  return bytes;
}

function valueBytes(item: Ttlv): Uint8Array {
  switch (item.type) {
    case 'structure':
      return concatBytes(...item.value.map(encodeTtlv));
    case 'integer':
    case 'enumeration':
    case 'interval':
      return bigEndian(BigInt(item.value), 4);
    case 'long':
    case 'time':
      return bigEndian(item.value, 8);
    case 'boolean':
      return bigEndian(item.value ? 1n : 0n, 8);
    case 'text':
      return encodeUtf8(item.value);
    default:
      return item.value;
  }
}

function bigEndian(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(length * 8, value);
  for (let at = length - 1; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
}

/** How long the message is that begins here; undefined as long as its header is not there. */
export function ttlvLength(bytes: Uint8Array): number | undefined {
  return bytes.length < HEADER ? undefined : HEADER + padded(readUint32(bytes, 4));
}

/** Exactly one item. Throws TtlvError. */
export function decodeTtlv(bytes: Uint8Array): Ttlv {
  const { item, end } = read(bytes, 0, bytes.length, 0);
  if (end !== bytes.length) throw new TtlvError('bytes after the end');
  return item;
}

function read(bytes: Uint8Array, at: number, limit: number, depth: number): { item: Ttlv; end: number } {
  if (limit - at < HEADER) throw new TtlvError('unexpected end');
  if (depth > DEEPEST) throw new TtlvError('too deep');
  const head = readUint32(bytes, at);
  const type = types.get(head & 0xff);
  if (type === undefined) throw new TtlvError(`unknown type ${head & 0xff}`);
  const length = readUint32(bytes, at + 4);
  const start = at + HEADER;
  const end = start + padded(length);
  if (end > limit) throw new TtlvError('unexpected end');
  return { item: itemOf(head >>> 8, type, bytes.subarray(start, start + length), depth), end };
}

const fixed: Readonly<Partial<Record<TtlvType, number>>> = {
  integer: 4,
  enumeration: 4,
  interval: 4,
  long: 8,
  time: 8,
  boolean: 8,
};

function itemOf(tag: number, type: TtlvType, value: Uint8Array, depth: number): Ttlv {
  const wanted = fixed[type];
  if (wanted !== undefined && value.length !== wanted) throw new TtlvError(`${type} of ${value.length} bytes`);
  switch (type) {
    case 'structure':
      return { tag, type, value: itemsOf(value, depth + 1) };
    case 'integer':
      return { tag, type, value: readUint32(value, 0) | 0 };
    case 'enumeration':
    case 'interval':
      return { tag, type, value: readUint32(value, 0) >>> 0 };
    case 'long':
    case 'time':
      return { tag, type, value: BigInt.asIntN(64, wide(value)) };
    case 'boolean':
      if (wide(value) > 1n) throw new TtlvError('boolean of neither');
      return { tag, type, value: wide(value) === 1n };
    case 'text':
      return { tag, type, value: decodeUtf8(value) };
    default:
      return { tag, type, value: value.slice() };
  }
}

function itemsOf(value: Uint8Array, depth: number): Ttlv[] {
  const items: Ttlv[] = [];
  for (let at = 0; at < value.length;) {
    const { item, end } = read(value, at, value.length, depth);
    items.push(item);
    at = end;
  }
  return items;
}

const wide = (bytes: Uint8Array): bigint =>
  (BigInt(readUint32(bytes, 0) >>> 0) << 32n) | BigInt(readUint32(bytes, 4) >>> 0);
