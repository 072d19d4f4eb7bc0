/** The way down a tree of tokens. A name is entered once: an index that loops must not loop us. */
export class TreePath {
  readonly #path: string[];
  readonly #seen: Set<string>;

  constructor(root: string) {
    this.#path = [root];
    this.#seen = new Set([root]);
  }

  top(): string | undefined {
    return this.#path.at(-1);
  }

  visited(name: string): boolean {
    return this.#seen.has(name);
  }

  push(names: readonly string[]): void {
    for (const name of names) {
      this.#seen.add(name);
      this.#path.push(name);
    }
  }

  pop(): void {
    this.#path.pop();
  }
}
