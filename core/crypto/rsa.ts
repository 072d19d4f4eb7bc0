/**
 * RSA with PKCS#1 v1.5 signatures (RFC 8017, sections 5 and 8.2) over BigInt, and keys from public test primes.
 * The host makes real keys; everywhere else a key costs nothing and is the same for the same random bytes.
 */
import { assert } from '../assert.ts';
import { compareBytes, concatBytes, equalBytes } from '../codec/bytes.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import type { HashName, RsaKey, RsaPublicKey } from './crypto.ts';
import { padForEncryption, padForSignature } from './rsa-padding.ts';
import { PRIMES_1024, PRIMES_1536, PRIMES_2048, PRIMES_4096 } from './rsa-test-primes.ts';

const EXPONENT = 65537n;

/** DER of DigestInfo up to the digest itself, RFC 8017 section 9.2. */
const PREFIXES: Readonly<Record<HashName, string>> = {
  md5: '3020300c06082a864886f70d020505000410',
  sha1: '3021300906052b0e03021a05000414',
  sha224: '302d300d06096086480165030402040500041c',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
  'sha3-224': '302d300d06096086480165030402070500041c',
  'sha3-256': '3031300d060960864801650304020805000420',
  'sha3-384': '3041300d060960864801650304020905000430',
  'sha3-512': '3051300d060960864801650304020a05000440',
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
  return complete(p, q, Number(EXPONENT), inverse(EXPONENT, (p - 1n) * (q - 1n)));
}

function complete(p: bigint, q: bigint, exponent: number, d: bigint): RsaKey {
  return {
    modulus: toBytes(p * q),
    exponent,
    d: toBytes(d),
    p: toBytes(p),
    q: toBytes(q),
    dp: toBytes(d % (p - 1n)),
    dq: toBytes(d % (q - 1n)),
    qi: toBytes(inverse(q, p)),
  };
}

/** A key that came from elsewhere; undefined when its numbers do not belong together. */
export function rsaFromParts(
  modulus: Uint8Array,
  exponent: number,
  privateExponent: Uint8Array,
  first: Uint8Array,
  second: Uint8Array,
): RsaKey | undefined {
  const [p, q, d] = [toBig(first), toBig(second), toBig(privateExponent)];
  if (p < 2n || q < 2n || p * q !== toBig(modulus)) return undefined;
  const congruent = BigInt(exponent) * d;
  if ((congruent - 1n) % (p - 1n) !== 0n || (congruent - 1n) % (q - 1n) !== 0n) return undefined;
  return complete(p, q, exponent, d);
}

const TABLES: ReadonlyMap<number, readonly string[]> = new Map([
  [2048, PRIMES_1024],
  [3072, PRIMES_1536],
  [4096, PRIMES_2048],
  [8192, PRIMES_4096],
]);

/** Two different primes of the table, as the random bytes say. */
export function rsaFromTestPrimes(bits: number, random: (length: number) => Uint8Array): RsaKey {
  const primes = TABLES.get(bits);
  assert(primes !== undefined, `there are test primes for RSA keys of 2048, 3072, 4096 and 8192 bits, not ${bits}`);
  const [a, b] = random(2) as unknown as [number, number];
  const first = a % primes.length;
  const second = (first + 1 + (b % (primes.length - 1))) % primes.length;
  return rsaFromPrimes(BigInt(`0x${primes[first]!}`), BigInt(`0x${primes[second]!}`));
}

/** m^d mod n by the two primes; `block` and the result are as long as the modulus. */
export function rsaPrivate(key: RsaKey, block: Uint8Array): Uint8Array {
  const message = toBig(block);
  const p = toBig(key.p);
  const q = toBig(key.q);
  const m1 = power(message, toBig(key.dp), p);
  const m2 = power(message, toBig(key.dq), q);
  const h = (toBig(key.qi) * (((m1 - m2) % p) + p)) % p;
  return toBytes(m2 + h * q, key.modulus.length);
}

/** m^e mod n; `block` and the result are as long as the modulus. */
export function rsaPublic(key: RsaPublicKey, block: Uint8Array): Uint8Array {
  return toBytes(power(toBig(block), BigInt(key.exponent), toBig(key.modulus)), key.modulus.length);
}

/** As long as the modulus. */
export const rsaSign = (key: RsaKey, hash: HashName, digest: Uint8Array): Uint8Array =>
  rsaPrivate(key, padForSignature(digestInfo(hash, digest), key.modulus.length));

/** False for anything malformed. */
export function rsaVerify(key: RsaPublicKey, hash: HashName, digest: Uint8Array, signature: Uint8Array): boolean {
  const { length } = key.modulus;
  if (signature.length !== length || compareBytes(signature, key.modulus) >= 0) return false;
  return equalBytes(rsaPublic(key, signature), padForSignature(digestInfo(hash, digest), length));
}

/** PKCS#1 v1.5 encryption (RFC 8017, section 7.2.1); numbers are big-endian. As long as the modulus. */
export function rsaEncrypt(
  modulus: Uint8Array,
  exponent: Uint8Array,
  message: Uint8Array,
  random: (length: number) => Uint8Array,
): Uint8Array {
  return toBytes(
    power(toBig(padForEncryption(message, modulus.length, random)), toBig(exponent), toBig(modulus)),
    modulus.length,
  );
}
