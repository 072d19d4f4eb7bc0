/**
 * RSA with PKCS#1 v1.5 signatures (RFC 8017, sections 5 and 8.2) over BigInt, and keys from public test primes.
 * The host makes real keys; everywhere else a key costs nothing and is the same for the same random bytes.
 */
import { assert } from '../assert.ts';
import { concatBytes, equalBytes } from '../codec/bytes.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import type { HashName, RsaKey, RsaPublicKey } from './crypto.ts';
import { PRIMES_1024, PRIMES_1536, PRIMES_2048 } from './rsa-test-primes.ts';

const EXPONENT = 65537n;

/** DER of DigestInfo up to the digest itself, RFC 8017 section 9.2. */
const PREFIXES: Readonly<Record<HashName, string>> = {
  md5: '3020300c06082a864886f70d020505000410',
  sha1: '3021300906052b0e03021a05000414',
  sha224: '302d300d06096086480165030402040500041c',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

/** DigestInfo: what PKCS#1 v1.5 pads and signs. */
export const digestInfo = (hash: HashName, digest: Uint8Array): Uint8Array =>
  concatBytes(decodeHex(PREFIXES[hash]), digest);

const toBig = (bytes: Uint8Array): bigint => (bytes.length === 0 ? 0n : BigInt(`0x${encodeHex(bytes)}`));

/** Without leading zeros, or padded to `length`. */
function toBytes(value: bigint, length?: number): Uint8Array {
  const hex = value.toString(16);
  return decodeHex(
    length === undefined ? hex.padStart(hex.length + (hex.length % 2), '0') : hex.padStart(2 * length, '0'),
  );
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (const bit of exponent.toString(2).split('').reverse()) {
    if (bit === '1') result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b, x, y] = [b - quotient * a, a, y - quotient * x, x];
    if (a === 0n) break;
  }
  return ((x % modulus) + modulus) % modulus;
}

/** All of a key from its primes. */
export function rsaFromPrimes(first: bigint, second: bigint): RsaKey {
  const [p, q] = first > second ? [first, second] : [second, first];
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  return {
    modulus: toBytes(p * q),
    exponent: Number(EXPONENT),
    d: toBytes(d),
    p: toBytes(p),
    q: toBytes(q),
    dp: toBytes(d % (p - 1n)),
    dq: toBytes(d % (q - 1n)),
    qi: toBytes(inverse(q, p)),
  };
}

const TABLES: ReadonlyMap<number, readonly string[]> = new Map([
  [2048, PRIMES_1024],
  [3072, PRIMES_1536],
  [4096, PRIMES_2048],
]);

/** Two different primes of the table, as the random bytes say. */
export function rsaFromTestPrimes(bits: number, random: (length: number) => Uint8Array): RsaKey {
  const primes = TABLES.get(bits);
  assert(primes !== undefined, `there are test primes for RSA keys of 2048, 3072 and 4096 bits, not ${bits}`);
  const [a, b] = random(2) as unknown as [number, number];
  const first = a % primes.length;
  const second = (first + 1 + (b % (primes.length - 1))) % primes.length;
  return rsaFromPrimes(BigInt(`0x${primes[first]!}`), BigInt(`0x${primes[second]!}`));
}

/** EMSA-PKCS1-v1_5. */
function padded(hash: HashName, digest: Uint8Array, length: number): Uint8Array {
  const info = digestInfo(hash, digest);
  assert(length >= info.length + 11, 'the RSA key is long enough for the digest');
  const out = new Uint8Array(length).fill(0xff);
  out[0] = 0;
  out[1] = 1;
  out[length - info.length - 1] = 0;
  out.set(info, length - info.length);
  return out;
}

/** As long as the modulus. */
export function rsaSign(key: RsaKey, hash: HashName, digest: Uint8Array): Uint8Array {
  const { length } = key.modulus;
  const message = toBig(padded(hash, digest, length));
  const p = toBig(key.p);
  const q = toBig(key.q);
  const m1 = power(message, toBig(key.dp), p);
  const m2 = power(message, toBig(key.dq), q);
  const h = (toBig(key.qi) * (((m1 - m2) % p) + p)) % p;
  return toBytes(m2 + h * q, length);
}

/** False for anything malformed. */
export function rsaVerify(key: RsaPublicKey, hash: HashName, digest: Uint8Array, signature: Uint8Array): boolean {
  const { length } = key.modulus;
  const n = toBig(key.modulus);
  const value = toBig(signature);
  if (signature.length !== length || value >= n) return false;
  return equalBytes(toBytes(power(value, BigInt(key.exponent), n), length), padded(hash, digest, length));
}

/** PKCS#1 v1.5 encryption (RFC 8017, section 7.2.1); numbers are big-endian. As long as the modulus. */
export function rsaEncrypt(
  modulus: Uint8Array,
  exponent: Uint8Array,
  message: Uint8Array,
  random: (length: number) => Uint8Array,
): Uint8Array {
  const size = modulus.length;
  assert(message.length <= size - 11, 'the message fits the modulus');
  const padding: number[] = [];
  while (padding.length < size - 3 - message.length) {
    for (const byte of random(size)) if (byte !== 0) padding.push(byte);
  }
  padding.length = size - 3 - message.length;
  const block = concatBytes(Uint8Array.of(0, 2), Uint8Array.from(padding), Uint8Array.of(0), message);
  return toBytes(power(toBig(block), toBig(exponent), toBig(modulus)), size);
}
