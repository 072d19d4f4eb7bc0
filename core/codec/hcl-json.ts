/** The JSON form of HCL: a lenient JSON whose nested objects become labels, so that both forms read alike. */
import { HclError } from './hcl-ast.ts';
import type { HclItem, HclKey, HclLiteral, HclObject, HclPosition, HclValue } from './hcl-ast.ts';
import { DEEPEST, Nesting } from './nesting.ts';
import { END, HclSource, isDecimal, isHexadecimal, isLetter, isSpace } from './hcl-source.ts';

type TokenType =
  | 'EOF'
  | 'ILLEGAL'
  | 'NUMBER'
  | 'FLOAT'
  | 'BOOL'
  | 'STRING'
  | 'NULL'
  | 'LBRACK'
  | 'LBRACE'
  | 'COMMA'
  | 'PERIOD'
  | 'COLON'
  | 'RBRACK'
  | 'RBRACE';

interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly position: HclPosition;
}

const SIMPLE: Readonly<Record<string, TokenType>> = {
  '[': 'LBRACK',
  ']': 'RBRACK',
  '{': 'LBRACE',
  '}': 'RBRACE',
  ',': 'COMMA',
  ':': 'COLON',
  '.': 'PERIOD',
};

class EndOfText extends Error {}

/** Throws HclError. */
export function parseHclJson(text: string): HclObject {
  return new Parser(text).file();
}

class Parser {
  readonly #source: HclSource;
  #last: TokenType = 'EOF';
  readonly #nesting = new Nesting(DEEPEST, () => new HclError(`nested more than ${DEEPEST} deep`));

  constructor(text: string) {
    this.#source = new HclSource(text);
  }

  file(): HclObject {
    let object: HclObject | undefined;
    let failed: unknown;
    try {
      object = this.#object(this.#scan().position);
    } catch (error) {
      failed = error;
    }
    const { error } = this.#source;
    if (error !== undefined) {
      const { line, column } = error.position;
      throw new HclError(`${line}:${column}: ${error.message}`, error.position);
    }
    if (object === undefined) throw failed as Error;
    return flatten(object);
  }

  #object(position: HclPosition): HclObject {
    const items: HclItem[] = [];
    try {
      do items.push(this.#item());
      while (this.#scan().type === 'COMMA');
    } catch (error) {
      // A closing brace where an item should be ends the object, whatever came before it.
      if (!(error instanceof EndOfText) && this.#last !== 'RBRACE') throw error;
    }
    return { kind: 'object', position, items };
  }

  #item(): HclItem {
    const keys: HclKey[] = [];
    for (;;) {
      const { type, text, position } = this.#scan();
      if (type === 'EOF') throw new EndOfText();
      if (type === 'STRING') keys.push({ text: stringValue(text), position });
      else if (type === 'COLON' && keys.length > 0) return { keys, assigned: position, value: this.#value() };
      else throw new HclError(`expected: STRING got: ${type}`, position);
    }
  }

  #value(): HclValue {
    const token = this.#scan();
    if (token.type === 'EOF') throw new EndOfText();
    return (
      this.#inside(token) ??
      literal(token) ??
      fail(token, `Expected object value, got unknown token: ${show(token.position)} ${token.type} ${token.text}`)
    );
  }

  /** Of the brace or bracket that opens it; undefined for any other token. */
  #inside({ type, position }: Token): HclValue | undefined {
    if (type === 'LBRACE') return this.#nesting.within(() => this.#object(position));
    return type === 'LBRACK' ? this.#nesting.within(() => this.#list(position)) : undefined;
  }

  #list(position: HclPosition): HclValue {
    const items: HclValue[] = [];
    for (;;) {
      const token = this.#scan();
      if (token.type === 'RBRACK') return { kind: 'list', position, items };
      if (token.type === 'COMMA') continue;
      items.push(
        this.#inside(token) ?? literal(token) ?? fail(token, `unexpected token while parsing list: ${token.type}`),
      );
    }
  }

  #scan(): Token {
    const source = this.#source;
    let character = source.next();
    while (isSpace(character)) character = source.next();
    const start = source.offset - character.length;
    const position = source.position();
    this.#last = this.#type(character, start);
    return { type: this.#last, text: source.text.slice(start, source.offset), position };
  }

  #type(character: string, start: number): TokenType {
    const source = this.#source;
    if (character === END) return 'EOF';
    if (isLetter(character)) {
      while (isLetter(source.peek()) || isDecimal(source.peek()) || source.peek() === '-') source.next();
      const text = source.text.slice(start, source.offset);
      if (text === 'true' || text === 'false') return 'BOOL';
      if (text === 'null') return 'NULL';
      // Upstream has looked at the end of the text then, which counts.
      if (source.peek() === END) source.next();
      source.fail('illegal char');
      return 'ILLEGAL';
    }
    if (isDecimal(character)) return this.#number(character);
    if (character === '"') {
      this.#string();
      return 'STRING';
    }
    if (character === '-') {
      if (isDecimal(source.peek())) return this.#number(source.next());
      source.fail('illegal char');
      return 'ILLEGAL';
    }
    const simple = SIMPLE[character];
    if (simple !== undefined) return simple;
    source.fail(`illegal char: ${character}`);
    return 'ILLEGAL';
  }

  #number(first: string): TokenType {
    const source = this.#source;
    if (first === '0' && isDecimal(source.peek())) {
      source.next();
      source.fail('numbers cannot start with 0');
    }
    while (isDecimal(source.peek())) source.next();
    let type: TokenType = 'NUMBER';
    if (source.peek() === '.') {
      type = 'FLOAT';
      source.next();
      while (isDecimal(source.peek())) source.next();
    }
    if (source.peek() === 'e' || source.peek() === 'E') {
      type = 'FLOAT';
      source.next();
      if (source.peek() === '+' || source.peek() === '-') source.next();
      while (isDecimal(source.peek())) source.next();
    }
    return type;
  }

  #string(): void {
    const source = this.#source;
    let braces = 0;
    for (;;) {
      const character = source.next();
      if (character === END || character === '\n') return source.fail('literal not terminated');
      if (character === '"') return;
      if (braces === 0 && character === '$' && source.peek() === '{') {
        braces = 1;
        source.next();
      } else if (braces > 0 && character === '{') braces++;
      if (braces > 0 && character === '}') braces--;
      if (character !== '\\') continue;
      const kind = source.next();
      if (kind === 'u') {
        for (let i = 0; i < 4 && isHexadecimal(source.peek()); i++) source.next();
      } else if (kind === END || !'abfnrtv\\"/'.includes(kind)) source.fail('illegal char escape');
    }
  }
}

const show = ({ line, column }: HclPosition): string => `${line}:${column}`;

function fail(token: Token, message: string): never {
  throw new HclError(message, token.position);
}

function stringValue(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}

function literal({ type, text, position }: Token): HclLiteral | undefined {
  const common = { kind: 'literal', position, source: text } as const;
  switch (type) {
    case 'STRING':
      return { ...common, type: 'string', value: stringValue(text) };
    case 'NUMBER':
    case 'FLOAT':
      return { ...common, type: type === 'NUMBER' ? 'number' : 'float', value: Number(text) };
    case 'BOOL':
      return { ...common, type: 'bool', value: text === 'true' };
    case 'NULL':
      return { ...common, type: 'null', value: null };
    default:
      return undefined;
  }
}

/** `{"path": {"x": {…}}}` becomes `path "x" {…}`: an object of objects turns into an item per key, at every depth. */
function flatten(object: HclObject): HclObject {
  return { ...object, items: object.items.flatMap(flattenItem) };
}

function flattenItem(item: HclItem): HclItem[] {
  const { value } = item;
  if (value.kind === 'object') {
    if (value.items.length === 0 || value.items.some((inner) => inner.value.kind !== 'object')) {
      return [{ ...item, value: flatten(value) }];
    }
    return value.items.flatMap((inner) => flattenItem({ ...inner, keys: [...item.keys, ...inner.keys] }));
  }
  if (value.kind === 'list' && value.items.length > 0 && value.items.every((inner) => inner.kind === 'object')) {
    return value.items.flatMap((inner) => flattenItem({ ...item, value: inner }));
  }
  return [item];
}
