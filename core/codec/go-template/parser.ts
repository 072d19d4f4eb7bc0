/** From pieces to a tree. */
import { GoTemplateError, broken, brokenIn, lexTemplate } from './lexer.ts';
import type { Piece, Word } from './lexer.ts';
import { DEEPEST, Nesting } from '../nesting.ts';
import { unquoteGo } from './unquote.ts';
import type { TemplateValue } from './values.ts';

export interface Operand {
  readonly kind: 'literal' | 'dot' | 'variable' | 'function' | 'pipeline';
  readonly at: number;
  readonly value?: TemplateValue;
  /** Of a variable or function. */
  readonly name: string;
  readonly pipeline?: Pipeline;
  readonly fields: readonly string[];
  /** As written, for errors. */
  readonly text: string;
}

export interface Pipeline {
  readonly declared: readonly string[];
  readonly assigns: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export interface ControlNode {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipeline: Pipeline;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | { readonly kind: 'break' | 'continue' }
  | { readonly kind: 'template'; readonly name: string; readonly at: number; readonly pipeline: Pipeline | undefined }
  | ControlNode;

/** The lists of nodes by template; the root's name is ''. */
export type Templates = ReadonlyMap<string, readonly Node[]>;

/** Throws GoTemplateError. */
export const parseTemplate = (text: string, name: string, functions: ReadonlySet<string>): Templates =>
  new TemplateParser(text, name, functions).all();

class TemplateParser {
  readonly #text: string;
  readonly #name: string;
  readonly #functions: ReadonlySet<string>;
  readonly #pieces: readonly Piece[];
  #next = 0;
  #words: readonly Word[] = [];
  /** Where the action begins. */
  #action = 0;
  #word = 0;
  #variables: string[] = ['$'];
  #ranges = 0;
  readonly #nesting = new Nesting(DEEPEST, () => this.#fail(this.#text.length, 'max expression depth exceeded'));
  readonly #defined = new Map<string, readonly Node[]>();

  constructor(text: string, name: string, functions: ReadonlySet<string>) {
    this.#text = text;
    this.#name = name;
    this.#functions = functions;
    this.#pieces = lexTemplate(text, name);
  }

  all(): Templates {
    const { nodes, stop } = this.#nodes();
    if (stop !== undefined) throw this.#fail(stop.at, `unexpected {{${stop.text}}}`);
    return this.#defined.set('', nodes);
  }

  #fail(at: number, message: string): GoTemplateError {
    return broken(this.#text, this.#name, at, message);
  }

  #nodes(): { nodes: Node[]; stop: Word | undefined } {
    return this.#nesting.within(() => this.#list());
  }

  /** Until the end, or `end` or `else`, which is returned. */
  #list(): { nodes: Node[]; stop: Word | undefined } {
    const nodes: Node[] = [];
    while (this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next++]!;
      if ('text' in piece) {
        nodes.push({ kind: 'text', text: piece.text });
        continue;
      }
      this.#words = piece.words;
      this.#action = piece.at;
      this.#word = 0;
      this.#skip();
      const first = this.#peek();
      if (first.kind === 'name') {
        if (first.text === 'end' || first.text === 'else') {
          this.#take();
          return { nodes, stop: first };
        }
        if (first.text === 'if' || first.text === 'with' || first.text === 'range') {
          this.#take();
          nodes.push(this.#control(first.text));
          continue;
        }
        if (first.text === 'break' || first.text === 'continue') {
          if (this.#ranges === 0) throw this.#fail(first.at, `{{${first.text}}} outside {{range}}`);
          nodes.push({ kind: first.text });
          continue;
        }
        if (['define', 'template', 'block'].includes(first.text)) {
          nodes.push(...this.#named(this.#take()));
          continue;
        }
      }
      nodes.push({ kind: 'action', pipeline: this.#pipeline('command', 'end') });
    }
    return { nodes, stop: undefined };
  }

  /** define, template and block. */
  #named({ text, at }: Word): Node[] {
    this.#skip();
    const word = this.#take();
    if (word.kind !== 'string') throw this.#fail(at, `unexpected "${word.text}" in ${text} clause`);
    const name = this.#constant(word.text, at);
    this.#skip();
    const pipeline = this.#peek().kind === 'end' ? undefined : this.#pipeline(`${text} clause`, 'end');
    if (text === 'template') return [{ kind: 'template', name, at: word.at, pipeline }];
    const before = this.#variables;
    this.#variables = ['$'];
    const { nodes, stop } = this.#nodes();
    this.#variables = before;
    if (stop === undefined) throw this.#fail(this.#text.length, 'unexpected EOF');
    this.#defined.set(name, nodes);
    return text === 'define' ? [] : [{ kind: 'template', name, at: word.at, pipeline }];
  }

  #control(kind: 'if' | 'with' | 'range'): Node {
    const before = this.#variables.length;
    const pipeline = this.#pipeline(kind, 'end');
    if (kind === 'range') this.#ranges += 1;
    const { nodes: body, stop } = this.#nodes();
    if (stop === undefined) throw this.#fail(this.#text.length, 'unexpected EOF');
    if (kind === 'range') this.#ranges -= 1;
    let otherwise: readonly Node[] = [];
    if (stop.text === 'else') otherwise = this.#otherwise();
    this.#variables.length = before;
    return { kind, pipeline, body, otherwise };
  }

  #otherwise(): readonly Node[] {
    this.#skip();
    const word = this.#peek();
    if (word.kind === 'name' && (word.text === 'if' || word.text === 'with')) {
      this.#take();
      return [this.#control(word.text)];
    }
    const { nodes, stop } = this.#nodes();
    if (stop === undefined) throw this.#fail(this.#text.length, 'unexpected EOF');
    if (stop.text === 'else') throw this.#fail(stop.at, 'expected end; found {{else}}');
    return nodes;
  }

  #constant(text: string, at: number): string {
    const value = unquoteGo(text);
    if (value === undefined) throw this.#fail(at, 'invalid syntax');
    return value;
  }

  #peek(): Word {
    return this.#words[this.#word]!;
  }

  #take(): Word {
    return this.#words[this.#word++]!;
  }

  #skip(): void {
    while (this.#peek().text === ' ') this.#word += 1;
  }

  #pipeline(context: string, close: 'end' | ')'): Pipeline {
    this.#skip();
    const { declared, assigns } = this.#declarations(context);
    const commands: Operand[][] = [];
    for (;;) {
      this.#skip();
      const word = this.#peek();
      if (close === 'end' ? word.kind === 'end' : word.text === ')') {
        if (commands.length === 0) throw this.#fail(word.at, `missing value for ${context}`);
        if (close === ')') this.#take();
        return { declared, assigns, commands };
      }
      if (word.kind === 'end') throw brokenIn(this.#text, this.#name, this.#action, word.at, 'unclosed left paren');
      if (close === 'end' && word.text === ')') throw this.#fail(word.at, 'unexpected right paren');
      commands.push(this.#command());
    }
  }

  #declarations(context: string): { declared: string[]; assigns: boolean } {
    const start = this.#word;
    const names: string[] = [];
    for (;;) {
      const word = this.#peek();
      if (word.kind !== 'variable') break;
      this.#take();
      this.#skip();
      names.push(word.text);
      const after = this.#peek().text;
      if (after === ':=' || after === '=') {
        this.#take();
        if (after === ':=') this.#variables.push(...names);
        return { declared: names, assigns: after === '=' };
      }
      if (after !== ',' || context !== 'range') break;
      this.#take();
      this.#skip();
    }
    this.#word = start;
    return { declared: [], assigns: false };
  }

  #command(): Operand[] {
    const operands: Operand[] = [];
    for (;;) {
      this.#skip();
      const word = this.#peek();
      if (word.text === '|') {
        this.#take();
        this.#skip();
        if (operands.length === 0) throw this.#fail(word.at, 'unexpected "|" in command');
        return operands;
      }
      if (word.kind === 'end' || word.text === ')') return operands;
      operands.push(this.#operand());
    }
  }

  #operand(): Operand {
    const first = this.#take();
    const base = this.#term(first);
    const fields: string[] = first.kind === 'field' ? [first.text.slice(1)] : [];
    let { at } = first;
    let text = base.text;
    while (this.#peek().kind === 'field') {
      const field = this.#take();
      // Upstream's place of a chain is its second link.
      if (fields.length < 2 && (first.kind !== 'field' || fields.length === 1)) at = field.at;
      fields.push(field.text.slice(1));
      text += field.text;
    }
    return { ...base, at, fields, text };
  }

  #term(word: Word): Operand {
    const { at, text } = word;
    const operand = (kind: Operand['kind'], rest: Partial<Operand> = {}): Operand => ({
      kind,
      at,
      name: text,
      fields: [],
      text,
      ...rest,
    });
    switch (word.kind) {
      case 'dot':
      case 'field':
        return operand('dot');
      case 'variable':
        if (!this.#variables.includes(text)) throw this.#fail(at, `undefined variable "${text}"`);
        return operand('variable');
      case 'name':
        if (!this.#functions.has(text)) throw this.#fail(at, `function "${text}" not defined`);
        return operand('function');
      case 'bool':
        return operand('literal', { value: text === 'true' });
      case 'nil':
        return operand('literal', { value: null });
      case 'string':
        return operand('literal', { value: this.#constant(text, at) });
      case 'character': {
        const [character, ...more] = this.#constant(text, at);
        if (character === undefined || more.length > 0) throw this.#fail(at, `malformed character constant: ${text}`);
        return operand('literal', { value: BigInt(character.codePointAt(0)!) });
      }
      case 'number':
        return operand('literal', {
          value: /^[+-]?(?:0[xX][\da-fA-F]+|\d+)$/.test(text) ? BigInt(text) : Number(text),
        });
      default:
        if (text === '(') {
          const inside = (): Pipeline => this.#pipeline('parenthesized pipeline', ')');
          const pipeline = this.#nesting.within(inside);
          const end = this.#words[this.#word - 1]!;
          return operand('pipeline', { pipeline, text: `(${this.#text.slice(at + 1, end.at).trim()})` });
        }
        throw this.#fail(at, `unexpected "${text}" in operand`);
    }
  }
}
