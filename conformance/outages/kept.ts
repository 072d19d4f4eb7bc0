/** The logs of real clusters that were broken, and what was done to them, as record.ts keeps them. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Done } from './breaker.ts';

/** What was done to a cluster, and how long no write was acknowledged. */
export interface Truth {
  readonly multiplier: number;
  /** Milliseconds since the epoch. */
  readonly done: readonly Done[];
  /** The longest pauses between two acknowledged writes, in milliseconds, the longest first. */
  readonly pauses: readonly number[];
}

export const VERSION = '2.7.2';
export const FOLDER = new URL(`../recordings/outages-${VERSION}/`, import.meta.url);

export const kept = (): string[] => readdirSync(FOLDER).sort();

/** The logs of one of them, a file a node; `keep` picks the lines that are left. */
export function logsOf(
  name: string,
  keep: (line: string) => boolean = () => true,
): { readonly file: string; readonly text: string }[] {
  const folder = new URL(`${name}/`, FOLDER);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => ({ file, text: readFileSync(new URL(file, folder), 'utf8').split('\n').filter(keep).join('\n') }));
}

export const truthOf = (name: string): Truth =>
  JSON.parse(readFileSync(new URL(`${name}/truth.json`, FOLDER), 'utf8')) as Truth;
