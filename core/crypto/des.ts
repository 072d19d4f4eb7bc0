/**
 * Triple DES (FIPS 46-3) in CBC mode from a first block of zeros, bit by bit as the standard draws it: it is for tickets of
 * old Kerberos realms, a few dozen blocks each. Bits are counted from the left, from 1.
 */
import { assert } from '../assert.ts';

const BLOCK = 8;

// prettier-ignore
const INITIAL = [
  58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
  57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
];

// prettier-ignore
const EXPANSION = [
  32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 14, 15, 16, 17,
  16, 17, 18, 19, 20, 21, 20, 21, 22, 23, 24, 25, 24, 25, 26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
];

// prettier-ignore
const PERMUTATION = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
  2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
];

// prettier-ignore
const CHOICE_1 = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
  63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];

// prettier-ignore
const CHOICE_2 = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
  41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];

/** Each is four rows of sixteen. */
const BOXES = [
  'e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d',
  'f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9',
  'a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c',
  '7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e',
  '2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453',
  'c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d',
  '4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c',
  'd2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b',
].map((rows) => Uint8Array.from(rows.replaceAll(' ', ''), (digit) => Number.parseInt(digit, 16)));

/** By how much both halves of the key are turned before each round. */
const TURNS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];

type Bits = Uint8Array;

const chosen = (bits: Bits, places: readonly number[]): Bits => Uint8Array.from(places, (place) => bits[place - 1]!);

const bitsOf = (bytes: Uint8Array): Bits =>
  Uint8Array.from({ length: bytes.length * 8 }, (_, i) => (bytes[i >> 3]! >> (7 - (i & 7))) & 1);

function bytesOf(bits: Bits): Uint8Array {
  const bytes = new Uint8Array(bits.length / 8);
  for (const [i, bit] of bits.entries()) bytes[i >> 3]! |= bit << (7 - (i & 7));
  return bytes;
}

/** The inverse of the initial permutation. */
function finalOrder(bits: Bits): Bits {
  const out = new Uint8Array(64);
  for (const [i, place] of INITIAL.entries()) out[place - 1] = bits[i]!;
  return out;
}

/** The sixteen round keys of eight bytes; the last bit of each byte is parity and not looked at. */
function roundKeys(key: Uint8Array): readonly Bits[] {
  const start = chosen(bitsOf(key), CHOICE_1);
  let turned = 0;
  return TURNS.map((by) => {
    turned += by;
    const now = start.map((_, i) => (i < 28 ? start[(i + turned) % 28]! : start[28 + ((i - 28 + turned) % 28)]!));
    return chosen(now, CHOICE_2);
  });
}

function round(half: Bits, key: Bits): Bits {
  const wide = chosen(half, EXPANSION);
  const out = new Uint8Array(32);
  for (const [box, table] of BOXES.entries()) {
    const six = Array.from({ length: 6 }, (_, i) => wide[box * 6 + i]! ^ key[box * 6 + i]!);
    const row = six[0]! * 2 + six[5]!;
    const column = six[1]! * 8 + six[2]! * 4 + six[3]! * 2 + six[4]!;
    const nibble = table[row * 16 + column]!;
    for (let i = 0; i < 4; i++) out[box * 4 + i] = (nibble >> (3 - i)) & 1;
  }
  return chosen(out, PERMUTATION);
}

function des(block: Uint8Array, keys: readonly Bits[]): Uint8Array {
  const start = chosen(bitsOf(block), INITIAL);
  let left = start.subarray(0, 32);
  let right = start.subarray(32);
  for (const key of keys) {
    const mixed = round(right, key);
    [left, right] = [right, left.map((bit, i) => bit ^ mixed[i]!)];
  }
  return bytesOf(finalOrder(Uint8Array.of(...right, ...left)));
}

/** Three single ones, each with its round keys in the order that is used. */
type Steps = readonly (readonly Bits[])[];

const encrypting = (key: Uint8Array): Steps => {
  assert(key.length === 3 * BLOCK, 'a key of triple DES has 24 bytes');
  const [one, two, three] = [0, 8, 16].map((at) => roundKeys(key.subarray(at, at + BLOCK)));
  return [one!, two!.toReversed(), three!];
};
const decrypting = (key: Uint8Array): Steps =>
  encrypting(key)
    .map((keys) => keys.toReversed())
    .toReversed();

const through = (block: Uint8Array, steps: Steps): Uint8Array => steps.reduce(des, block);

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ b[i]!);

function eachBlock(bytes: Uint8Array, work: (block: Uint8Array) => Uint8Array): Uint8Array {
  assert(bytes.length % BLOCK === 0, 'blocks are whole');
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += BLOCK) out.set(work(bytes.subarray(at, at + BLOCK)), at);
  return out;
}

export function des3CbcEncrypt(key: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const steps = encrypting(key);
  let before: Uint8Array = new Uint8Array(BLOCK);
  return eachBlock(plaintext, (block) => (before = through(xor(block, before), steps)));
}

export function des3CbcDecrypt(key: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const steps = decrypting(key);
  let before: Uint8Array = new Uint8Array(BLOCK);
  return eachBlock(ciphertext, (block) => {
    const plain = xor(through(block, steps), before);
    before = block;
    return plain;
  });
}
