/** Text to expression. Of a text that is none only that much is seen here; what is wrong is told by `recovery`. */
import { assert } from '../assert.ts';
import type { Entry, Expr, Field, Item } from './ast.ts';
import { LIMIT, TooDeep, balanced, ruleDepth } from './depth.ts';
import { CelIssues } from './error.ts';
import type { Token } from './lexer.ts';
import { RESERVED, isWord, scan } from './lexer.ts';
import { literalValue } from './literal.ts';
import { MacroError, expandMacro } from './macros.ts';
import { mistakes } from './recovery/mistakes.ts';

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

/** The text is no expression. */
class NoExpression extends Error {}

/** Throws CelIssues. */
export function parseExpression(source: string): Expr {
  const size = Array.from(source).length;
  if (size > LONGEST) {
    const message = `expression code point size exceeds limit: size: ${size}, limit ${LONGEST}`;
    throw new CelIssues(source, [{ at: -1, message }], true);
  }
  const { tokens, unknown } = scan(source);
  try {
    if (unknown.length === 0) return new Parser(tokens).whole();
  } catch (error) {
    if (!(error instanceof NoExpression || error instanceof TooDeep || error instanceof MacroError)) throw error;
  }
  const found = mistakes(source);
  assert(found.length > 0, 'a text that is no expression has a mistake');
  throw new CelIssues(source, found, true);
}

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;
  readonly #expressions = ruleDepth();
  readonly #relations = ruleDepth();
  readonly #sums = ruleDepth();
  /** How many steps of selection, indexing, calling a method or an operator lie above each other, where there are any. */
  readonly #heights = new Map<Expr, number>();

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expr {
    const expr = this.#expression();
    if ((this.#heights.get(expr) ?? 0) > LIMIT) throw new TooDeep();
    if (this.#peek.kind !== 'end') throw new NoExpression();
    return expr;
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

  #expect(text: string): void {
    if (!this.#accept(text)) throw new NoExpression();
  }

  #expression(): Expr {
    return this.#expressions.within(() => {
      const condition = this.#logical(0);
      const { at } = this.#peek;
      if (!this.#accept('?')) return condition;
      const yes = this.#logical(0);
      this.#expect(':');
      const no = this.#expression();
      return this.#operation(at, '_?_:_', [condition, yes, no], 1);
    });
  }

  /** `||` and `&&`: a long row of them becomes a tree that is not deep. */
  #logical(level: number): Expr {
    if (level === RELATION) return this.#relations.within(() => this.#binary(level));
    const operator = BINARY[level]![0]!;
    const terms = [this.#logical(level + 1)];
    const places: number[] = [];
    while (this.#is(operator)) {
      places.push(this.#take().at);
      terms.push(this.#logical(level + 1));
    }
    return balanced(terms, places, (at, args) => this.#operation(at, `_${operator}_`, args, 0));
  }

  #binary(level: number): Expr {
    const operators = BINARY[level];
    if (operators === undefined) return this.#unary();
    const rule = level === RELATION ? this.#relations : this.#sums;
    const operand = (): Expr => {
      const inside = (): Expr => this.#binary(level + 1);
      return level === RELATION ? this.#sums.within(inside) : inside();
    };
    let left = operand();
    for (;;) {
      const operator = operators.find((text) => this.#is(text));
      if (operator === undefined) return left;
      const { at } = this.#take();
      const right = rule.within(operand);
      const name = level === RELATION && operator === 'in' ? '@in' : `_${operator}_`;
      left = this.#operation(at, name, [left, right], 1);
    }
  }

  #unary(): Expr {
    const { at, text } = this.#peek;
    if (!this.#is('!') && !this.#is('-')) return this.#member();
    const minus = text === '-';
    let count = 0;
    while (this.#accept(text)) count += 1;
    const number = this.#peek.kind === 'int' || this.#peek.kind === 'double';
    // An odd number of signs before a number is part of it.
    if (minus && number && count === 1) return this.#postfix(this.#literal(at, true));
    const operand = this.#member();
    return count % 2 === 0 ? operand : this.#operation(at, minus ? '-_' : '!_', [operand], 0);
  }

  #literal(at: number, negative: boolean): Expr {
    const token = this.#take();
    const value = literalValue(token, negative);
    if (value === undefined) throw new NoExpression();
    return { kind: 'literal', at, value };
  }

  #member(): Expr {
    return this.#postfix(this.#primary());
  }

  #postfix(operand: Expr): Expr {
    let expr = operand;
    for (;;) {
      const { at } = this.#peek;
      if (this.#accept('.')) expr = this.#selection(expr, at);
      else if (this.#accept('[')) {
        const optional = this.#accept('?');
        const index = this.#expression();
        this.#expect(']');
        expr = this.#operation(at, optional ? '_[?_]' : '_[_]', [expr, index], 1);
      } else return expr;
    }
  }

  #selection(operand: Expr, at: number): Expr {
    const optional = this.#accept('?');
    const { kind, text } = this.#peek;
    if ((kind !== 'name' && kind !== 'quoted') || isWord(this.#peek)) throw new NoExpression();
    this.#take();
    const field = kind === 'quoted' ? text.slice(1, -1) : text;
    if (kind === 'name' && !optional && this.#is('(')) return this.#call(field, operand);
    return this.#over({ kind: 'select', at, operand, field, mode: optional ? 'optional' : 'plain' }, [operand], 1);
  }

  #call(name: string, target: Expr | undefined): Expr {
    const { at } = this.#take();
    const args: Expr[] = [];
    if (!this.#accept(')')) {
      args.push(this.#expression());
      while (this.#accept(',')) args.push(this.#expression());
      this.#expect(')');
    }
    const call = expandMacro(at, name, target, args) ?? ({ kind: 'call', at, name, target, args } as const);
    return this.#over(call, [target, ...args], target === undefined ? 0 : 1);
  }

  #primary(): Expr {
    const { kind, at } = this.#peek;
    if (kind === 'name') return this.#name();
    if (['int', 'uint', 'double', 'string', 'bytes'].includes(kind)) return this.#literal(at, false);
    const { kind: next } = this.#tokens[this.#position + 1] ?? this.#peek;
    // Behind a `!`: other signs were taken before.
    if ((next === 'int' || next === 'double') && this.#accept('-')) return this.#literal(at, true);
    if (this.#accept('.')) {
      if (this.#peek.kind === 'name' && !isWord(this.#peek)) return this.#name();
      throw new NoExpression();
    }
    if (this.#accept('(')) {
      const inside = this.#expression();
      this.#expect(')');
      return inside;
    }
    if (this.#accept('[')) return this.#list(at);
    if (this.#accept('{')) return this.#map(at);
    throw new NoExpression();
  }

  #name(): Expr {
    const type = this.#typeAhead();
    if (type !== undefined) return this.#struct(type);
    const { text, at } = this.#take();
    if (text === 'true' || text === 'false') return { kind: 'literal', at, value: text === 'true' };
    if (text === 'null') return { kind: 'literal', at, value: null };
    if (text === 'in' || RESERVED.has(text)) throw new NoExpression();
    return this.#is('(') ? this.#call(text, undefined) : { kind: 'name', at, name: text };
  }

  /** Names with dots between and a brace behind. */
  #typeAhead(): string | undefined {
    let last = this.#position;
    const isName = (index: number): boolean => this.#tokens[index]!.kind === 'name' && !isWord(this.#tokens[index]!);
    if (!isName(last)) return undefined;
    while (this.#tokens[last + 1]!.text === '.' && isName(last + 2)) last += 2;
    if (this.#tokens[last + 1]!.text !== '{') return undefined;
    const names = this.#tokens.slice(this.#position, last + 1).map(({ text }) => text);
    this.#position = last + 1;
    return names.join('');
  }

  /** A comma may also stand where nothing is in front of it. */
  #alone(close: string): void {
    if (this.#is(',') && this.#tokens[this.#position + 1]!.text === close) this.#take();
  }

  #list(at: number): Expr {
    const items: Item[] = [];
    this.#alone(']');
    while (!this.#is(']')) {
      const optional = this.#accept('?');
      items.push({ value: this.#expression(), optional });
      if (this.#accept(',')) continue;
      if (!this.#is(']')) throw new NoExpression();
    }
    this.#expect(']');
    return this.#over(
      { kind: 'list', at, items },
      items.map(({ value }) => value),
    );
  }

  #map(at: number): Expr {
    const entries: Entry[] = [];
    this.#alone('}');
    while (!this.#is('}')) {
      const optional = this.#accept('?');
      const key = this.#expression();
      this.#expect(':');
      entries.push({ key, value: this.#expression(), optional });
      if (!this.#accept(',') && !this.#is('}')) throw new NoExpression();
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
    this.#alone('}');
    while (!this.#is('}')) {
      const optional = this.#accept('?');
      const { kind, text } = this.#peek;
      if ((kind !== 'name' && kind !== 'quoted') || isWord(this.#peek)) throw new NoExpression();
      this.#take();
      const colon = this.#peek.at;
      this.#expect(':');
      const name = kind === 'quoted' ? text.slice(1, -1) : text;
      fields.push({ name, at: colon, value: this.#expression(), optional });
      if (!this.#accept(',') && !this.#is('}')) throw new NoExpression();
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
