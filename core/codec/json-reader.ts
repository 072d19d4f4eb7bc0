/**
 * A JSON scanner with the texts of Go's decoder (encoding/json over jsontext, as in Go 1.26). It keeps its own stack,
 * because upstream accepts nesting deeper than JavaScript's.
 */
import { JsonError, JsonNumber, emptyObject } from './json-value.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { quoteCharacter, quoteText } from './go-quote.ts';
import { brokenByteAt, decodeUtf8 } from './utf8.ts';

const MAX_DEPTH = 10_000;

/** Told about each scanned scalar and container; may throw to refuse the input. */
export interface JsonObserver {
  text(length: number): void;
  scalar(kind: 'number' | 'literal'): void;
  open(kind: 'object' | 'array'): void;
}

type Frame =
  | { readonly kind: 'array'; readonly items: JsonValue[] }
  | { readonly kind: 'object'; readonly fields: JsonObject; key: string };

const LITERALS: Readonly<Record<string, readonly [string, JsonValue]>> = {
  t: ['true', true],
  f: ['false', false],
  n: ['null', null],
};

// The first character that ends the plain part of a string.
// oxlint-disable-next-line no-control-regex -- control characters are what a JSON string must not hold
const STRING_STOP = /["\\\u0000-\u001f]/g;
const QUOTE = 0x22;
const DOT = 0x2e;
const EXPONENT = 0x65;
const BACKSLASH = 0x5c;
const SHORT = 48;
// In Unicode mode only surrogates without their other half match.
const LONE_SURROGATE = /[\ud800-\udfff]/gu;
const HEX4 = /^[0-9a-fA-F]{4}$/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class EndOfInput extends JsonError {
  readonly inToken: boolean;
  constructor(message: string, inToken: boolean) {
    super(message);
    this.inToken = inToken;
  }
}

export class JsonReader {
  readonly #text: string;
  /** What the text was read from. */
  readonly #bytes: Uint8Array | undefined;
  readonly #endOfInput: string;
  readonly #observer: JsonObserver | undefined;
  readonly #numbers: 'floats' | 'any';
  #at = 0;
  /** What is open around the place that is read. */
  #stack: readonly Frame[] = [];
  /** Told once the text is known to be right otherwise. */
  #beyond: JsonError | undefined;

  /**
   * `mode` picks Go's words for a text that ends too early: Unmarshal's ('whole') or the Decoder's ('stream'). With an
   * observer it is read token by token, which has other words for keys that are none, too. Numbers have to be floats,
   * unless what is read goes into a struct, which has its own types.
   */
  constructor(
    input: string | Uint8Array,
    mode: 'whole' | 'stream',
    observer?: JsonObserver,
    numbers: 'floats' | 'any' = 'floats',
  ) {
    this.#text = typeof input === 'string' ? input : decodeUtf8(input);
    this.#bytes = typeof input === 'string' ? undefined : input;
    this.#endOfInput = mode === 'whole' ? 'unexpected end of JSON input' : 'unexpected EOF';
    this.#observer = observer;
    this.#numbers = numbers;
  }

  /** True when only white space is left. */
  atEnd(): boolean {
    this.#skipSpace();
    return this.#at >= this.#text.length;
  }

  /** The only value of the text. */
  whole(): JsonValue {
    const value = this.value();
    if (!this.atEnd()) throw this.#unexpected('after top-level value');
    return value;
  }

  /** Reads a value for its errors only. False when the text ends inside it, between two tokens, which Go's tokenizer allows. */
  skipValue(): boolean {
    try {
      this.value();
      return true;
    } catch (error) {
      if (error instanceof EndOfInput && !error.inToken) return false;
      throw error;
    }
  }

  /** The next value. Throws JsonError. */
  value(): JsonValue {
    const stack: Frame[] = [];
    this.#stack = stack;
    let frame: Frame | undefined;
    for (;;) {
      let value: JsonValue;
      this.#skipSpace();
      const character = this.#text[this.#at];
      if (character === '{' || character === '[') {
        this.#at++;
        if (stack.length === MAX_DEPTH) throw new JsonError('exceeded max depth');
        this.#observer?.open(character === '{' ? 'object' : 'array');
        this.#skipSpace();
        if (this.#text[this.#at] === (character === '{' ? '}' : ']')) {
          this.#at++;
          value = character === '{' ? emptyObject() : [];
        } else {
          frame =
            character === '{'
              ? { kind: 'object', fields: emptyObject(), key: this.#key() }
              : { kind: 'array', items: [] };
          stack.push(frame);
          continue;
        }
      } else value = this.#scalar(character);

      // The value is complete: hand it to its container, and close all that end here.
      for (;;) {
        if (frame === undefined) {
          if (this.#beyond !== undefined) throw this.#beyond;
          return value;
        }
        if (frame.kind === 'array') frame.items.push(value);
        else frame.fields[frame.key] = value;
        this.#skipSpace();
        const next = this.#text[this.#at];
        if (next === ',') {
          this.#at++;
          this.#skipSpace();
          const after = this.#text[this.#at];
          // Go's tokenizer blames the comma, not what follows it.
          if (this.#observer && (after === '}' || after === ']')) throw new JsonError(beginning(','));
          if (frame.kind === 'object') frame.key = this.#key();
          break;
        }
        if (next !== (frame.kind === 'array' ? ']' : '}')) {
          throw this.#unexpected(frame.kind === 'array' ? 'after array element' : 'after object key:value pair');
        }
        this.#at++;
        value = frame.kind === 'array' ? frame.items : frame.fields;
        stack.pop();
        frame = stack[stack.length - 1];
      }
    }
  }

  #skipSpace(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) this.#at++;
      else return;
    }
  }

  #end(inToken: boolean): EndOfInput {
    return new EndOfInput(this.#endOfInput, inToken);
  }

  #unexpected(where: string): JsonError {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return this.#end(where.startsWith('in '));
    return new JsonError(`invalid character ${this.#broken(code) ?? quoteCharacter(code)} ${where}`);
  }

  /** A byte that is part of no character. */
  #broken(code: number): string | undefined {
    const byte = code === 0xfffd && this.#bytes ? brokenByteAt(this.#bytes, this.#at) : undefined;
    return byte === undefined ? undefined : `'\\x${byte.toString(16)}'`;
  }

  /** A key and its colon. */
  #key(): string {
    this.#skipSpace();
    const character = this.#text[this.#at];
    if (character !== '"') {
      if (!this.#observer) throw this.#unexpected('looking for beginning of object key string');
      if (character !== '{' && character !== '[') this.#scalar(character);
      throw new JsonError('object member name must be a string');
    }
    const key = this.#string();
    this.#skipSpace();
    if (this.#text[this.#at] !== ':') throw this.#unexpected('after object key');
    this.#at++;
    return key;
  }

  #scalar(character: string | undefined): JsonValue {
    if (character === '"') return this.#string();
    if (character === undefined) throw this.#end(false);
    if (character === '-' || (character >= '0' && character <= '9')) return this.#number();
    const literal = LITERALS[character];
    if (literal === undefined) throw this.#unexpected('looking for beginning of value');
    for (const expected of literal[0]) {
      if (this.#text[this.#at] !== expected) {
        throw this.#unexpected(`in literal ${literal[0]} (expecting '${expected}')`);
      }
      this.#at++;
    }
    this.#observer?.scalar('literal');
    return literal[1];
  }

  #digits(): void {
    const start = this.#at;
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit >= 0x30 && unit <= 0x39) this.#at++;
      else break;
    }
    if (this.#at === start) throw this.#unexpected('in numeric literal');
  }

  /** Most numbers: they print as they stand. */
  #smallInteger(): number | undefined {
    const first = this.#text.charCodeAt(this.#at);
    let value = 0;
    for (let digits = 0; digits <= 15; digits++, this.#at++) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit >= 0x30 && unit <= 0x39) value = value * 10 + (unit - 0x30);
      else if (digits === 0 || (first === 0x30 && digits > 1) || unit === DOT || (unit | 0x20) === EXPONENT)
        return undefined;
      else return value;
    }
    return undefined;
  }

  #number(): number | JsonNumber {
    const start = this.#at;
    const small = this.#smallInteger();
    if (small !== undefined) {
      this.#observer?.scalar('number');
      return small;
    }
    this.#at = start;
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits();
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits();
    }
    if (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E') {
      this.#at++;
      if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at++;
      this.#digits();
    }
    this.#observer?.scalar('number');
    const literal = this.#text.slice(start, this.#at);
    const number = Number(literal);
    // Integers of any size are read as such: stored RSA keys have hundreds of digits.
    if (this.#numbers === 'floats' && !Number.isFinite(number) && !/^-?\d+$/.test(literal)) {
      this.#beyond ??= new JsonError(`json: cannot unmarshal number ${literal} into ${this.#place()} of type float64`);
      if (this.#observer) throw this.#beyond;
    }
    if (!Number.isFinite(number) || (Number.isInteger(number) && !Number.isSafeInteger(number))) {
      return new JsonNumber(literal);
    }
    return String(number) === literal ? number : new JsonNumber(literal);
  }

  /** As Go names where a value would have gone. */
  #place(): string {
    const path = this.#stack.map((frame) => `.${frame.kind === 'array' ? frame.items.length : frame.key}`).join('');
    const inside = this.#stack.at(-1)?.kind;
    // Who reads token by token does not know where it is.
    return inside === undefined || this.#observer ? 'Go value' : inside === 'array' ? path : `Go struct field ${path}`;
  }

  #string(): string {
    const start = ++this.#at;
    let whole = '';
    for (let from = start; ; from = this.#at) {
      const stop = this.#plainEnd(from);
      whole += this.#text.slice(from, this.#at);
      if (stop === QUOTE) break;
      if (stop !== BACKSLASH) throw this.#unexpected('in string');
      whole += this.#escape();
    }
    this.#at++;
    this.#observer?.text(whole.length);
    // Go has no lone surrogates: they are U+FFFD from here on.
    return this.#at - 1 - start === whole.length ? whole : whole.replace(LONE_SURROGATE, '\ufffd');
  }

  /** Goes to what ends the plain part of a string. Most are short: a loop finds their end before an expression starts. */
  #plainEnd(from: number): number {
    const most = Math.min(from + SHORT, this.#text.length);
    let at = from;
    for (; at < most; at++) {
      const unit = this.#text.charCodeAt(at);
      if (unit === QUOTE || unit === BACKSLASH || unit < 0x20) break;
    }
    if (at === most) {
      STRING_STOP.lastIndex = at;
      at = STRING_STOP.test(this.#text) ? STRING_STOP.lastIndex - 1 : this.#text.length;
    }
    this.#at = at;
    if (at === this.#text.length) throw this.#end(true);
    return this.#text.charCodeAt(at);
  }

  #escape(): string {
    const start = this.#at;
    const kind = this.#text[start + 1];
    if (kind === undefined) throw this.#end(true);
    if (kind === 'u') {
      const digits = this.#text.slice(start + 2, start + 6);
      if (HEX4.test(digits)) {
        this.#at += 6;
        return String.fromCharCode(Number.parseInt(digits, 16));
      }
      if (start + 6 > this.#text.length && /^[0-9a-fA-F]*$/.test(digits)) throw this.#end(true);
      throw badEscape(this.#text.slice(start, start + 6));
    }
    const plain = ESCAPES[kind];
    if (plain === undefined) throw badEscape(this.#text.slice(start, start + 2));
    this.#at += 2;
    return plain;
  }
}

const beginning = (character: string): string => `invalid character '${character}' looking for beginning of value`;

const badEscape = (text: string): JsonError => new JsonError(`invalid escape sequence ${quoteText(text)} in string`);
