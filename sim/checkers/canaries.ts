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
    return this.#places.secrets().find((secret) => contains(bytes, secret.bytes))?.what;
  }
}

/** Whether `part` occurs in `whole`; looks for the first byte natively, which is what makes it cheap. */
export function contains(whole: Uint8Array, part: Uint8Array): boolean {
  const first = part[0]!;
  for (let at = whole.indexOf(first); at >= 0; at = whole.indexOf(first, at + 1)) {
    if (at + part.length > whole.length) return false;
    let same = 1;
    while (same < part.length && whole[at + same] === part[same]) same += 1;
    if (same === part.length) return true;
  }
  return false;
}
