/**
 * AES-GCM (SP 800-38D) with everything that depends on the key alone made once. For entries of a few hundred bytes
 * this is several times faster than noble, which starts from the key each time, and faster than crossing into OpenSSL.
 * Table look-ups are not constant-time; nothing here guards production secrets.
 */
import { assert } from '../assert.ts';
import { shortLived } from '../codec/slab.ts';
import { encryptBlock, expandKey } from './aes.ts';
import { AuthenticationFailed, type AesGcm } from './crypto.ts';

const tagBytes = 16;

/** What a byte that falls off the end of a 128-bit element comes back as, at its other end. */
const reductions = makeReductions();

function makeReductions(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      high = (high >>> 1) ^ (low & 1 ? 0xe1000000 : 0);
      low >>>= 1;
    }
    table[byte] = high;
  }
  return table;
}

/** `byte · h` in GCM's field for each byte, four words each (Shoup's tables). */
function productsOf(h: Int32Array): Int32Array {
  const table = new Int32Array(1024);
  let [a, b, c, d] = [h[0]!, h[1]!, h[2]!, h[3]!];
  for (let bit = 0x80; bit > 0; bit >>= 1) {
    table.set([a, b, c, d], bit * 4);
    const carry = d & 1;
    d = (d >>> 1) | (c << 31);
    c = (c >>> 1) | (b << 31);
    b = (b >>> 1) | (a << 31);
    a = (a >>> 1) ^ (carry ? 0xe1000000 : 0);
  }
  for (let high = 2; high < 256; high *= 2) {
    for (let low = 1; low < high; low++) {
      for (let word = 0; word < 4; word++) {
        table[(high + low) * 4 + word] = table[high * 4 + word]! ^ table[low * 4 + word]!;
      }
    }
  }
  return table;
}

export class PreparedAesGcm implements AesGcm {
  readonly #keys: Int32Array;
  readonly #products: Int32Array;
  readonly #block = new Int32Array(4);
  /** The running hash. */
  readonly #hash = new Int32Array(4);

  /** `key` is 16, 24 or 32 bytes. */
  constructor(key: Uint8Array) {
    assert(key.length === 16 || key.length === 24 || key.length === 32, 'an AES key is 16, 24 or 32 bytes');
    this.#keys = expandKey(key);
    encryptBlock(this.#keys, 0, 0, 0, 0, this.#block);
    this.#products = productsOf(this.#block);
  }

  seal(nonce: Uint8Array, plaintext: Uint8Array, aad?: Uint8Array, room = 0): Uint8Array {
    assert(nonce.length === 12, 'a GCM nonce is 12 bytes');
    const out = new Uint8Array(room + plaintext.length + tagBytes);
    this.#crypt(nonce, plaintext, out, room);
    this.#tag(nonce, aad, out, room, plaintext.length);
    writeWords(this.#block, out, room + plaintext.length, tagBytes);
    return out;
  }

  open(nonce: Uint8Array, sealed: Uint8Array, aad?: Uint8Array): Uint8Array {
    const length = sealed.length - tagBytes;
    if (nonce.length !== 12 || length < 0) throw new AuthenticationFailed();
    this.#tag(nonce, aad, sealed, 0, length);
    let difference = 0;
    for (let word = 0; word < 4; word++) difference |= this.#block[word]! ^ readWord(sealed, length + word * 4);
    if (difference !== 0) throw new AuthenticationFailed();
    const out = shortLived(length);
    this.#crypt(nonce, sealed, out, 0);
    return out;
  }

  /** Counter mode over as much of `from` as fits before the tag's place in `to`, or the end of it. */
  #crypt(nonce: Uint8Array, from: Uint8Array, to: Uint8Array, at: number): void {
    const length = Math.min(from.length, to.length - at);
    const [a, b, c] = [readWord(nonce, 0), readWord(nonce, 4), readWord(nonce, 8)];
    const stream = this.#block;
    let counter = 2;
    let i = 0;
    for (; i + 16 <= length; i += 16) {
      encryptBlock(this.#keys, a, b, c, counter++, stream);
      for (let word = 0; word < 4; word++) {
        const mask = stream[word]!;
        const j = i + word * 4;
        to[at + j] = from[j]! ^ (mask >>> 24);
        to[at + j + 1] = from[j + 1]! ^ (mask >>> 16);
        to[at + j + 2] = from[j + 2]! ^ (mask >>> 8);
        to[at + j + 3] = from[j + 3]! ^ mask;
      }
    }
    if (i === length) return;
    encryptBlock(this.#keys, a, b, c, counter, stream);
    for (let j = 0; i < length; i++, j++) to[at + i] = from[i]! ^ (stream[j >> 2]! >>> (24 - 8 * (j & 3)));
  }

  /** Leaves the tag in `#block`. */
  #tag(nonce: Uint8Array, aad: Uint8Array | undefined, ciphertext: Uint8Array, start: number, length: number): void {
    const hash = this.#hash;
    hash.fill(0);
    if (aad !== undefined) this.#absorb(aad, 0, aad.length);
    this.#absorb(ciphertext, start, length);
    this.#multiply(0, (aad?.length ?? 0) * 8, Math.floor(length / 0x2000_0000), length * 8);
    encryptBlock(this.#keys, readWord(nonce, 0), readWord(nonce, 4), readWord(nonce, 8), 1, this.#block);
    for (let word = 0; word < 4; word++) this.#block[word]! ^= hash[word]!;
  }

  #absorb(bytes: Uint8Array, start: number, length: number): void {
    const whole = start + length - (length & 15);
    let i = start;
    for (; i < whole; i += 16) {
      this.#multiply(readWord(bytes, i), readWord(bytes, i + 4), readWord(bytes, i + 8), readWord(bytes, i + 12));
    }
    if ((length & 15) === 0) return;
    const rest = new Int32Array(4);
    for (let j = 0; i < start + length; i++, j++) rest[j >> 2]! |= bytes[i]! << (24 - 8 * (j & 3));
    this.#multiply(rest[0]!, rest[1]!, rest[2]!, rest[3]!);
  }

  /** hash = (hash ^ block) · h, byte by byte from the last. */
  #multiply(a: number, b: number, c: number, d: number): void {
    const hash = this.#hash;
    const products = this.#products;
    let z0 = 0;
    let z1 = 0;
    let z2 = 0;
    let z3 = 0;
    for (let word = 3; word >= 0; word--) {
      const x = hash[word]! ^ (word === 3 ? d : word === 2 ? c : word === 1 ? b : a);
      for (let shift = 0; shift < 32; shift += 8) {
        const product = ((x >>> shift) & 255) << 2;
        const fallen = z3 & 255;
        z3 = ((z3 >>> 8) | (z2 << 24)) ^ products[product + 3]!;
        z2 = ((z2 >>> 8) | (z1 << 24)) ^ products[product + 2]!;
        z1 = ((z1 >>> 8) | (z0 << 24)) ^ products[product + 1]!;
        z0 = (z0 >>> 8) ^ reductions[fallen]! ^ products[product]!;
      }
    }
    hash[0] = z0;
    hash[1] = z1;
    hash[2] = z2;
    hash[3] = z3;
  }
}

const readWord = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

function writeWords(words: Int32Array, to: Uint8Array, at: number, length: number): void {
  for (let i = 0; i < length; i++) to[at + i] = words[i >> 2]! >>> (24 - 8 * (i & 3));
}
