/** Functions on text: the standard's and those of cel-go's strings and regex libraries. Positions count code points. */
import { GoRegexp, type Match, RegexpError } from '../codec/go-regexp.ts';
import { quote } from '../codec/go-quote.ts';
import { CelError } from './error.ts';
import { formatText } from './format.ts';
import type { Declarations } from './functions.ts';
import { List, Optional } from './values.ts';

const points = (text: string): string[] => Array.from(text);

function checked(position: bigint, length: number): number {
  if (position < 0n || position > BigInt(length)) throw new CelError(`index out of range: ${position}`);
  return Number(position);
}

function substring(text: string, from: bigint, to?: bigint): string {
  const all = points(text);
  const start = checked(from, all.length);
  const end = to === undefined ? all.length : checked(to, all.length);
  if (start > end) throw new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  return all.slice(start, end).join('');
}

function indexOf(text: string, part: string, from = 0n): bigint {
  const all = points(text);
  const start = checked(from, all.length);
  const wanted = points(part);
  for (let at = start; at + wanted.length <= all.length; at++) {
    if (wanted.every((point, i) => all[at + i] === point)) return BigInt(at);
  }
  return -1n;
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const all = points(text);
  const wanted = points(part);
  const last = all.length - wanted.length;
  const start = from === undefined ? last : Math.min(last, checked(from, all.length));
  for (let at = start; at >= 0; at--) if (wanted.every((point, i) => all[at + i] === point)) return BigInt(at);
  return -1n;
}

function split(text: string, by: string, limit = -1n): List {
  if (limit === 0n) return new List([], []);
  if (limit === 1n) return new List([text], [text]);
  const parts = by === '' ? points(text) : text.split(by);
  const most = Number(limit);
  const found =
    most < 0 || parts.length <= most ? parts : [...parts.slice(0, most - 1), parts.slice(most - 1).join(by)];
  return new List(found, found);
}

function replace(text: string, from: string, to: string, limit = -1n): string {
  const parts = from === '' ? ['', ...points(text), ''] : text.split(from);
  let left = limit < 0n ? parts.length : Number(limit);
  let out = parts[0]!;
  for (const part of parts.slice(1)) out += (left-- > 0 ? to : from) + part;
  return out;
}

/** Throws CelError with RE2's text. */
function regexp(pattern: string): GoRegexp {
  try {
    return new GoRegexp(pattern);
  } catch (error) {
    throw error instanceof RegexpError ? new CelError(error.message) : error;
  }
}

/** What is extracted by each match: its one group, if it has one and that took anything; else all of it. */
function extracted(pattern: string, matches: (regexp: GoRegexp) => readonly Match[]): string[] {
  const compiled = regexp(pattern);
  if (compiled.groups > 1)
    throw new CelError(`regular expression has more than one capturing group: ${quote(pattern)}`);
  const found = matches(compiled).map(({ groups }) => groups);
  return compiled.groups === 0 ? found.map(([all]) => all!) : found.flatMap(([, group = '']) => group || []);
}

/** What stands for a match: \1 for a group, \\ for a backslash. */
const expanded = (to: string, groups: readonly (string | undefined)[]): string =>
  to.replace(/\\([^]?)/gu, (_, next: string) => {
    if (next === '\\') return next;
    if (next === '') throw new CelError(`invalid replacement string: '${to}' \\ not allowed at end`);
    if (!/\d/.test(next))
      throw new CelError(`invalid replacement string: '${to}' \\ must be followed by a digit or \\`);
    const most = groups.length - 1;
    if (Number(next) > most)
      throw new CelError(`replacement string references group ${next} but regex has only ${most} group(s)`);
    return groups[Number(next)] ?? '';
  });

function substitute(text: string, pattern: string, to: string, limit = -1n): string {
  if (limit === 0n) return text;
  let [out, at] = ['', 0];
  const found = regexp(pattern).all(text);
  for (const { start, end, groups } of limit < 0n ? found : found.slice(0, Number(limit))) {
    out += text.slice(at, start) + expanded(to, groups);
    at = end;
  }
  return out + text.slice(at);
}

const ascii = (text: string, upper: boolean): string =>
  text.replace(upper ? /[a-z]+/g : /[A-Z]+/g, (part) => (upper ? part.toUpperCase() : part.toLowerCase()));

export function addStrings(all: Declarations): void {
  const matches = (text: string, pattern: string): boolean => regexp(pattern).test(text);
  all
    .add('contains', 'string.(string): bool', (text: string, part: string) => text.includes(part))
    .add('startsWith', 'string.(string): bool', (text: string, part: string) => text.startsWith(part))
    .add('endsWith', 'string.(string): bool', (text: string, part: string) => text.endsWith(part))
    .add('matches', 'string.(string): bool', matches)
    .add('matches', '(string, string): bool', matches)
    .add('charAt', 'string.(int): string', (text: string, at: bigint) => {
      const all = points(text);
      return all[checked(at, all.length)] ?? '';
    })
    .add('indexOf', 'string.(string): int', (text: string, part: string) => indexOf(text, part))
    .add('indexOf', 'string.(string, int): int', indexOf)
    .add('lastIndexOf', 'string.(string): int', (text: string, part: string) => lastIndexOf(text, part))
    .add('lastIndexOf', 'string.(string, int): int', lastIndexOf)
    .add('substring', 'string.(int): string', (text: string, from: bigint) => substring(text, from))
    .add('substring', 'string.(int, int): string', substring)
    .add('lowerAscii', 'string.(): string', (text: string) => ascii(text, false))
    .add('upperAscii', 'string.(): string', (text: string) => ascii(text, true))
    .add('trim', 'string.(): string', (text: string) => text.trim())
    .add('reverse', 'string.(): string', (text: string) => points(text).reverse().join(''))
    .add('replace', 'string.(string, string): string', (text: string, from: string, to: string) =>
      replace(text, from, to),
    )
    .add('replace', 'string.(string, string, int): string', replace)
    .add('split', 'string.(string): list(string)', (text: string, by: string) => split(text, by))
    .add('split', 'string.(string, int): list(string)', split)
    .add('join', 'list(string).(): string', ({ items }: List) => (items as string[]).join(''))
    .add('join', 'list(string).(string): string', ({ items }: List, by: string) => (items as string[]).join(by))
    .add('format', 'string.(list(dyn)): string', (text: string, { items }: List) => formatText(text, items))
    .add('strings.quote', '(string): string', quote)
    .add('regex.extract', '(string, string): optional_type(string)', (text: string, pattern: string) => {
      const [found] = extracted(pattern, (compiled) => compiled.first(text));
      return new Optional(found);
    })
    .add('regex.extractAll', '(string, string): list(string)', (text: string, pattern: string) => {
      const found = extracted(pattern, (compiled) => compiled.all(text));
      return new List(found, found);
    });
  all
    .add('regex.replace', '(string, string, string): string', (t: string, p: string, to: string) =>
      substitute(t, p, to),
    )
    .add('regex.replace', '(string, string, string, int): string', substitute);
}
