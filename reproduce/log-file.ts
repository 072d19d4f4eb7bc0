/**
 * The text of a log, as upstream prints it in either format, whatever journald, Docker or kubectl put before each line.
 * What has no time of its own (banners, what is printed at a shutdown) has that of the next record.
 */
import { parseRfc3339 } from '../core/codec/rfc3339.ts';
import type { LogLevel, Micros } from '../core/runtime.ts';
import { type Entry, textFields, textOf } from './entry.ts';
import { parseSaid } from './pairs.ts';

const STANDARD =
  /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)) \[(TRACE|DEBUG|INFO|WARN|ERROR)\] +(.*)$/;
const JSON_RECORD = /\{"@.*\}\s*$/;
/** Docker's json-file driver. */
const DOCKER = /^\{"log":"/;
/** What the program says of itself outside of its log. */
const UNSTAMPED = /(?:==> OpenBao .*|panic: .*|fatal error: .*)$/;
const BANNER_FACT =
  /^\W*(?:.*?[|:\]] +)?((?:Api Address|Cluster Address|Auto Seal|HA Storage|Storage|Version|Log Level)): (.+)$/;
/** Fields of several lines stand below their record. */
const BELOW = /^ {2}(?:([\w -]+)=$|\| ?(.*)$)/;

/** The first record of every life. */
export const START = 'proxy environment';

type Open = { at: Micros | undefined } & Omit<Entry, 'at'>;

/** Whether a file has any record. */
export const isLog = (text: string): boolean =>
  text.split('\n').some((line) => recordOf(plainOf(line), '') !== undefined);

const plainOf = (line: string): string => (DOCKER.test(line) ? dockerText(line) : line.replace(/\r$/, ''));

/** All that one file tells, in its order. */
export function parseLog(text: string, node: string): Entry[] {
  const entries: Open[] = [];
  let below: string | undefined;
  for (const line of text.split('\n')) {
    const plain = plainOf(line);
    const entry = recordOf(plain, node) ?? unstamped(plain, node);
    if (entry !== undefined) {
      entries.push(entry);
      below = undefined;
      continue;
    }
    const more = BELOW.exec(plain);
    const last = entries.at(-1);
    if (more === null || last === undefined) continue;
    if (more[1] !== undefined) below = more[1];
    else if (below !== undefined)
      (last.fields as Record<string, string>)[below] = `${last.fields[below] ?? ''}${more[2]!}\n`;
  }
  return dated(entries);
}

function recordOf(line: string, node: string): Open | undefined {
  const standard = STANDARD.exec(line);
  if (standard !== null) {
    const at = parseRfc3339(standard[1]!.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
    if (at === undefined) return undefined;
    return { at, node, level: standard[2]!.toLowerCase() as LogLevel, ...parseSaid(standard[3]!) };
  }
  const json = JSON_RECORD.exec(line)?.[0];
  return json === undefined ? undefined : jsonRecord(json, node);
}

function jsonRecord(text: string, node: string): Open | undefined {
  const said = jsonObjectOf(text);
  const at = parseRfc3339(String(said?.['@timestamp']));
  if (said === undefined || at === undefined) return undefined;
  const fields = Object.entries(said).filter(([key]) => !key.startsWith('@'));
  return {
    at,
    node,
    level: String(said['@level']) as LogLevel,
    name: textOf(said['@module'] ?? ''),
    message: textOf(said['@message'] ?? ''),
    fields: textFields(Object.fromEntries(fields)),
  };
}

function unstamped(line: string, node: string): Open | undefined {
  const words = UNSTAMPED.exec(line)?.[0];
  if (words !== undefined) return { at: undefined, node, level: 'info', name: '', message: words, fields: {} };
  const fact = BANNER_FACT.exec(line);
  if (fact === null) return undefined;
  return { at: undefined, node, level: 'info', name: '', message: fact[1]!, fields: { is: fact[2]!.trim() } };
}

function dockerText(line: string): string {
  return textOf(jsonObjectOf(line)?.['log'] ?? '').replace(/\n$/, '');
}

function jsonObjectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Banners have the time of what follows; a life's last words that of what was before. Nothing else could be dated. */
function dated(entries: readonly Open[]): Entry[] {
  if (entries.every(({ at }) => at === undefined)) return [];
  const found: Entry[] = [];
  let before: Micros | undefined;
  for (const [index, entry] of entries.entries()) {
    const at =
      entry.at ?? timeOf(entry, before, () => entries.find((later, place) => place > index && later.at !== undefined));
    found.push({ ...entry, at });
    before = at;
  }
  return found;
}

function timeOf({ message, fields }: Open, before: Micros | undefined, next: () => Open | undefined): Micros {
  const isBanner = fields['is'] !== undefined || /server (configuration|started)/.test(message);
  const later = next();
  const begins = later === undefined || later.message === START;
  return (begins && !isBanner ? before : undefined) ?? later?.at ?? before!;
}
