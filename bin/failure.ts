/** How the program ends when something went wrong: one line, and the rest only for whoever asks for it. */
import { UsageError } from './flags.ts';

/** Mistakes of the user's or of the machine's whose message says it all; by name, so that nothing is loaded for it. */
const PLAIN: ReadonlySet<string> = new Set([
  'ConfigurationError',
  'CapsuleError',
  'DiskError',
  'CorruptState',
  'CorruptLog',
  'NoSource',
]);

/** Prints the failure on standard error; the exit code. */
export function reportFailure(error: unknown): number {
  console.error(lineOf(error));
  return 1;
}

function lineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if ((process.env['STEAMER_DEBUG'] ?? '') !== '') return error instanceof Error ? (error.stack ?? text) : text;
  if (error instanceof UsageError || (error instanceof Error && PLAIN.has(error.name))) return text;
  // What the system refused (a port, a full disk) is no bug of ours.
  if (error instanceof Error && 'syscall' in error) return `steamer: ${text}`;
  return `steamer: internal error: ${text.split('\n')[0]} (STEAMER_DEBUG=1 shows where)`;
}
