/** What is wrong with an expression, and where: the texts are cel-go's. */
import { encodeUtf8 } from '../codec/utf8.ts';

/** Evaluation failed. */
export class CelError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CelError';
  }
}

/** A mistake in an expression's text; `at` counts UTF-16 units from its start, -1 is nowhere in it. */
export interface Issue {
  readonly at: number;
  readonly message: string;
}

/** In front of the text: where cel-go sees what it could not read. */
export const FRONT = -0.5;

/** The expression cannot be used; `syntax` says whether parsing already failed. */
export class CelIssues extends Error {
  readonly syntax: boolean;
  constructor(source: string, issues: readonly Issue[], syntax: boolean) {
    super(printIssues(source, issues, syntax));
    this.name = 'CelIssues';
    this.syntax = syntax;
  }
}

/** What is found after so many issues is only counted. */
const SHOWN = 100;
/** A line of more bytes than this is not shown. */
const LONGEST_LINE = 16_384;

/** One entry an issue: place, text, the line and a caret under it. Issues come in the order in which they were found. */
function printIssues(source: string, issues: readonly Issue[], syntax: boolean): string {
  const lines = source.split('\n');
  const starts: number[] = [];
  let start = 0;
  for (const line of lines) {
    starts.push(start);
    start += line.length + 1;
  }
  const shown = issues
    .slice(0, SHOWN)
    .sort((a, b) => a.at - b.at)
    .map((issue) => printIssue(lines, starts, issue));
  // Parsing stops at the first one too many.
  const rest = syntax ? Math.min(1, issues.length - SHOWN) : issues.length - SHOWN;
  if (rest > 0) shown.push(`${rest} more errors were truncated`);
  return shown.join('\n');
}

function printIssue(lines: readonly string[], starts: readonly number[], { at, message }: Issue): string {
  if (at < 0 && at !== FRONT) return `ERROR: <input>:-1:0: ${message}`;
  const line = at === FRONT ? 0 : starts.findLastIndex((start) => start <= at);
  const text = lines[line]!;
  const before = at === FRONT ? [] : Array.from(text.slice(0, at - starts[line]!));
  const column = at === FRONT ? -1 : before.length;
  const where = `ERROR: <input>:${line + 1}`;
  // An empty expression has no line to show.
  if (lines.length === 1 && text === '') return `${where}:0: ${message}`;
  const place = `${where}:${column + 1}: ${message}`;
  if (encodeUtf8(text).length > LONGEST_LINE) return place;
  const caret = isWide(text.slice(at - starts[line]!)) ? '\uff3e' : '^';
  const dots = before.map((character) => (isWide(character) ? '\uff0e' : '.')).join('');
  return `${place}\n | ${text.replaceAll('\t', ' ')}\n | ${dots}${caret}`;
}

/** What takes more than a byte is pointed at with signs as wide as it may be. */
const isWide = (text: string): boolean => text !== '' && text.charCodeAt(0) >= 0x80;
