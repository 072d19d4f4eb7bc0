/** Words of an expression. Errors are ANTLR's, whose lexer goes on behind what it does not know. */
import type { Issue } from './error.ts';

/** What begins no word. */
export interface Unknown extends Issue {
  /** Behind it. */
  readonly end: number;
}

export type Kind = 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'name' | 'quoted' | 'operator' | 'end';

export interface Token {
  readonly kind: Kind;
  /** As written; '<EOF>' at the end. */
  readonly text: string;
  readonly at: number;
}

/** Whether what looks like a name is a word of the language. */
export const isWord = ({ kind, text }: Token): boolean => kind === 'name' && /^(?:in|true|false|null)$/.test(text);
/** Words that may not be names. */
export const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

const SPACE = /[ \t\r\n\f]+|\/\/[^\n]*/y;
const NUMBERS: readonly (readonly [Kind, RegExp])[] = [
  ['double', /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y],
  ['uint', /(?:0x[\da-fA-F]+|\d+)[uU]/y],
  ['int', /0x[\da-fA-F]+|\d+/y],
];
const NAME = /[A-Za-z_]\w*/y;
const QUOTED = /`[\w.\-/ ]+`/y;
const BEGUN = /`[\w.\-/ ]*/y;
const OPERATOR = /==|!=|<=|>=|&&|\|\||[[\]{}()<>.,\-!?:+*/%]/y;
const ESCAPE = /\\(?:[abfnrtv"'\\?`]|[xX][\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-3][0-7]{2})/y;
/** As much of an escape as there is. */
const BEGUN_ESCAPE = /\\(?:[xX][\da-fA-F]?|u[\da-fA-F]{0,3}|U[\da-fA-F]{0,7}|[0-3][0-7]?)?/y;
const PREFIX = /[bB]?[rR]?(?="|')/y;

/** All words, and what none begins with. */
export function scan(source: string): { readonly tokens: readonly Token[]; readonly unknown: readonly Unknown[] } {
  const tokens: Token[] = [];
  const unknown: Unknown[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at < source.length) {
    const space = match(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const found = next(source, at, match);
    if (typeof found === 'number') {
      const text = source.slice(at, found);
      unknown.push({ at, end: found, message: `Syntax error: token recognition error at: '${text}'` });
      at = found;
      continue;
    }
    tokens.push(found);
    at += found.text.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: source.length });
  return { tokens, unknown };
}

/** A word, or where the lexer goes on after what is none. */
function next(source: string, at: number, match: (pattern: RegExp) => string | undefined): Token | number {
  const prefix = match(PREFIX);
  if (prefix !== undefined) {
    const start = at + prefix.length;
    const quote = source[start]!;
    let end = endOfString(source, start, /[rR]/.test(prefix));
    // What is left open is as much of it as is a word.
    if (end < 0 && source.startsWith(quote.repeat(3), start)) end = start + 2;
    if (end < 0 && prefix !== '') return { kind: 'name', text: prefix, at };
    if (end < 0) return Math.min(source.length, -end);
    return { kind: /[bB]/.test(prefix) ? 'bytes' : 'string', text: source.slice(at, end), at };
  }
  for (const [kind, pattern] of NUMBERS) {
    const text = match(pattern);
    if (text !== undefined) return { kind, text, at };
  }
  const name = match(NAME);
  if (name !== undefined) return { kind: 'name', text: name, at };
  const quoted = match(QUOTED);
  if (quoted !== undefined) return { kind: 'quoted', text: quoted, at };
  const operator = match(OPERATOR);
  if (operator !== undefined) return { kind: 'operator', text: operator, at };
  // What begins a word that does not go on takes the next character along.
  const begun = match(BEGUN);
  if (begun !== undefined) return after(source, at + begun.length);
  return '&|='.includes(source[at]!) ? after(source, at + 1) : after(source, at);
}

/** Behind the character there: one may be two units. */
const after = (source: string, at: number): number =>
  Math.min(source.length, at + String.fromCodePoint(source.codePointAt(at) ?? 0).length);

/** Behind what is no escape. */
function afterEscape(source: string, at: number): number {
  BEGUN_ESCAPE.lastIndex = at;
  return after(source, at + BEGUN_ESCAPE.exec(source)![0].length);
}

/** Behind the closing quote; negative: minus where the lexer gave up. */
function endOfString(source: string, from: number, raw: boolean): number {
  const quote = source[from]!;
  const triple = source.startsWith(quote.repeat(3), from);
  const close = triple ? quote.repeat(3) : quote;
  let at = from + close.length;
  while (at < source.length) {
    if (source.startsWith(close, at)) return at + close.length;
    const character = source[at]!;
    if (!triple && (character === '\n' || character === '\r')) return -(at + 1);
    if (character === '\\' && !raw) {
      ESCAPE.lastIndex = at;
      const escape = ESCAPE.exec(source)?.[0];
      if (escape === undefined) return -afterEscape(source, at);
      at += escape.length;
    } else at += 1;
  }
  return -source.length;
}
