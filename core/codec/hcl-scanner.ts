/** Cuts HCL (version 1) into tokens. Goes on after an error, as upstream's scanner does: the last error is reported. */
import type { HclPosition } from './hcl-ast.ts';
import { END, HclSource, isDecimal, isHexadecimal, isLetter, isSpace } from './hcl-source.ts';

/** Names as upstream's messages show them. */
export type HclTokenType =
  | 'EOF'
  | 'ILLEGAL'
  | 'COMMENT'
  | 'IDENT'
  | 'STRING'
  | 'HEREDOC'
  | 'NUMBER'
  | 'FLOAT'
  | 'BOOL'
  | 'LBRACK'
  | 'LBRACE'
  | 'COMMA'
  | 'PERIOD'
  | 'RBRACK'
  | 'RBRACE'
  | 'ASSIGN'
  | 'ADD'
  | 'SUB';

export interface HclToken {
  readonly type: HclTokenType;
  readonly text: string;
  readonly position: HclPosition;
}

const SIMPLE: Readonly<Record<string, HclTokenType>> = {
  '[': 'LBRACK',
  ']': 'RBRACK',
  '{': 'LBRACE',
  '}': 'RBRACE',
  ',': 'COMMA',
  '=': 'ASSIGN',
  '+': 'ADD',
};

export class HclScanner {
  readonly source: HclSource;

  constructor(text: string) {
    this.source = new HclSource(text);
  }

  scan(): HclToken {
    const source = this.source;
    let character = source.next();
    while (isSpace(character)) character = source.next();
    const start = source.offset - character.length;
    const position = source.position();
    const type = this.#type(character, start);
    return { type, text: source.text.slice(start, source.offset), position };
  }

  #type(character: string, start: number): HclTokenType {
    const source = this.source;
    if (character === END) return 'EOF';
    if (isLetter(character)) {
      this.#identifier();
      const text = source.text.slice(start, source.offset);
      return text === 'true' || text === 'false' ? 'BOOL' : 'IDENT';
    }
    if (isDecimal(character)) return this.#number(character);
    const simple = SIMPLE[character];
    if (simple !== undefined) return simple;
    switch (character) {
      case '"':
        this.#string();
        return 'STRING';
      case '#':
      case '/':
        this.#comment(character);
        return 'COMMENT';
      case '<':
        this.#heredoc();
        return 'HEREDOC';
      case '-':
        return isDecimal(source.peek()) ? this.#number(source.next()) : 'SUB';
      case '.':
        if (!isDecimal(source.peek())) return 'PERIOD';
        this.#digits();
        this.#exponent();
        return 'FLOAT';
    }
    source.fail('illegal char');
    return 'ILLEGAL';
  }

  #identifier(): void {
    for (;;) {
      const next = this.source.peek();
      if (isLetter(next) || isDecimal(next) || next === '-' || next === '.') this.source.next();
      else break;
    }
    this.#touchEnd();
  }

  // Upstream looks ahead by reading, which moves the column when there is nothing left.
  #touchEnd(): void {
    if (this.source.peek() === END && this.source.offset === this.source.text.length) this.source.next();
  }

  #digits(): void {
    while (isDecimal(this.source.peek())) this.source.next();
    this.#touchEnd();
  }

  #exponent(): void {
    const source = this.source;
    if (source.peek() !== 'e' && source.peek() !== 'E') return;
    source.next();
    if (source.peek() === '+' || source.peek() === '-') source.next();
    this.#digits();
  }

  #number(first: string): HclTokenType {
    const source = this.source;
    if (first === '0' && (source.peek() === 'x' || source.peek() === 'X')) {
      source.next();
      const start = source.offset;
      while (isHexadecimal(source.peek())) source.next();
      if (source.offset === start) {
        source.next();
        source.fail('illegal hexadecimal number');
        if (source.offset > start) source.unread();
      } else this.#touchEnd();
      return 'NUMBER';
    }
    const start = source.offset;
    this.#digits();
    if (first !== '0') this.#touchEnd();
    const digits = source.text.slice(start, source.offset);
    if (source.peek() === '.') {
      source.next();
      while (isDecimal(source.peek())) source.next();
      this.#exponent();
      return 'FLOAT';
    }
    if (source.peek() === 'e' || source.peek() === 'E') {
      this.#exponent();
      return 'FLOAT';
    }
    if (first === '0' && /[89]/.test(digits)) source.fail('illegal octal number');
    return 'NUMBER';
  }

  #comment(first: string): void {
    const source = this.source;
    if (first === '/' && source.peek() === '*') {
      source.next();
      let character = source.next();
      for (;;) {
        if (character === END) return source.fail('comment not terminated');
        const before = character;
        character = source.next();
        if (before === '*' && character === '/') return;
      }
    }
    if (first === '/' && source.peek() !== '/') return source.fail("expected '/' for comment");
    let character = source.next();
    while (character !== '\n' && character !== END) character = source.next();
    if (character !== END) source.unread();
  }

  #heredoc(): void {
    const source = this.source;
    if (source.next() !== '<') return source.fail("heredoc expected second '<', didn't see it");
    const start = source.offset;
    let character = source.next();
    if (character === '-') character = source.next();
    while (isLetter(character) || isDecimal(character)) character = source.next();
    if (character === END) return source.fail('heredoc not terminated');
    if (character === '\r' && source.peek() === '\n') character = source.next();
    if (character !== '\n') return source.fail('invalid characters in heredoc anchor');
    const anchor = source.text.slice(start, source.offset - 1);
    if (anchor === '' || anchor === '-') return source.fail('zero-length heredoc anchor');
    const end = anchor.startsWith('-') ? anchor.slice(1) : anchor;
    let line = source.offset;
    for (;;) {
      character = source.next();
      if (character === END) return source.fail('heredoc not terminated');
      if (character !== '\n') continue;
      const text = source.text.slice(line, source.offset - 1);
      const own = text.replace(/^[\t\v\f\r ]+/, '');
      if (text.length >= anchor.length && own.startsWith(end) && /^\r*$/.test(own.slice(end.length))) return;
      line = source.offset;
    }
  }

  #string(): void {
    const source = this.source;
    // Inside ${…} quotes and line breaks are part of the string.
    let braces = 0;
    for (;;) {
      const character = source.next();
      if (character === END || (character === '\n' && braces === 0)) return source.fail('literal not terminated');
      if (character === '"' && braces === 0) return;
      if (braces === 0 && character === '$' && source.peek() === '{') {
        braces = 1;
        source.next();
      } else if (braces > 0 && character === '{') braces++;
      if (braces > 0 && character === '}') braces--;
      if (character === '\\') this.#escape();
    }
  }

  #escape(): void {
    const character = this.source.next();
    if (character !== END && 'abfnrtv\\"'.includes(character)) return;
    if (/^[0-7]$/.test(character)) this.#escapeDigits(/^[0-7]$/, 2, 1);
    else if (character === 'x') this.#escapeDigits(/^[0-9a-fA-F]$/, 2);
    else if (character === 'u') this.#escapeDigits(/^[0-9a-fA-F]$/, 4);
    else if (character === 'U') this.#escapeDigits(/^[0-9a-fA-F]$/, 8);
    else this.source.fail('illegal char escape');
  }

  /** `before`: how many digits were read already. What is none is put back, but where no digit was read at all. */
  #escapeDigits(digit: RegExp, count: number, before = 0): void {
    for (let i = 0; i < count; i++) {
      if (digit.test(this.source.peek())) {
        this.source.next();
        continue;
      }
      const { offset } = this.source;
      this.source.next();
      this.source.fail('illegal char escape');
      if (this.source.offset > offset && before + i > 0) this.source.unread();
      return;
    }
  }
}
