/** Paths that no quota counts: each entry is a prefix, the longest that fits decides, '!' makes it an exception. */
export class ExemptPaths {
  readonly #entries: readonly { readonly prefix: string; readonly exception: boolean }[];

  constructor(paths: readonly string[]) {
    const entries = paths
      .filter((path) => path !== '')
      .map((path) => {
        const exception = path.startsWith('!');
        return { prefix: path.slice(exception ? 1 : 0).replace(/\*$/, ''), exception };
      });
    this.#entries = entries.sort((a, b) => b.prefix.length - a.prefix.length);
  }

  has(path: string): boolean {
    const found = this.#entries.find(({ prefix }) => path.startsWith(prefix));
    return found !== undefined && !found.exception;
  }
}
