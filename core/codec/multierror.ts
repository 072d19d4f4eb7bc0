/** The text of Go's multierror, which clients see literally; errors that are one already are not nested. */
const already = /^\d+ errors? occurred:\n/;

export const multierror = (...messages: readonly string[]): string =>
  messages.length === 1 && already.test(messages[0]!) ? messages[0]! : nestedMultierror(...messages);

/** Where one goes into another all the same: what was one has become a plain error on the way. */
export function nestedMultierror(...messages: readonly string[]): string {
  const head = messages.length === 1 ? '1 error occurred:' : `${messages.length} errors occurred:`;
  return `${head}\n${messages.map((message) => `\t* ${message}\n`).join('')}\n`;
}
