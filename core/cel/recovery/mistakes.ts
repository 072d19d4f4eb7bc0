/** All that is wrong with the text of an expression, in words or in what they mean. */
import type { Expr } from '../ast.ts';
import { LIMIT, TooDeep } from '../depth.ts';
import type { Issue } from '../error.ts';
import { FRONT } from '../error.ts';
import type { Token } from '../lexer.ts';
import { RESERVED, scan } from '../lexer.ts';
import { literalValue } from '../literal.ts';
import { MacroError, expandMacro } from '../macros.ts';
import type { Node } from './reader.ts';
import { Reader } from './reader.ts';

/** Of a text that is no expression. */
export function mistakes(source: string): readonly Issue[] {
  const { tokens, unknown } = scan(source);
  const reader = new Reader(source, tokens, unknown);
  const node = reader.read();
  return node === undefined ? reader.issues : [...reader.issues, ...new Meaning().mistakes(node)];
}

/** The nodes that nest, beside those that only hold another one. */
const NESTING = new Set(['expr', 'relation', 'calc', 'select', 'method', 'index']);

class Meaning {
  readonly #issues: Issue[] = [];
  #depth = 0;

  mistakes(whole: Node): readonly Issue[] {
    try {
      this.#expr(child(whole, 'inside'));
    } catch (error) {
      if (!(error instanceof TooDeep)) throw error;
      this.#issues.push({ at: -1, message: 'max recursion depth exceeded' });
    }
    return this.#issues;
  }

  #wrong(at: number, message: string): Expr {
    this.#issues.push({ at, message });
    return nothing(at);
  }

  /** What the node says, as far as a macro around it has to know. */
  #expr(node: Node | undefined): Expr {
    if (node === undefined) return nothing(FRONT);
    const { kind } = node;
    if (!NESTING.has(kind) || word(node, 'operator') === undefined) return this.#one(node);
    this.#depth += 1;
    if (this.#depth > LIMIT) throw new TooDeep();
    const expr = this.#one(node);
    this.#depth -= 1;
    return expr;
  }

  #one(node: Node): Expr {
    const { kind, first } = node;
    switch (kind) {
      case 'expr':
      case 'relation':
      case 'calc':
      case 'plain':
      case 'member':
      case 'nested':
      case 'constant':
        return this.#operation(node);
      case 'not':
      case 'negate': {
        const inside = this.#expr(child(node, 'inside'));
        const signs = allWords(node, 'operator');
        return signs.length % 2 === 0 ? inside : nothing(signs[0]!.at);
      }
      case 'or':
      case 'and':
        return this.#logical(node);
      case 'name':
        return this.#name(node);
      case 'call':
        return this.#call(node, undefined);
      case 'method':
        return this.#call(node, this.#expr(child(node, 'inside')));
      case 'select':
        return this.#select(node);
      case 'index': {
        this.#expr(child(node, 'inside'));
        const operator = word(node, 'operator');
        if (operator === undefined) return nothing(first.at);
        this.#expr(child(node, 'index'));
        return { kind: 'call', at: operator.at, name: '_[_]', target: undefined, args: [] };
      }
      case 'list':
        return {
          kind: 'list',
          at: opened(node),
          items: children(child(node, 'elements'), 'values').map((one) => ({
            value: this.#expr(child(one, 'inside')),
            optional: false,
          })),
        };
      case 'map':
        return this.#entries(node);
      case 'struct':
        return this.#fields(node);
      case 'value':
        return this.#literal(node);
      case 'fixed':
        return nothing(first.at);
      default:
        // Of a rule whose alternative was not found.
        return nothing(kind === 'unary' ? first.at : FRONT);
    }
  }

  #operation(node: Node): Expr {
    const inside = this.#expr(child(node, 'inside'));
    const operator = word(node, 'operator');
    if (operator === undefined) return inside;
    for (const name of ['yes', 'no', 'right']) this.#expr(child(node, name));
    return operation(operator.at, operator.text);
  }

  #logical(node: Node): Expr {
    const inside = this.#expr(child(node, 'inside'));
    const operators = allWords(node, 'operator');
    const more = children(node, 'more');
    for (const index of operators.keys()) {
      if (index >= more.length) {
        return this.#wrong(node.first.at, `unexpected character, wanted '${node.kind === 'or' ? '||' : '&&'}'`);
      }
      this.#expr(more[index]);
    }
    // A row of them is read as a tree from the middle.
    const middle = operators[Math.floor(operators.length / 2)];
    return middle === undefined ? inside : operation(middle.at, middle.text);
  }

  #name(node: Node): Expr {
    const { first } = node;
    const name = word(node, 'name');
    if (name === undefined) return nothing(first.at);
    if (RESERVED.has(name.text)) return this.#wrong(first.at, `reserved identifier: ${name.text}`);
    return { kind: 'name', at: name.at, name: name.text };
  }

  #call(node: Node, target: Expr | undefined): Expr {
    const name = word(node, 'name');
    if (name === undefined) return nothing(node.first.at);
    if (target === undefined && RESERVED.has(name.text)) {
      return this.#wrong(node.first.at, `reserved identifier: ${name.text}`);
    }
    const at = word(node, 'operator')?.at ?? FRONT;
    const args = children(child(node, 'args'), 'values').map((one) => this.#expr(one));
    try {
      // One of the outermost names is never a macro.
      const macro = word(node, 'dot') !== undefined ? undefined : expandMacro(at, name.text, target, args);
      return macro ?? { kind: 'call', at, name: name.text, target, args };
    } catch (error) {
      if (error instanceof MacroError) return this.#wrong(error.at, error.message);
      throw error;
    }
  }

  #select(node: Node): Expr {
    const operand = this.#expr(child(node, 'inside'));
    const operator = word(node, 'operator');
    const name = child(node, 'name');
    if (operator === undefined || name === undefined) return nothing(node.first.at);
    if (name.kind !== 'identifier') this.#wrong(name.first.at, 'unsupported ident kind');
    const mode = word(node, 'optional') !== undefined ? 'optional' : 'plain';
    return { kind: 'select', at: operator.at, operand, field: '', mode };
  }

  #entries(node: Node): Expr {
    const entries = child(node, 'entries');
    const [keys, values] = [children(entries, 'keys'), children(entries, 'values')];
    for (const index of allWords(entries, 'colons').keys()) {
      if (index >= keys.length || index >= values.length) break;
      this.#expr(child(keys[index], 'inside'));
      this.#expr(values[index]);
    }
    return nothing(opened(node));
  }

  #fields(node: Node): Expr {
    const fields = child(node, 'fields');
    const [colons, values] = [allWords(fields, 'colons'), children(fields, 'values')];
    for (const [index, field] of children(fields, 'keys').entries()) {
      if (index >= colons.length || index >= values.length) break;
      if (child(field, 'name')?.kind === 'identifier') this.#expr(values[index]);
      else this.#wrong(fields!.first.at, 'unsupported ident kind');
    }
    return nothing(opened(node));
  }

  #literal(node: Node): Expr {
    const { first } = node;
    const token = word(node, 'word');
    const value = token && literalValue(token, word(node, 'sign') !== undefined);
    if (value !== undefined) return { kind: 'literal', at: first.at, value };
    return this.#wrong(first.at, `invalid ${token?.kind} literal`);
  }
}

/** Where the bracket is. */
const opened = (node: Node): number => word(node, 'operator')?.at ?? node.first.at;
/** A macro sees that it is no literal, and nothing more. */
const operation = (at: number, name: string): Expr => ({ kind: 'call', at, name, target: undefined, args: [] });

/** Nothing that a macro looks at. */
const nothing = (at: number): Expr => ({ kind: 'literal', at, value: null });
const children = (node: Node | undefined, name: string): readonly Node[] =>
  node?.nodes.filter(([as]) => as === name).map(([, one]) => one) ?? [];
const child = (node: Node | undefined, name: string): Node | undefined => node?.nodes.find(([as]) => as === name)?.[1];
const allWords = (node: Node | undefined, name: string): readonly Token[] =>
  node?.words.filter(([as]) => as === name).map(([, one]) => one) ?? [];
const word = (node: Node, name: string): Token | undefined => node.words.find(([as]) => as === name)?.[1];
