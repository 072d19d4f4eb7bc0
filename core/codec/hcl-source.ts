/** A text read character by character, which knows line and column the way upstream's two HCL scanners count them. */
import type { HclPosition } from './hcl-ast.ts';

/** What `next` and `peek` give at the end of the text (and for a NUL, which is an error). */
export const END = '';

export class HclSource {
  readonly text: string;
  /** Index into `text` of the next character. */
  offset = 0;
  /** The last error of the scan: upstream goes on scanning and reports the last one. */
  error: { readonly position: HclPosition; readonly message: string } | undefined;
  #line = 1;
  #column = 0;
  #lastLineLength = 0;
  #before = { offset: 0, line: 1, column: 0 };

  constructor(text: string) {
    this.text = text;
  }

  next(): string {
    const code = this.text.codePointAt(this.offset);
    if (code === undefined) {
      this.#column++;
      return END;
    }
    this.#before = { offset: this.offset, line: this.#line, column: this.#column };
    this.#column++;
    const character = String.fromCodePoint(code);
    this.offset += character.length;
    if (character === '\n') {
      this.#line++;
      this.#lastLineLength = this.#column;
      this.#column = 0;
    } else if (character === '\0') {
      this.fail('unexpected null character (0x00)');
      return END;
    }
    return character;
  }

  /** Puts the last character back; at the end of the text there is none. */
  unread(): void {
    this.offset = this.#before.offset;
    this.#line = this.#before.line;
    this.#column = this.#before.column;
  }

  peek(): string {
    const code = this.text.codePointAt(this.offset);
    return code === undefined ? END : String.fromCodePoint(code);
  }

  /** Where the last character read stands. */
  position(): HclPosition {
    if (this.#column > 0) return { line: this.#line, column: this.#column };
    if (this.#lastLineLength > 0) return { line: this.#line - 1, column: this.#lastLineLength };
    return { line: 1, column: 1 };
  }

  fail(message: string): void {
    this.error = { position: this.position(), message };
  }
}

export const isDecimal = (character: string): boolean => character >= '0' && character <= '9' && character.length === 1;

export const isHexadecimal = (character: string): boolean => /^[0-9a-fA-F]$/.test(character);

export const isSpace = (character: string): boolean =>
  character === ' ' || character === '\t' || character === '\n' || character === '\r';

// Letters beyond ASCII without Unicode tables, which differ between platforms: all but the blocks of signs and spaces.
const SIGNS: readonly (readonly [number, number])[] = [
  [0x80, 0xa9],
  [0xab, 0xb4],
  [0xb6, 0xb9],
  [0xbb, 0xbf],
  [0xd7, 0xd7],
  [0xf7, 0xf7],
  [0x2000, 0x2070],
  [0x20a0, 0x2101],
  [0x2190, 0x2bff],
  [0x2e00, 0x2e7f],
  [0x3000, 0x3004],
  [0xd800, 0xf8ff],
  [0xfe00, 0xfe6f],
  [0xfeff, 0xff20],
  [0xfff0, 0xffff],
  [0x1f000, 0x1faff],
  [0x323b0, 0x10ffff],
];

export function isLetter(character: string): boolean {
  if (/^[a-zA-Z_]$/.test(character)) return true;
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x80 && !SIGNS.some(([from, to]) => code >= from && code <= to);
}
