/** What Go says of a path that leads nowhere. */
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../errno.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  ENOTDIR: 'not a directory',
  ELOOP: 'too many links',
};

/** Names the first part that is not there: `lstat /a/b: no such file or directory`. */
export function firstMissing(path: string, error: unknown): string {
  const code = codeOf(error) ?? '';
  let missing = path;
  for (let above = dirname(path); above !== missing && !exists(above); above = dirname(above)) missing = above;
  return `lstat ${missing}: ${reasons[code] ?? code}`;
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
