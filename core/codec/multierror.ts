/** The text of Go's multierror, which clients see literally; errors that are one already are not nested. */
const already = /^\d+ errors? occurred:\n/;

export function multierror(...messages: readonly string[]): string {
  if (messages.length === 1 && already.test(messages[0]!)) return messages[0]!;
  const head = messages.length === 1 ? '1 error occurred:' : `${messages.length} errors occurred:`;
  return `${head}\n${messages.map((message) => `\t* ${message}\n`).join('')}\n`;
}
