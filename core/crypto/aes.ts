/** The AES block cipher (FIPS 197), forward direction only, with the usual four tables. Words are big-endian. */

interface Tables {
  readonly sbox: Uint8Array;
  /** Four tables of 256 words, each the one before turned by a byte. */
  readonly rounds: Int32Array;
}

const { sbox, rounds: table } = makeTables();

function makeTables(): Tables {
  const sbox = new Uint8Array(256);
  // p runs through the powers of 3 and q through those of its inverse, so that q is always 1/p.
  let p = 1;
  let q = 1;
  do {
    p ^= double(p);
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    q &= 0xff;
    if (q & 0x80) q ^= 0x09;
    sbox[p] = q ^ turn(q, 1) ^ turn(q, 2) ^ turn(q, 3) ^ turn(q, 4) ^ 0x63;
  } while (p !== 1);
  sbox[0] = 0x63;

  const rounds = new Int32Array(1024);
  for (let x = 0; x < 256; x++) {
    const s = sbox[x]!;
    const word = (double(s) << 24) | (s << 16) | (s << 8) | (double(s) ^ s);
    for (let t = 0; t < 4; t++) rounds[t * 256 + x] = t === 0 ? word : (word >>> (8 * t)) | (word << (32 - 8 * t));
  }
  return { sbox, rounds };
}

function double(x: number): number {
  return ((x << 1) ^ (x & 0x80 ? 0x11b : 0)) & 0xff;
}

function turn(byte: number, by: number): number {
  return ((byte << by) | (byte >> (8 - by))) & 0xff;
}

const substitute = (word: number): number =>
  (sbox[word >>> 24]! << 24) |
  (sbox[(word >>> 16) & 255]! << 16) |
  (sbox[(word >>> 8) & 255]! << 8) |
  sbox[word & 255]!;

/** The round keys: 44, 52 or 60 words for a key of 16, 24 or 32 bytes. */
export function expandKey(key: Uint8Array): Int32Array {
  const size = key.length / 4;
  const words = new Int32Array(4 * (size + 7));
  for (let i = 0; i < key.length; i++) words[i >> 2] = (words[i >> 2]! << 8) | key[i]!;
  let constant = 1;
  for (let i = size; i < words.length; i++) {
    let word = words[i - 1]!;
    if (i % size === 0) {
      word = substitute((word << 8) | (word >>> 24)) ^ (constant << 24);
      constant = (constant << 1) ^ (constant & 0x80 ? 0x11b : 0);
    } else if (size > 6 && i % size === 4) {
      word = substitute(word);
    }
    words[i] = words[i - size]! ^ word;
  }
  return words;
}

/** Encrypts the block (a, b, c, d) into the first four words of `out`. */
export function encryptBlock(keys: Int32Array, a: number, b: number, c: number, d: number, out: Int32Array): void {
  let s0 = a ^ keys[0]!;
  let s1 = b ^ keys[1]!;
  let s2 = c ^ keys[2]!;
  let s3 = d ^ keys[3]!;
  const last = keys.length - 4;
  let k = 4;
  for (; k < last; k += 4) {
    const t0 = mix(s0, s1, s2, s3) ^ keys[k]!;
    const t1 = mix(s1, s2, s3, s0) ^ keys[k + 1]!;
    const t2 = mix(s2, s3, s0, s1) ^ keys[k + 2]!;
    s3 = mix(s3, s0, s1, s2) ^ keys[k + 3]!;
    s0 = t0;
    s1 = t1;
    s2 = t2;
  }
  out[0] = pick(s0, s1, s2, s3) ^ keys[k]!;
  out[1] = pick(s1, s2, s3, s0) ^ keys[k + 1]!;
  out[2] = pick(s2, s3, s0, s1) ^ keys[k + 2]!;
  out[3] = pick(s3, s0, s1, s2) ^ keys[k + 3]!;
}

const mix = (a: number, b: number, c: number, d: number): number =>
  table[a >>> 24]! ^ table[256 + ((b >>> 16) & 255)]! ^ table[512 + ((c >>> 8) & 255)]! ^ table[768 + (d & 255)]!;

const pick = (a: number, b: number, c: number, d: number): number =>
  (sbox[a >>> 24]! << 24) | (sbox[(b >>> 16) & 255]! << 16) | (sbox[(c >>> 8) & 255]! << 8) | sbox[d & 255]!;
