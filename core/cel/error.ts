/** What is wrong with an expression, and where: the texts are cel-go's. */

/** Evaluation failed. */
export class CelError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CelError';
  }
}

/** A mistake in an expression's text; `at` counts UTF-16 units from its start. */
export interface Issue {
  readonly at: number;
  readonly message: string;
}

/** The expression cannot be used; `syntax` says whether parsing already failed. */
export class CelIssues extends Error {
  readonly syntax: boolean;
  constructor(source: string, issues: readonly Issue[], syntax: boolean) {
    super(printIssues(source, issues));
    this.name = 'CelIssues';
    this.syntax = syntax;
  }
}

/** One entry an issue: place, text, the line and a caret under it. */
function printIssues(source: string, issues: readonly Issue[]): string {
  const lines = source.split('\n');
  return [...issues]
    .sort((a, b) => a.at - b.at)
    .map(({ at, message }) => {
      const before = source.slice(0, at).split('\n');
      const column = before.at(-1)!.length;
      const where = `ERROR: <input>:${before.length}`;
      // An empty expression has no line to show.
      if (source === '') return `${where}:0: ${message}`;
      return `${where}:${column + 1}: ${message}\n | ${lines[before.length - 1]!}\n | ${'.'.repeat(column)}^`;
    })
    .join('\n');
}
