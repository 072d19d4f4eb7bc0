/** Lists of policy names as tokens carry them. */
import { compareText } from '../../codec/bytes.ts';

/** Trimmed, lower case, without duplicates, sorted; 'root' swallows the rest, and excludes the addition of 'default'. */
export function sanitizePolicies(names: readonly string[], addDefault: boolean): string[] {
  const clean = new Set<string>();
  for (const name of names) {
    const one = name.trim().toLowerCase();
    if (one === 'root') return ['root'];
    if (one !== '') clean.add(one);
  }
  if (addDefault) clean.add('default');
  return [...clean].sort(compareText);
}

/** '*' anywhere in a pattern stands for any text. */
export function globMatch(pattern: string, text: string): boolean {
  const pieces = pattern.split('*');
  if (pieces.length === 1) return pattern === text;
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
