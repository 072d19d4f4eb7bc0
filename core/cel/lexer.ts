/** Words of an expression. Errors are ANTLR's, whose lexer goes on behind what it does not know. */
import type { Issue } from './error.ts';

export type Kind = 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'name' | 'quoted' | 'operator' | 'end';

export interface Token {
  readonly kind: Kind;
  /** As written; '<EOF>' at the end. */
  readonly text: string;
  readonly at: number;
}

const SPACE = /[ \t\r\n\f]+|\/\/[^\n]*/y;
const NUMBERS: readonly (readonly [Kind, RegExp])[] = [
  ['double', /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y],
  ['uint', /(?:0x[\da-fA-F]+|\d+)[uU]/y],
  ['int', /0x[\da-fA-F]+|\d+/y],
];
const NAME = /[A-Za-z_]\w*/y;
const QUOTED = /`[\w.\-/ ]+`/y;
const OPERATOR = /==|!=|<=|>=|&&|\|\||[[\]{}()<>.,\-!?:+*/%]/y;
const ESCAPE = /\\(?:[bfnrt"'\\?`]|[xX][\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-3][0-7]{2})/y;
const PREFIX = /[bB]?[rR]?(?="|')|[rR][bB](?="|')/y;

/** All words, and what none begins with. */
export function scan(source: string): { readonly tokens: readonly Token[]; readonly issues: readonly Issue[] } {
  const tokens: Token[] = [];
  const issues: Issue[] = [];
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
      issues.push({ at, message: `Syntax error: token recognition error at: '${text.replaceAll('\n', '\\n')}'` });
      at = found;
      continue;
    }
    tokens.push(found);
    at += found.text.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: source.length });
  return { tokens, issues };
}

/** A word, or where the lexer goes on after what is none. */
function next(source: string, at: number, match: (pattern: RegExp) => string | undefined): Token | number {
  const prefix = match(PREFIX);
  if (prefix !== undefined) {
    const end = endOfString(source, at + prefix.length, /[rR]/.test(prefix));
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
  return '&|='.includes(source[at]!) ? after(source, at + 1) : after(source, at);
}

/** Behind the character there: one may be two units. */
const after = (source: string, at: number): number =>
  Math.min(source.length, at + String.fromCodePoint(source.codePointAt(at) ?? 0).length);

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
      if (escape === undefined) return -after(source, at + 1);
      at += escape.length;
    } else at += 1;
  }
  return -source.length;
}
