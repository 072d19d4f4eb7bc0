/** String and character constants of Go, quoted or raw. */
import { ESCAPES } from '../go-quote.ts';

const ESCAPE = /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|[^])/g;

/** Undefined when an escape is none of Go's. */
export function unquoteGo(text: string): string | undefined {
  if (text.startsWith('`')) return text.slice(1, -1);
  const quote = text[0]!;
  let valid = true;
  const value = text.slice(1, -1).replace(ESCAPE, (_, escape: string) => {
    const code = codeOf(escape);
    if (code === undefined) return escape === quote ? quote : (ESCAPES[escape] ?? ((valid = false), ''));
    const most = /^[0-7]/.test(escape) ? 0xff : 0x10ffff;
    if (code <= most && !(code >= 0xd800 && code <= 0xdfff)) return String.fromCodePoint(code);
    valid = false;
    return '';
  });
  return valid ? value : undefined;
}

/** Of an escape with digits. */
function codeOf(escape: string): number | undefined {
  if (escape.length === 1) return undefined;
  return /^[xuU]/.test(escape) ? Number.parseInt(escape.slice(1), 16) : Number.parseInt(escape, 8);
}
