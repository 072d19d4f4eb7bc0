/** Text and actions of a template, word by word: what is wrong further on is only found by who gets there. */
import { isPrintableText, quote } from '../go-quote.ts';

/** A template that cannot be parsed or applied; Go's text. */
export class GoTemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GoTemplateError';
  }
}

export type WordKind =
  // Outside of actions.
  | 'text'
  | 'open'
  | 'eof'
  // What is no word at all; its text says why.
  | 'error'
  | 'close'
  | 'space'
  | 'keyword'
  | 'name'
  | 'field'
  | 'variable'
  | 'dot'
  | 'string'
  | 'number'
  | 'character'
  | 'bool'
  | 'nil'
  | 'symbol'
  // Any other letter that ASCII prints.
  | 'other';

export interface Word {
  readonly kind: WordKind;
  readonly text: string;
  /** Units from the start of the template. */
  readonly at: number;
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
]);

const CLOSE = /([ \t\r\n]-)?\}\}/y;
const SPACE = /[ \t\r\n]/;
const LETTER = /[\p{L}_\p{Nd}]/u;
const LETTERS = /[\p{L}_\p{Nd}]*/uy;
/** What may follow a name without a space between. */
const TERMINATOR = /[ \t\r\n.,|:)(]|\}\}|$/y;
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?)i?/y;
const QUOTED: Readonly<Record<string, readonly [pattern: RegExp, open: string]>> = {
  '"': [/"(?:\\[^\n]|[^"\\\n])*"/uy, 'unterminated quoted string'],
  '`': [/`[^`]*`/y, 'unterminated raw quoted string'],
  "'": [/'(?:\\[^\n]|[^'\\\n])*'/uy, 'unterminated character constant'],
};

export class Lexer {
  readonly #text: string;
  #at = 0;
  #inside = false;
  #trims = false;
  #parentheses = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Behind an error there is nothing more to ask for. */
  next(): Word {
    return this.#inside ? this.#insideAction() : this.#outside();
  }

  #word(kind: WordKind, length: number): Word {
    const at = this.#at;
    this.#at += length;
    return { kind, text: this.#text.slice(at, this.#at), at };
  }

  #error(text: string, at = this.#at): Word {
    return { kind: 'error', text, at };
  }

  #match(pattern: RegExp, at = this.#at): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.#text);
  }

  #outside(): Word {
    for (;;) {
      const found = this.#text.indexOf('{{', this.#at);
      const end = found < 0 ? this.#text.length : found;
      const trimsLeft = found >= 0 && /^\{\{-[ \t\r\n]/.test(this.#text.slice(found, found + 4));
      let from = this.#at;
      let until = end;
      if (this.#trims) while (from < until && SPACE.test(this.#text[from]!)) from += 1;
      if (trimsLeft) while (until > from && SPACE.test(this.#text[until - 1]!)) until -= 1;
      this.#trims = false;
      if (from < until) {
        this.#at = end;
        return { kind: 'text', text: this.#text.slice(from, until), at: from };
      }
      this.#at = end;
      if (found < 0) return { kind: 'eof', text: '', at: end };
      const marker = trimsLeft ? 4 : 2;
      if (!this.#text.startsWith('/*', end + marker)) {
        this.#inside = true;
        this.#parentheses = 0;
        return this.#word('open', marker);
      }
      const wrong = this.#comment(end + marker);
      if (wrong !== undefined) return wrong;
    }
  }

  #comment(at: number): Word | undefined {
    const close = this.#text.indexOf('*/', at);
    if (close < 0) return this.#error('unclosed comment');
    const end = this.#match(CLOSE, close + 2);
    if (end === null) return this.#error('comment ends before closing delimiter');
    this.#trims = end[1] !== undefined;
    this.#at = close + 2 + end[0].length;
    return undefined;
  }

  #insideAction(): Word {
    const end = this.#match(CLOSE);
    if (end !== null) {
      if (this.#parentheses > 0) return this.#error('unclosed left paren');
      this.#inside = false;
      this.#trims = end[1] !== undefined;
      return this.#word('close', end[0].length);
    }
    const character = this.#text[this.#at];
    if (character === undefined) return this.#error('unclosed action');
    if (SPACE.test(character)) return this.#spaces();
    if (character in QUOTED) {
      const [pattern, open] = QUOTED[character]!;
      const found = this.#match(pattern);
      return found === null
        ? this.#error(open)
        : this.#word(character === "'" ? 'character' : 'string', found[0].length);
    }
    // A dot at the very end is read as a number, and is none.
    if (character === '$' || (character === '.' && /[^0-9]/.test(this.#text[this.#at + 1] ?? ''))) {
      return this.#fieldOrVariable(character === '$');
    }
    if (/[.+\-0-9]/.test(character)) return this.#number();
    const point = this.#text.codePointAt(this.#at)!;
    if (LETTER.test(String.fromCodePoint(point))) return this.#name();
    return this.#symbol(character, point);
  }

  /** The last space before a dash and the end belongs to the end. */
  #spaces(): Word {
    let length = 1;
    while (SPACE.test(this.#text[this.#at + length] ?? '')) length += 1;
    if (this.#match(CLOSE, this.#at + length - 1)?.[1] !== undefined) length -= 1;
    return this.#word('space', length);
  }

  #symbol(character: string, point: number): Word {
    switch (character) {
      case ':':
        return this.#text[this.#at + 1] === '=' ? this.#word('symbol', 2) : this.#error('expected :=');
      case '(':
        this.#parentheses += 1;
        return this.#word('symbol', 1);
      case ')':
        this.#parentheses -= 1;
        return this.#parentheses < 0 ? this.#error('unexpected right paren') : this.#word('symbol', 1);
      case '=':
      case '|':
        return this.#word('symbol', 1);
    }
    if (point > 0x20 && point < 0x7f) return this.#word('other', 1);
    return this.#error(`unrecognized character in action: ${unicode(point)}`);
  }

  #name(): Word {
    const { length } = this.#match(LETTERS)![0];
    const wrong = this.#badEnd(this.#at + length);
    if (wrong !== undefined) return wrong;
    const text = this.#text.slice(this.#at, this.#at + length);
    if (KEYWORDS.has(text)) return this.#word('keyword', length);
    if (text === 'nil') return this.#word('nil', length);
    return this.#word(text === 'true' || text === 'false' ? 'bool' : 'name', length);
  }

  #fieldOrVariable(variable: boolean): Word {
    if (this.#match(TERMINATOR, this.#at + 1) !== null) return this.#word(variable ? 'variable' : 'dot', 1);
    const { length } = this.#match(LETTERS, this.#at + 1)![0];
    return this.#badEnd(this.#at + 1 + length) ?? this.#word(variable ? 'variable' : 'field', 1 + length);
  }

  #badEnd(at: number): Word | undefined {
    if (this.#match(TERMINATOR, at) !== null) return undefined;
    return this.#error(`bad character ${unicode(this.#text.codePointAt(at)!)}`);
  }

  /** A complex number goes on behind a sign. */
  #number(): Word {
    const first = this.#match(NUMBER)![0];
    let end = this.#at + first.length;
    const bad = (): Word => this.#error(`bad number syntax: ${quote(this.#text.slice(this.#at, end))}`);
    const goesOn = (): boolean => {
      const point = this.#text.codePointAt(end);
      if (point === undefined || !LETTER.test(String.fromCodePoint(point))) return false;
      end += String.fromCodePoint(point).length;
      return true;
    };
    if (goesOn()) return bad();
    if (/[+-]/.test(this.#text[end] ?? '')) {
      end += this.#match(NUMBER, end)![0].length;
      if (goesOn() || this.#text[end - 1] !== 'i') return bad();
    }
    return this.#word('number', end - this.#at);
  }
}

/** Go's %#U. */
function unicode(point: number): string {
  const character = String.fromCodePoint(point);
  const shown = isPrintableText(character) ? ` '${character}'` : '';
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}${shown}`;
}
