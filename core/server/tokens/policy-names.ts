/** Lists of policy names as tokens carry them. */
import { compareText } from '../../codec/bytes.ts';
import { trimGoSpace } from '../../codec/go-space.ts';

/** Trimmed, lower case, without duplicates, sorted; 'root' swallows the rest, and excludes the addition of 'default'. */
export function sanitizePolicies(names: readonly string[], addDefault: boolean): string[] {
  const clean = new Set<string>();
  for (const name of names) {
    const one = trimGoSpace(name).toLowerCase();
    if (one === 'root') return ['root'];
    if (one !== '') clean.add(one);
  }
  if (addDefault) clean.add('default');
  return [...clean].sort(compareText);
}
