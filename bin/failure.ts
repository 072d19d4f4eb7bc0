/** How the program ends when something went wrong: one line, and the rest only for whoever asks for it. */
import { UsageError } from './flags.ts';

/** Mistakes of the user's or of the machine's, whose message says it all; by name, so that nothing is loaded for it. */
const PLAIN: ReadonlySet<string> = new Set(['ConfigurationError', 'CapsuleError', 'DiskError', 'CorruptState', 'CorruptLog']);

/** Prints the failure on standard error; the exit code. */
export function reportFailure(error: unknown): number {
  const plain = error instanceof UsageError || (error instanceof Error && PLAIN.has(error.name));
  console.error(plain ? error.message : internal(error));
  return 1;
}

function internal(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if ((process.env['STEAMER_DEBUG'] ?? '') !== '') {
    return `steamer: internal error: ${error instanceof Error ? (error.stack ?? text) : text}`;
  }
  return `steamer: internal error: ${text.split('\n')[0]} (STEAMER_DEBUG=1 shows where)`;
}
