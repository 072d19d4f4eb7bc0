/** Secrets are nowhere in clear: not in a byte of a node's disk, not in a message between two nodes. */
import type { Aftermath, Checker, Verdicts } from './checker.ts';
import { Needles } from './needles.ts';

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
  #sought: readonly Secret[] = [];
  #needles = new Needles([]);

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
    if (secrets !== this.#sought) {
      this.#sought = secrets;
      this.#needles = new Needles(secrets.map((secret) => secret.bytes));
    }
    return secrets[this.#needles.find(bytes)]?.what;
  }
}
