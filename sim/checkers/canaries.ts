/** Secrets are nowhere in clear: not in a byte of a node's disk, not in a message between two nodes. */
import type { Aftermath, Checker, Verdicts } from './checker.ts';

export interface Secret {
  readonly what: string;
  readonly bytes: Uint8Array;
}

export interface Places {
  /** What must not be seen, as far as known by now; the same array as long as nothing is new. */
  secrets(): readonly Secret[];
  /** All files of all nodes. */
  files(): Iterable<readonly [node: string, path: string, bytes: Uint8Array]>;
}

export class CanariesStayHidden implements Checker {
  readonly name = 'canaries stay hidden';
  readonly #places: Places;
  readonly #verdicts: Verdicts;
  #sought: Sought = new Sought([]);

  constructor(places: Places, verdicts: Verdicts) {
    this.#places = places;
    this.#verdicts = verdicts;
  }

  /** A message from one node to another. */
  message(at: number, from: string, to: string, bytes: Uint8Array): void {
    const found = this.#find(bytes);
    if (found !== undefined) this.#verdicts.report(this.name, at, `${found} went in clear from ${from} to ${to}`);
  }

  finish({ now }: Aftermath): void {
    for (const [node, path, bytes] of this.#places.files()) {
      const found = this.#find(bytes);
      if (found !== undefined) this.#verdicts.report(this.name, now, `${found} is in clear in ${path} of ${node}`);
    }
  }

  #find(bytes: Uint8Array): string | undefined {
    const secrets = this.#places.secrets();
    if (secrets !== this.#sought.secrets) this.#sought = new Sought(secrets);
    return this.#sought.within(bytes)?.what;
  }
}

/** Looks for many secrets in one pass: what they begin with tells at nearly every byte that there is none. */
export class Sought {
  readonly secrets: readonly Secret[];
  readonly #begins = new Uint8Array(0x1_0000);

  /** Each has two bytes at least. */
  constructor(secrets: readonly Secret[]) {
    this.secrets = secrets;
    for (const { bytes } of secrets) this.#begins[(bytes[0]! << 8) | bytes[1]!] = 1;
  }

  /** The first secret that occurs. */
  within(whole: Uint8Array): Secret | undefined {
    const begins = this.#begins;
    let pair = 0;
    for (let at = 0; at < whole.length; at++) {
      pair = ((pair << 8) | whole[at]!) & 0xffff;
      if (begins[pair] === 0 || at === 0) continue;
      const found = this.secrets.find(({ bytes }) => isAt(whole, at - 1, bytes));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function isAt(whole: Uint8Array, at: number, part: Uint8Array): boolean {
  if (at + part.length > whole.length) return false;
  for (let i = 0; i < part.length; i++) if (whole[at + i] !== part[i]) return false;
  return true;
}
