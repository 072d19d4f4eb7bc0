/** Text to expression. Syntax errors are ANTLR's as far as one mistake a text goes. */
import type { Entry, Expr, Field, Item } from './ast.ts';
import { LIMIT, TooDeep, balanced, ruleDepth } from './depth.ts';
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
/** `||` and `&&` take any number of operands; what is above is one rule of the grammar, or two. */
const RELATION = 2;
const LONGEST = 100_000;
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

/** Whether the word may stand where `start` is expected. */
const begins = ({ kind, text }: Token, start: string): boolean =>
  kind === 'operator' ? start.includes(`'${text}'`) : kind !== 'end' && kind !== 'quoted' && text !== 'in';

class SyntaxError extends Error {
  readonly issues: readonly Issue[];
  constructor(at: number, message: string, before: readonly Issue[] = []) {
    super(message);
    this.issues = [...before, { at, message }];
  }
}

/** Throws CelIssues. */
export function parseExpression(source: string): Expr {
  const size = Array.from(source).length;
  if (size > LONGEST) {
    const message = `expression code point size exceeds limit: size: ${size}, limit ${LONGEST}`;
    throw new CelIssues(source, [{ at: -1, message }], true);
  }
  const { tokens, issues } = scan(source);
  const found: Issue[] = [...issues];
  const parser = new Parser(source, tokens, found);
  let expr: Expr | undefined;
  try {
    expr = parser.whole();
  } catch (error) {
    if (error instanceof SyntaxError) found.push(...error.issues);
    else if (error instanceof TooDeep) {
      // The rest was not looked at.
      const seen = issues.filter(({ at }) => at <= parser.place);
      throw new CelIssues(source, [...seen, { at: -1, message: error.message }], true);
    } else if (error instanceof MacroError) found.push({ at: error.at, message: error.message });
    else throw error;
  }
  if (found.length > 0) throw new CelIssues(source, found, true);
  return expr!;
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  /** Where mistakes go behind which the parser finds its way. */
  readonly #issues: Issue[];
  #position = 0;
  readonly #expressions = ruleDepth();
  readonly #relations = ruleDepth();
  readonly #sums = ruleDepth();
  /** How many steps of selection, indexing, calling a method or an operator lie above each other, where there are any. */
  readonly #heights = new Map<Expr, number>();

  constructor(source: string, tokens: readonly Token[], issues: Issue[]) {
    this.#source = source;
    this.#tokens = tokens;
    this.#issues = issues;
  }

  whole(): Expr {
    const expr = this.#expression(OPERAND);
    if ((this.#heights.get(expr) ?? 0) > LIMIT) throw new TooDeep('max recursion depth exceeded');
    if (this.#peek.kind !== 'end') throw this.#unexpected('<EOF>');
    return expr;
  }

  get place(): number {
    return this.#peek.at;
  }

  /** `steps` is 1 for what counts by itself. */
  #over<E extends Expr>(expr: E, inside: readonly (Expr | undefined)[], steps = 0): E {
    let height = 0;
    for (const one of inside) if (one !== undefined) height = Math.max(height, this.#heights.get(one) ?? 0);
    if (height + steps > 0) this.#heights.set(expr, height + steps);
    return expr;
  }

  #operation(at: number, name: string, args: readonly Expr[], steps: number): Expr {
    return this.#over({ kind: 'call', at, name, target: undefined, args }, args, steps);
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
    return this.#expressions.within(() => {
      const condition = this.#logical(0, start);
      const { at } = this.#peek;
      if (!this.#accept('?')) return condition;
      const yes = this.#logical(0, OPERAND);
      this.#expect(':');
      const no = this.#expression(OPERAND);
      return this.#operation(at, '_?_:_', [condition, yes, no], 1);
    });
  }

  /** `||` and `&&`: a long row of them becomes a tree that is not deep. */
  #logical(level: number, start: string): Expr {
    if (level === RELATION) return this.#relations.within(() => this.#binary(level, start));
    const operator = BINARY[level]![0]!;
    const terms = [this.#logical(level + 1, start)];
    const places: number[] = [];
    while (this.#is(operator)) {
      places.push(this.#take().at);
      terms.push(this.#logical(level + 1, OPERAND));
    }
    return balanced(terms, places, (at, args) => this.#operation(at, `_${operator}_`, args, 0));
  }

  #binary(level: number, start: string): Expr {
    const operators = BINARY[level];
    if (operators === undefined) return this.#unary(start);
    const rule = level === RELATION ? this.#relations : this.#sums;
    const operand = (first: string): Expr => {
      const inside = (): Expr => this.#binary(level + 1, first);
      return level === RELATION ? this.#sums.within(inside) : inside();
    };
    let left = operand(start);
    for (;;) {
      const operator = operators.find((text) => this.#is(text));
      if (operator === undefined) return left;
      const { at } = this.#take();
      const right = rule.within(() => operand(OPERAND));
      const name = level === RELATION && operator === 'in' ? '@in' : `_${operator}_`;
      left = this.#operation(at, name, [left, right], 1);
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
    return count % 2 === 0 ? operand : this.#operation(at, minus ? '-_' : '!_', [operand], 0);
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
        expr = this.#operation(at, optional ? '_[?_]' : '_[_]', [expr, index], 1);
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
    return this.#over({ kind: 'select', at, operand, field, mode: optional ? 'optional' : 'plain' }, [operand], 1);
  }

  #call(name: string, target: Expr | undefined): Expr {
    const { at } = this.#take();
    const args: Expr[] = [];
    if (!this.#accept(')')) {
      args.push(this.#expression(ARGUMENT));
      while (this.#accept(',')) args.push(this.#expression(OPERAND));
      this.#expect(')', args.length > 0 && this.#peek.kind !== 'end' ? `{')', ','}` : undefined);
    }
    const call = expandMacro(at, name, target, args) ?? ({ kind: 'call', at, name, target, args } as const);
    return this.#over(call, [target, ...args], target === undefined ? 0 : 1);
  }

  #primary(start: string): Expr {
    const { kind, at } = this.#peek;
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
    return this.#other(start);
  }

  /** One word too many in front of an operand is passed over. */
  #other(start: string): Expr {
    const { text, at } = this.#peek;
    const next = this.#tokens[this.#position + 1];
    const written = text.replaceAll('\n', '\\n');
    if (next === undefined || !begins(next, start)) {
      throw new SyntaxError(at, `Syntax error: mismatched input '${written}' expecting ${start}`);
    }
    this.#issues.push({ at, message: `Syntax error: extraneous input '${written}' expecting ${start}` });
    this.#take();
    return this.#unary(start);
  }

  #name(): Expr {
    if (this.#is('in')) return this.#other(OPERAND);
    const { text, at } = this.#take();
    if (text === 'true' || text === 'false') return { kind: 'literal', at, value: text === 'true' };
    if (text === 'null') return { kind: 'literal', at, value: null };
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
    return this.#over(
      { kind: 'list', at, items },
      items.map(({ value }) => value),
    );
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
    return this.#over(
      { kind: 'map', at, entries },
      entries.flatMap(({ key, value }) => [key, value]),
    );
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
    return this.#over(
      { kind: 'struct', at, type, fields },
      fields.map(({ value }) => value),
    );
  }
}

/** a.b.c of names and plain selections. */
export function qualifiedName(expr: Expr): string | undefined {
  const names: string[] = [];
  let at = expr;
  while (at.kind === 'select' && at.mode === 'plain') {
    names.push(at.field);
    at = at.operand;
  }
  return at.kind === 'name' ? [at.name, ...names.toReversed()].join('.') : undefined;
}
