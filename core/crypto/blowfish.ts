/** The Blowfish block cipher's state and rounds, as far as bcrypt needs them (Schneier 1993). */

const words = 18 + 4 * 256;

/** Blowfish starts from the first 1042 words of pi's fraction; computing them (Machin) beats a page of constants. */
function fractionOfPi(): Int32Array {
  const guard = 64n;
  const bits = BigInt(words) * 32n + guard;
  const one = 1n << bits;
  const arctanInverse = (x: bigint): bigint => {
    const square = x * x;
    let power = one / x;
    let sum = power;
    for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
      power /= square;
      sum += (sign * power) / n;
    }
    return sum;
  };
  const pi = 16n * arctanInverse(5n) - 4n * arctanInverse(239n);
  const digits = ((pi >> guard) & ((1n << (BigInt(words) * 32n)) - 1n)).toString(16).padStart(words * 8, '0');
  return Int32Array.from({ length: words }, (_, i) => Number.parseInt(digits.slice(i * 8, i * 8 + 8), 16) | 0);
}

/** The words that every key schedule starts from. Costs about 20 ms: make it once and share it. */
export const blowfishTables = (): Int32Array => fractionOfPi();

export class Blowfish {
  /** 18 round keys, then four boxes of 256 words. */
  readonly #state: Int32Array;
  #left = 0;
  #right = 0;

  constructor(tables: Int32Array) {
    this.#state = tables.slice();
  }

  /** Encrypts the block (left, right) in place; read it back with `left` and `right`. */
  #encrypt(left: number, right: number): void {
    const s = this.#state;
    let l = left ^ s[0]!;
    let r = right;
    for (let i = 1; i < 17; i += 2) {
      r ^=
        s[i]! ^
        (((s[18 + (l >>> 24)]! + s[274 + ((l >>> 16) & 255)]!) ^ s[530 + ((l >>> 8) & 255)]!) + s[786 + (l & 255)]!);
      l ^=
        s[i + 1]! ^
        (((s[18 + (r >>> 24)]! + s[274 + ((r >>> 16) & 255)]!) ^ s[530 + ((r >>> 8) & 255)]!) + s[786 + (r & 255)]!);
    }
    this.#left = r ^ s[17]!;
    this.#right = l;
  }

  /** EksBlowfish's ExpandKey; without a salt it is the plain key schedule. `key` is 18 words, `salt` 4. */
  expand(key: Int32Array, salt?: Int32Array): void {
    const s = this.#state;
    for (let i = 0; i < 18; i++) s[i]! ^= key[i]!;
    this.#left = 0;
    this.#right = 0;
    for (let i = 0; i < words; i += 2) {
      if (salt === undefined) this.#encrypt(this.#left, this.#right);
      else this.#encrypt(this.#left ^ salt[i & 2]!, this.#right ^ salt[(i & 2) + 1]!);
      s[i] = this.#left;
      s[i + 1] = this.#right;
    }
  }

  /** Encrypts `block` (an even number of words) in ECB mode, `times` times over. */
  encryptWords(block: Int32Array, times: number): void {
    for (let i = 0; i < block.length; i += 2) {
      this.#left = block[i]!;
      this.#right = block[i + 1]!;
      for (let n = 0; n < times; n++) this.#encrypt(this.#left, this.#right);
      block[i] = this.#left;
      block[i + 1] = this.#right;
    }
  }
}
