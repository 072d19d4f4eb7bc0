/** What real clusters answered to the scripts, one request a line. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isKnown } from './known.ts';
import type { Line } from './play.ts';

const fileOf = (script: string): string =>
  fileURLToPath(new URL(`../recordings/2.7.2/cluster-${script}.json`, import.meta.url));

export const hasRecording = (script: string): boolean => existsSync(fileOf(script));

export const loadRecording = (script: string): Line[] => JSON.parse(readFileSync(fileOf(script), 'utf8')) as Line[];

export function saveRecording(script: string, lines: readonly Line[]): void {
  writeFileSync(fileOf(script), `[\n${lines.map((line) => JSON.stringify(line)).join(',\n')}\n]\n`);
}

/** What differs and is not known to, readable. */
export function differences(script: string, theirs: readonly Line[], ours: readonly Line[]): string[] {
  const found: string[] = [];
  for (const [index, line] of theirs.entries()) {
    const own = ours[index];
    if (own === undefined || own.ask !== line.ask) return [...found, `the recording is of another script: ${line.ask}`];
    if (isKnown(script, line.ask)) continue;
    for (const part of ['status', 'headers', 'body'] as const)
      if (own[part] !== line[part]) found.push(`${line.ask}\n  ${part}\n    bao  ${line[part]}\n    ours ${own[part]}`);
  }
  return found;
}
