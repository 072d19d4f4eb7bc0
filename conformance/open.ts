/** Requests that we are known to answer differently, and have not mended yet: `open.txt`, a line each. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CaseResult } from './conform.ts';

export const openFile = fileURLToPath(new URL('open.txt', import.meta.url));

const lineOf = (name: string, request: string): string => `${name} | ${request}`;

/** Names of cases and requests. */
export function loadOpen(): Set<string> {
  return new Set(
    readFileSync(openFile, 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
  );
}

export const openLines = (results: readonly CaseResult[]): string[] =>
  [
    ...new Set(results.flatMap(({ name, differences }) => differences.map(({ request }) => lineOf(name, request)))),
  ].sort();

/** What of a case's differences nobody knows of yet. */
export const unknownDifferences = (
  { name, differences }: CaseResult,
  open: ReadonlySet<string>,
): CaseResult['differences'] => differences.filter(({ request }) => !open.has(lineOf(name, request)));
