/** Text to expression. Syntax errors are ANTLR's as far as one mistake a text goes. */
import type { Entry, Expr, Field, Item } from './ast.ts';
import { CelIssues } from './error.ts';
import type { Issue } from './error.ts';
import type { Token } from './lexer.ts';
import { scan } from './lexer.ts';
import { literalValue } from './literal.ts';
import { MacroError, expandMacro } from './macros.ts';

const BINARY: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['<', '<=', '>=', '>', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];
const RELATION = 2;
const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
/** What ANTLR says may begin an operand, with what else may stand there, in the order of the grammar's words. */
const startOf = (more = ''): string =>
  `{${Array.from('[]{}().,-!?')
    .filter((character) => '[{(.-!'.includes(character) || more.includes(character))
    .map((character) => `'${character}'`)
    .join(', ')}, 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}`;
const OPERAND = startOf();
const INDEX = startOf('?');
const ARGUMENT = startOf(')');
const ELEMENT = startOf('],?');
const MAP_KEY = startOf('},?');

class SyntaxError extends Error {
  readonly issues: readonly Issue[];
  constructor(at: number, message: string, before: readonly Issue[] = []) {
    super(message);
    this.issues = [...before, { at, message }];
  }
}

/** Throws CelIssues. */
export function parseExpression(source: string): Expr {
  const { tokens, issues } = scan(source);
  const found: Issue[] = [...issues];
  let expr: Expr | undefined;
  try {
    expr = new Parser(source, tokens).whole();
  } catch (error) {
    if (error instanceof SyntaxError) found.push(...error.issues);
    else if (error instanceof MacroError) found.push({ at: error.at, message: error.message });
    else throw error;
  }
  if (found.length > 0) throw new CelIssues(source, found, true);
  return expr!;
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(source: string, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  whole(): Expr {
    const expr = this.#expression(OPERAND);
    if (this.#peek.kind !== 'end') throw this.#unexpected('<EOF>');
    return expr;
  }

  get #peek(): Token {
    return this.#tokens[this.#position]!;
  }

  #take(): Token {
    return this.#tokens[this.#position++]!;
  }

  #is(text: string): boolean {
    const { kind, text: own } = this.#peek;
    return own === text && (kind === 'operator' || (text === 'in' && kind === 'name'));
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#position += 1;
    return true;
  }

  /** One word too many is 'extraneous', one that is not there at the end is 'missing', else it does not match. */
  #unexpected(expected: string): SyntaxError {
    const { text, at } = this.#peek;
    const after = this.#tokens[this.#position + 1];
    const one = /^'(.)'$/.exec(expected);
    const closes = one !== null && '])}'.includes(one[1]!);
    if (closes && this.#peek.kind === 'end') return new SyntaxError(at, `Syntax error: missing ${expected} at '<EOF>'`);
    const deletes =
      after !== undefined && (expected === '<EOF>' ? after.kind === 'end' : expected.includes(`'${after.text}'`));
    return new SyntaxError(
      at,
      `Syntax error: ${deletes ? 'extraneous' : 'mismatched'} input '${text.replaceAll('\n', '\\n')}' expecting ${expected}`,
    );
  }

  #expect(text: string, expected = `'${text}'`): void {
    if (!this.#accept(text)) throw this.#unexpected(expected);
  }

  #expression(start: string): Expr {
    const condition = this.#binary(0, start);
    const { at } = this.#peek;
    if (!this.#accept('?')) return condition;
    const yes = this.#binary(0, OPERAND);
    this.#expect(':');
    const no = this.#expression(OPERAND);
    return { kind: 'call', at, name: '_?_:_', target: undefined, args: [condition, yes, no] };
  }

  #binary(level: number, start: string): Expr {
    const operators = BINARY[level];
    if (operators === undefined) return this.#unary(start);
    let left = this.#binary(level + 1, start);
    for (;;) {
      const operator = operators.find((text) => this.#is(text));
      if (operator === undefined) return left;
      const { at } = this.#take();
      const right = this.#binary(level + 1, OPERAND);
      const name = level === RELATION && operator === 'in' ? '@in' : `_${operator}_`;
      left = { kind: 'call', at, name, target: undefined, args: [left, right] };
    }
  }

  #unary(start: string): Expr {
    const { at, text } = this.#peek;
    if (!this.#is('!') && !this.#is('-')) return this.#member(start);
    const minus = text === '-';
    let count = 0;
    while (this.#accept(text)) count += 1;
    const number = this.#peek.kind === 'int' || this.#peek.kind === 'double';
    // An odd number of signs before a number is part of it.
    if (minus && number && count === 1) return this.#postfix(this.#literal(at, true));
    if (this.#peek.kind === 'end') throw this.#nothingAfter(at, minus);
    const operand = this.#member(OPERAND);
    return count % 2 === 0
      ? operand
      : { kind: 'call', at, name: minus ? '-_' : '!_', target: undefined, args: [operand] };
  }

  /** A sign at the end of the text. */
  #nothingAfter(at: number, minus: boolean): SyntaxError {
    const end = this.#peek.at;
    if (!minus) return new SyntaxError(end, `Syntax error: extraneous input '<EOF>' expecting ${OPERAND}`);
    const first = { at: end, message: `Syntax error: no viable alternative at input '${this.#source.slice(at)}'` };
    return new SyntaxError(end, `Syntax error: mismatched input '<EOF>' expecting ${OPERAND}`, [first]);
  }

  #literal(at: number, negative: boolean): Expr {
    const token = this.#take();
    const value = literalValue(token, negative);
    if (value === undefined) throw new MacroError(at, `invalid ${token.kind} literal`);
    return { kind: 'literal', at, value };
  }

  #member(start: string): Expr {
    return this.#postfix(this.#primary(start));
  }

  #postfix(operand: Expr): Expr {
    let expr = operand;
    for (;;) {
      const { at } = this.#peek;
      if (this.#accept('.')) expr = this.#selection(expr, at);
      else if (this.#accept('[')) {
        const optional = this.#accept('?');
        const index = this.#expression(optional ? OPERAND : INDEX);
        this.#expect(']');
        expr = { kind: 'call', at, name: optional ? '_[?_]' : '_[_]', target: undefined, args: [expr, index] };
      } else if (this.#is('{') && qualifiedName(expr) !== undefined) expr = this.#struct(qualifiedName(expr)!);
      else return expr;
    }
  }

  #selection(operand: Expr, at: number): Expr {
    const optional = this.#accept('?');
    const { kind, text, at: place } = this.#peek;
    if (kind !== 'name' && kind !== 'quoted') {
      const end = kind === 'end' ? this.#source.length : place + text.length;
      throw new SyntaxError(place, `Syntax error: no viable alternative at input '${this.#source.slice(at, end)}'`);
    }
    this.#take();
    const field = kind === 'quoted' ? text.slice(1, -1) : text;
    if (kind === 'name' && this.#is('(')) return this.#call(field, operand);
    return { kind: 'select', at, operand, field, mode: optional ? 'optional' : 'plain' };
  }

  #call(name: string, target: Expr | undefined): Expr {
    const { at } = this.#take();
    const args: Expr[] = [];
    if (!this.#accept(')')) {
      args.push(this.#expression(ARGUMENT));
      while (this.#accept(',')) args.push(this.#expression(OPERAND));
      this.#expect(')', args.length > 0 && this.#peek.kind !== 'end' ? `{')', ','}` : undefined);
    }
    return expandMacro(at, name, target, args) ?? { kind: 'call', at, name, target, args };
  }

  #primary(start: string): Expr {
    const { kind, text, at } = this.#peek;
    if (kind === 'name') return this.#name();
    if (['int', 'uint', 'double', 'string', 'bytes'].includes(kind)) return this.#literal(at, false);
    if (this.#accept('.')) {
      if (this.#peek.kind === 'name') return this.#name();
      throw new SyntaxError(this.#peek.at, `Syntax error: no viable alternative at input '${this.#source.slice(at)}'`);
    }
    if (this.#accept('(')) {
      const inside = this.#expression(OPERAND);
      this.#expect(')');
      return inside;
    }
    if (this.#accept('[')) return this.#list(at);
    if (this.#accept('{')) return this.#map(at);
    throw new SyntaxError(at, `Syntax error: mismatched input '${text}' expecting ${start}`);
  }

  #name(): Expr {
    const { text, at } = this.#take();
    if (text === 'true' || text === 'false') return { kind: 'literal', at, value: text === 'true' };
    if (text === 'null') return { kind: 'literal', at, value: null };
    if (text === 'in') throw new SyntaxError(at, `Syntax error: mismatched input 'in' expecting ${OPERAND}`);
    if (RESERVED.has(text)) throw new MacroError(at, `reserved identifier: ${text}`);
    return this.#is('(') ? this.#call(text, undefined) : { kind: 'name', at, name: text };
  }

  #list(at: number): Expr {
    const items: Item[] = [];
    while (!this.#is(']')) {
      if (items.length > 0 && this.#peek.kind === 'end') break;
      const optional = this.#accept('?');
      items.push({ value: this.#expression(items.length === 0 && !optional ? ELEMENT : OPERAND), optional });
      if (this.#accept(',')) continue;
      if (!this.#is(']')) throw this.#unexpected(`{']', ','}`);
    }
    this.#expect(']');
    return { kind: 'list', at, items };
  }

  #map(at: number): Expr {
    const entries: Entry[] = [];
    while (!this.#is('}')) {
      const optional = this.#accept('?');
      const key = this.#expression(entries.length === 0 && !optional ? MAP_KEY : OPERAND);
      this.#expect(':');
      entries.push({ key, value: this.#expression(OPERAND), optional });
      if (!this.#accept(',') && !this.#is('}')) throw this.#unexpected(`{'}', ','}`);
    }
    this.#expect('}');
    return { kind: 'map', at, entries };
  }

  #struct(type: string): Expr {
    const { at } = this.#take();
    const fields: Field[] = [];
    while (!this.#is('}')) {
      const optional = this.#accept('?');
      const { kind, text } = this.#peek;
      if (kind !== 'name' && kind !== 'quoted') throw this.#unexpected(`{'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}`);
      this.#take();
      const colon = this.#peek.at;
      this.#expect(':');
      const name = kind === 'quoted' ? text.slice(1, -1) : text;
      fields.push({ name, at: colon, value: this.#expression(OPERAND), optional });
      if (!this.#accept(',') && !this.#is('}')) throw this.#unexpected(`{'}', ','}`);
    }
    this.#expect('}');
    return { kind: 'struct', at, type, fields };
  }
}

/** a.b.c of names and plain selections. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'name') return expr.name;
  if (expr.kind !== 'select' || expr.mode !== 'plain') return undefined;
  const before = qualifiedName(expr.operand);
  return before === undefined ? undefined : `${before}.${expr.field}`;
}
