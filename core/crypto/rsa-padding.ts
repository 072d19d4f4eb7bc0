/**
 * How RSA pads (RFC 8017, sections 7 and 9): pure functions between messages and blocks as long as the modulus.
 * What goes in as randomness (salt, seed, padding bytes) is given by the caller.
 */
import { assert } from '../assert.ts';
import { concatBytes, equalBytes } from '../codec/bytes.ts';
import { digestSize, type Crypto, type HashName } from './crypto.ts';

type Hashing = Pick<Crypto, 'hash'>;

/** EMSA-PKCS1-v1_5: 00 01 ff … ff 00 | info, `length` bytes. */
export function padForSignature(info: Uint8Array, length: number): Uint8Array {
  assert(length >= info.length + 11, 'the RSA key is long enough for the digest');
  const out = new Uint8Array(length).fill(0xff);
  out[0] = 0;
  out[1] = 1;
  out[length - info.length - 1] = 0;
  out.set(info, length - info.length);
  return out;
}

/** EME-PKCS1-v1_5: 00 02 | random non-zero bytes | 00 | message. */
export function padForEncryption(
  message: Uint8Array,
  length: number,
  random: (length: number) => Uint8Array,
): Uint8Array {
  assert(message.length <= length - 11, 'the message fits the modulus');
  const padding: number[] = [];
  while (padding.length < length - 3 - message.length) {
    for (const byte of random(length)) if (byte !== 0) padding.push(byte);
  }
  padding.length = length - 3 - message.length;
  return concatBytes(Uint8Array.of(0, 2), Uint8Array.from(padding), Uint8Array.of(0), message);
}

/** Undefined when the block is not padded so. */
export function unpadEncryption(block: Uint8Array): Uint8Array | undefined {
  const end = block.indexOf(0, 2);
  if (block[0] !== 0 || block[1] !== 2 || end < 10) return undefined;
  return block.subarray(end + 1);
}

/** MGF1 of `seed`, xored into `target`. */
function mask(target: Uint8Array, crypto: Hashing, hash: HashName, seed: Uint8Array): void {
  for (let at = 0, counter = 0; at < target.length; counter++) {
    const block = crypto.hash(
      hash,
      seed,
      Uint8Array.of(counter >>> 24, (counter >>> 16) & 255, (counter >>> 8) & 255, counter & 255),
    );
    for (let i = 0; i < block.length && at < target.length; i++, at++) target[at]! ^= block[i]!;
  }
}

/** EMSA-PSS for a modulus of `bits` bits; undefined when the key is too short for digest and salt. */
export function padPss(
  crypto: Hashing,
  hash: HashName,
  digest: Uint8Array,
  salt: Uint8Array,
  bits: number,
): Uint8Array | undefined {
  const size = digestSize[hash];
  const length = Math.ceil((bits - 1) / 8);
  const dbLength = length - size - 1;
  if (dbLength < salt.length + 1) return undefined;
  const sealed = crypto.hash(hash, new Uint8Array(8), digest, salt);
  const db = new Uint8Array(dbLength);
  db[dbLength - salt.length - 1] = 1;
  db.set(salt, dbLength - salt.length);
  mask(db, crypto, hash, sealed);
  db[0]! &= 0xff >> (8 * length - (bits - 1));
  return concatBytes(new Uint8Array(Math.ceil(bits / 8) - length), db, sealed, Uint8Array.of(0xbc));
}

/** Whether `block` (as long as the modulus) is the EMSA-PSS of the digest; 'auto' takes any length of salt. */
export function isPss(
  crypto: Hashing,
  hash: HashName,
  digest: Uint8Array,
  block: Uint8Array,
  bits: number,
  saltLength: number | 'auto',
): boolean {
  const size = digestSize[hash];
  const length = Math.ceil((bits - 1) / 8);
  const encoded = block.subarray(block.length - length);
  const dbLength = length - size - 1;
  if (dbLength < 1 || encoded[length - 1] !== 0xbc || (block.length > length && block[0] !== 0)) return false;
  const spare = 8 * length - (bits - 1);
  if (encoded[0]! >> (8 - spare) !== 0) return false;
  const db = encoded.slice(0, dbLength);
  const sealed = encoded.subarray(dbLength, length - 1);
  mask(db, crypto, hash, sealed);
  db[0]! &= 0xff >> spare;
  const one = db.findIndex((byte) => byte !== 0);
  if (one < 0 || db[one] !== 1) return false;
  const salt = db.subarray(one + 1);
  if (saltLength !== 'auto' && salt.length !== saltLength) return false;
  return equalBytes(crypto.hash(hash, new Uint8Array(8), digest, salt), sealed);
}

/** EME-OAEP; `seed` is as long as a digest. The message has at most `length - 2 * digest - 2` bytes. */
export function padOaep(
  crypto: Hashing,
  hash: HashName,
  message: Uint8Array,
  label: Uint8Array,
  length: number,
  seed: Uint8Array,
): Uint8Array {
  const size = digestSize[hash];
  assert(message.length <= length - 2 * size - 2 && seed.length === size, 'the message fits the modulus');
  const db = new Uint8Array(length - size - 1);
  db.set(crypto.hash(hash, label));
  db[db.length - message.length - 1] = 1;
  db.set(message, db.length - message.length);
  mask(db, crypto, hash, seed);
  const masked = seed.slice();
  mask(masked, crypto, hash, db);
  return concatBytes(Uint8Array.of(0), masked, db);
}

/** Undefined when the block is not padded so. */
export function unpadOaep(
  crypto: Hashing,
  hash: HashName,
  block: Uint8Array,
  label: Uint8Array,
): Uint8Array | undefined {
  const size = digestSize[hash];
  if (block.length < 2 * size + 2) return undefined;
  const seed = block.slice(1, 1 + size);
  const db = block.slice(1 + size);
  mask(seed, crypto, hash, db);
  mask(db, crypto, hash, seed);
  const one = db.findIndex((byte, at) => at >= size && byte !== 0);
  if (block[0] !== 0 || one < 0 || db[one] !== 1) return undefined;
  if (!equalBytes(db.subarray(0, size), crypto.hash(hash, label))) return undefined;
  return db.subarray(one + 1);
}
