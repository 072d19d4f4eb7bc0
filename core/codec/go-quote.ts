/** Go's strconv quoting, as far as its error texts show it. */
import { encodeUtf8, sequencesOf } from './utf8.ts';

/** What the letter behind a backslash stands for. */
export const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

const NAMED: ReadonlyMap<number, string> = new Map(
  Object.entries(ESCAPES).map(([letter, character]) => [character.codePointAt(0)!, `\\${letter}`]),
);

/** The last one of the planes for writing; beyond are variation selectors, tags and what is for private use. */
const LAST_LETTER = 0x323af;

// Spaces other than U+0020, controls, format characters and what is not assigned are what Go calls not printable.
const isPrintable = (code: number): boolean =>
  code >= 0x20 &&
  !(code >= 0x7f && code <= 0xa0) &&
  code !== 0xad &&
  code !== 0x1680 &&
  !(code >= 0x2000 && code <= 0x200f) &&
  !(code >= 0x2028 && code <= 0x202f) &&
  !(code >= 0x205f && code <= 0x206f) &&
  code !== 0x3000 &&
  code !== 0xfeff &&
  !(code >= 0xd800 && code <= 0xf8ff) &&
  !(code > LAST_LETTER && !(code >= 0xe0100 && code <= 0xe01ef));

/** Go's unicode.IsPrint of each character: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export const isPrintableText = (text: string): boolean =>
  /^[ -~]*$/.test(text) || Array.from(text).every((character) => isPrintable(character.codePointAt(0)!));

function escapeCode(code: number): string {
  const named = NAMED.get(code);
  if (named !== undefined) return named;
  if (isPrintable(code)) return String.fromCodePoint(code);
  const hex = code.toString(16);
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** %q of a rune: 'b', '\n', '\u00a0'. */
export const quoteCharacter = (code: number): string => (code === 0x27 ? `'\\''` : `'${escapeCode(code)}'`);

/** strconv.Quote: "…" with escapes. */
export function quote(text: string): string {
  let quoted = '';
  for (const character of text) quoted += escapeQuoted(character);
  return `"${quoted}"`;
}

const escapeQuoted = (character: string): string => (character === '"' ? '\\"' : escapeCode(character.codePointAt(0)!));

/** %+q: nothing but ASCII. */
export const quoteAscii = (text: string): string =>
  quote(text).replace(/[^\0-\x7f]/gu, (character) => {
    const code = character.codePointAt(0)!;
    const hex = code.toString(16);
    return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });

/** The same of bytes that need not be text. */
export function quoteUtf8(bytes: Uint8Array): string {
  let quoted = '';
  for (const one of sequencesOf(bytes)) quoted += typeof one === 'number' ? quotedByte(one) : escapeQuoted(one);
  return `"${quoted}"`;
}

/** As package time quotes, which knows no letters beyond ASCII. */
export const quoteForTime = (text: string): string => `"${Array.from(encodeUtf8(text), quotedByte).join('')}"`;

/** The same of bytes, one a character. */
export const quoteBytes = (bytes: string): string =>
  `"${Array.from(bytes, (byte) => quotedByte(byte.charCodeAt(0))).join('')}"`;

function quotedByte(byte: number): string {
  const letter = String.fromCharCode(byte);
  if (letter === '"' || letter === '\\') return `\\${letter}`;
  return byte < 0x20 || byte >= 0x80 ? `\\x${byte.toString(16).padStart(2, '0')}` : letter;
}

/** %#q: in back quotes where that needs no escape, else as `quote`. */
export function quoteText(text: string): string {
  const raw = Array.from(text).every((character) => character !== '`' && isPrintable(character.codePointAt(0)!));
  return raw ? `\`${text}\`` : quote(text);
}
