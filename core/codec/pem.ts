/** PEM blocks (RFC 7468, and RFC 1421's headers) as Go's encoding/pem reads and writes them. */
import { decodeBase64, encodeBase64 } from './base64.ts';

export interface PemBlock {
  /** What stands behind `BEGIN `. */
  readonly type: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

export interface PemFound {
  readonly block: PemBlock;
  /** What follows the block. */
  readonly rest: string;
}

const BEGIN = '-----BEGIN ';
const END = '\n-----END ';
const DASHES = '-----';

/** The end of the line that starts at `at`, and where the next begins. */
function lineAt(text: string, at: number): { line: string; next: number } {
  const end = text.indexOf('\n', at);
  const stop = end < 0 ? text.length : end;
  return { line: text.slice(at, stop).replace(/[ \t\r]+$/, ''), next: end < 0 ? text.length : end + 1 };
}

/**
 * The first block that is whole; what comes before it, and blocks that are not, is skipped. Looks for an end first and
 * then for the last beginning before it, so that a great many of either cost no more than their length.
 */
export function decodePem(text: string): PemFound | undefined {
  for (let from = 0; ;) {
    const end = text.indexOf(END, from);
    if (end < 0) return undefined;
    const begin = text.slice(from, end).lastIndexOf(BEGIN) + from;
    if (begin >= from && (begin === 0 || text[begin - 1] === '\n')) {
      const found = blockAt(text, begin, end);
      if (found !== undefined) return found;
    }
    from = end + END.length;
  }
}

/** `end` is the line break before the line that ends it. */
function blockAt(text: string, begin: number, end: number): PemFound | undefined {
  const first = lineAt(text, begin + BEGIN.length);
  if (!first.line.endsWith(DASHES)) return undefined;
  const type = first.line.slice(0, -DASHES.length);
  const headers = new Map<string, string>();
  let at = first.next;
  while (at <= end) {
    const { line, next } = lineAt(text, at);
    const colon = line.indexOf(':');
    if (colon < 0) break;
    headers.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    at = next;
  }
  const marker = `${DASHES}END ${type}${DASHES}`;
  // Without headers the end may follow at once.
  if (!text.startsWith(marker, end + 1) || (at > end && headers.size > 0)) return undefined;
  const tail = lineAt(text, end + 1 + marker.length);
  if (tail.line !== '') return undefined;
  try {
    const bytes = decodeBase64(text.slice(at, end + 1).replace(/[ \t]/g, ''));
    return { block: { type, headers, bytes }, rest: text.slice(tail.next) };
  } catch {
    // Go passes over a block whose base64 is broken, too.
    return undefined;
  }
}

/** All blocks of a file, in order. */
export function decodePems(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let found = decodePem(text); found !== undefined; found = decodePem(found.rest)) blocks.push(found.block);
  return blocks;
}

/** The same of a text that has nothing behind them; `none` makes the error for a block that is none, counted from 1. */
export function onlyPems(text: string, none: (number: number) => Error): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let rest = text; rest.trim() !== '';) {
    const found = decodePem(rest);
    if (found === undefined) throw none(blocks.length + 1);
    blocks.push(found.block);
    ({ rest } = found);
  }
  return blocks;
}

/** Lines of 64 characters, with a line break at the end. */
export function encodePem(type: string, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? [];
  return [`${BEGIN}${type}${DASHES}`, ...lines, `-----END ${type}${DASHES}`, ''].join('\n');
}
