/**
 * Requests that we are known to answer differently, a line each: `intended.txt` on purpose, with the reason above it, and
 * `open.txt` because it is not mended yet.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CaseResult } from './conform.ts';

const openFile = fileURLToPath(new URL('open.txt', import.meta.url));
const intendedFile = fileURLToPath(new URL('intended.txt', import.meta.url));

/** Of a case. */
export const lineOf = (name: string, request: string): string => `${name} | ${request}`;

const linesOf = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

/** Names of cases and requests. */
export const loadIntended = (): Set<string> => new Set(linesOf(intendedFile));
export const loadOpen = (): Set<string> => new Set(linesOf(openFile));

/** Writes down what still differs; of cases that were not played, what was known before stays. */
export function keepOpen(results: readonly CaseResult[]): void {
  const played = new Set(results.map(({ name }) => name));
  const intended = loadIntended();
  const kept = [...loadOpen()].filter((line) => !played.has(line.split(' | ')[0]!));
  const found = results.flatMap(({ name, differences }) => differences.map(({ request }) => lineOf(name, request)));
  const lines = [...new Set([...kept, ...found])].filter((line) => !intended.has(line));
  writeFileSync(
    openFile,
    lines
      .sort()
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** What of a case's differences is not in `known`. */
export const unknownDifferences = (
  { name, differences }: CaseResult,
  known: ReadonlySet<string>,
): CaseResult['differences'] => differences.filter(({ request }) => !known.has(lineOf(name, request)));
