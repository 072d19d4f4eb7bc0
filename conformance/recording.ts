/** What the real server answered, kept: a file a case, a line a request, so that a change shows as a line. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Exchange, Json } from './canonical.ts';
import type { Case } from './case.ts';
import { CaseError, stepText } from './case.ts';
import { compareExchanges } from './differ.ts';
import type { Operation } from './operations.ts';

const folder = (version: string): string => fileURLToPath(new URL(`recordings/${version}/`, import.meta.url));
const file = (version: string, name: string): string => `${folder(version)}${name}.json`;

/** Request, status, place in `headers`, body (left out when empty), 1 for JSON that does not end with a newline. */
type Line = readonly [request: string, status: number, headers: number, body?: Json, unended?: 1];

interface Recording {
  readonly headers: readonly (readonly string[])[];
  readonly exchanges: readonly Line[];
}

const rows = (list: readonly unknown[]): string => list.map((item) => `  ${JSON.stringify(item)}`).join(',\n');

export async function saveRecording(version: string, name: string, exchanges: readonly Exchange[]): Promise<void> {
  const headers: (readonly string[])[] = [];
  const places = new Map<string, number>();
  const lines = exchanges.map(({ request, status, headers: own, body, unended }): Line => {
    const key = own.join('\n');
    let place = places.get(key);
    if (place === undefined) {
      places.set(key, (place = headers.length));
      headers.push(own);
    }
    if (body === undefined) return [request, status, place];
    return unended ? [request, status, place, body, 1] : [request, status, place, body];
  });
  await mkdir(dirname(file(version, name)), { recursive: true });
  await writeFile(
    file(version, name),
    `{\n "headers": [\n${rows(headers)}\n ],\n "exchanges": [\n${rows(lines)}\n ]\n}\n`,
  );
}

/** Undefined when there is none. Throws CaseError when the case has changed since. */
export function loadRecording(version: string, played: Case): Exchange[] | undefined {
  const path = file(version, played.name);
  if (!existsSync(path)) return undefined;
  const { headers, exchanges } = JSON.parse(readFileSync(path, 'utf8')) as Recording;
  return exchanges.map(([request, status, place, body, unended], index) => {
    const step = played.steps[index];
    if (step === undefined || stepText(step) !== request)
      throw new CaseError(`${played.name} has changed since it was recorded, from request ${index + 1} on: ${request}`);
    return { request, status, headers: headers[place]!, body, ...(unended === 1 ? { unended: true as const } : {}) };
  });
}

/** Whether it is worth writing: there is no recording, or of another case, or other answers. */
export function differsFromRecording(version: string, played: Case, exchanges: readonly Exchange[]): boolean {
  try {
    const old = loadRecording(version, played);
    return (
      old?.length !== exchanges.length ||
      compareExchanges(old, exchanges).length > 0 ||
      old.some(({ headers, body }, index) => shapeOf({ headers, body }) !== shapeOf(exchanges[index]!))
    );
  } catch (error) {
    if (error instanceof CaseError) return true;
    throw error;
  }
}

/** Without numbers, which the comparison has looked at. */
const shapeOf = ({ headers, body }: Pick<Exchange, 'headers' | 'body'>): string =>
  JSON.stringify([headers, body]).replace(/\d+/g, '');

/** Operations, a line each, so that probes can be made without a server. */
export async function saveOperations(version: string, operations: readonly Operation[]): Promise<void> {
  await mkdir(folder(version), { recursive: true });
  await writeFile(
    `${folder(version)}operations.json`,
    `[\n${operations.map((operation) => JSON.stringify(operation)).join(',\n')}\n]\n`,
  );
}

export const loadOperations = (version: string): Operation[] =>
  JSON.parse(readFileSync(`${folder(version)}operations.json`, 'utf8')) as Operation[];
