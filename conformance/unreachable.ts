/** Operations that no server of built-in parts alone answers with success, and why: `unreachable.txt`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('unreachable.txt', import.meta.url));

/** Reasons by operation. */
export function loadUnreachable(): Map<string, string> {
  const lines = readFileSync(file, 'utf8').split('\n');
  return new Map(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [operation = '', reason = ''] = line.split(' | ');
        return [operation, reason] as const;
      }),
  );
}
