/** From words to a tree. */
import { quote } from '../go-quote.ts';
import type { Word } from './lexer.ts';
import { DEEPEST, Nesting } from '../nesting.ts';
import { unquoteGo } from './unquote.ts';
import type { TemplateValue } from './values.ts';
import { Words } from './words.ts';

export interface Operand {
  readonly kind: 'literal' | 'dot' | 'variable' | 'function' | 'pipeline';
  /** Of a chain, where its second link is. */
  readonly at: number;
  readonly began: number;
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

/** What ends a list of nodes. */
type Stop = 'end' | 'else' | 'else if' | 'else with';

/** With what an operand may begin. */
const BEGINS: ReadonlySet<Word['kind']> = new Set([
  'bool',
  'character',
  'dot',
  'field',
  'name',
  'number',
  'nil',
  'string',
  'variable',
]);
const begins = ({ kind, text }: Word): boolean => BEGINS.has(kind) || (kind === 'symbol' && text === '(');
const isSymbol = ({ kind, text }: Word, symbol: string): boolean => kind === 'symbol' && text === symbol;
/** What is no call, in a stage that is given what came before. */
const inert = ({ kind, value, fields }: Operand): boolean =>
  (kind === 'dot' && fields.length === 0) || (kind === 'literal' && value !== undefined);

class TemplateParser {
  readonly #text: string;
  readonly #functions: ReadonlySet<string>;
  readonly #words: Words;
  #variables: string[] = ['$'];
  #ranges = 0;
  readonly #nesting = new Nesting(DEEPEST, () => this.#words.fail('max expression depth exceeded'));
  readonly #defined = new Map<string, readonly Node[]>();
  /** Where the last parentheses were closed. */
  #closed = 0;

  constructor(text: string, name: string, functions: ReadonlySet<string>) {
    this.#text = text;
    this.#functions = functions;
    this.#words = new Words(text, name);
  }

  all(): Templates {
    return this.#defined.set(
      '',
      this.#nesting.within(() => this.#root()),
    );
  }

  #root(): Node[] {
    const nodes: Node[] = [];
    while (this.#words.peek().kind !== 'eof') {
      const open = this.#words.take();
      if (open.kind === 'open') {
        const first = this.#words.takeNext();
        if (first.kind === 'keyword' && first.text === 'define') {
          this.#definition();
          continue;
        }
        this.#words.giveBack(open, first);
      } else this.#words.giveBack(open);
      const node = this.#node();
      if (typeof node === 'string') throw this.#words.fail(`unexpected ${stopText(node)}`);
      nodes.push(node);
    }
    return nodes;
  }

  /** Until `end` or `else`. */
  #list(): { nodes: Node[]; stop: Stop } {
    return this.#nesting.within(() => {
      const nodes: Node[] = [];
      while (this.#words.peekNext().kind !== 'eof') {
        const node = this.#node();
        if (typeof node === 'string') return { nodes, stop: node };
        nodes.push(node);
      }
      throw this.#words.fail('unexpected EOF');
    });
  }

  #node(): Node | Stop {
    const word = this.#words.takeNext();
    if (word.kind === 'text') return { kind: 'text', text: word.text };
    if (word.kind !== 'open') throw this.#words.unexpected(word, 'input');
    this.#words.action = word.at;
    try {
      return this.#action();
    } finally {
      this.#words.action = undefined;
    }
  }

  #action(): Node | Stop {
    const word = this.#words.takeNext();
    if (word.kind === 'keyword') {
      switch (word.text) {
        case 'block':
        case 'template':
          return this.#call(word.text);
        case 'break':
        case 'continue':
          return this.#jump(word.text);
        case 'if':
        case 'range':
        case 'with':
          return this.#control(word.text);
        case 'end':
          this.#expectClose('end');
          return 'end';
        case 'else':
          return this.#else();
      }
    }
    this.#words.giveBack(word);
    return { kind: 'action', pipeline: this.#pipeline('command', 'close') };
  }

  #jump(kind: 'break' | 'continue'): Node {
    this.#expectClose(`{{${kind}}}`);
    if (this.#ranges === 0) throw this.#words.fail(`{{${kind}}} outside {{range}}`);
    return { kind };
  }

  /** What comes behind `else` is a list of its own, or belongs to whom it continues. */
  #else(): Stop {
    const next = this.#words.peekNext();
    if (next.kind === 'keyword' && (next.text === 'if' || next.text === 'with')) return `else ${next.text}`;
    this.#expectClose('else');
    return 'else';
  }

  #expectClose(context: string): void {
    const word = this.#words.takeNext();
    if (word.kind !== 'close') throw this.#words.unexpected(word, context);
  }

  #definition(): void {
    const context = 'define clause';
    const { name } = this.#named(context);
    this.#expectClose(context);
    this.#define(name, context);
  }

  #define(name: string, context: string): void {
    const before = this.#variables;
    this.#variables = ['$'];
    const { nodes, stop } = this.#list();
    this.#variables = before;
    if (stop !== 'end') throw this.#words.fail(`unexpected ${stopText(stop)} in ${context}`);
    if (this.#defined.has(name) && nodes.some(isSomething)) {
      if (this.#defined.get(name)!.some(isSomething)) {
        throw this.#words.fail(`template: multiple definition of template ${quote(name)}`);
      }
    } else if (this.#defined.has(name)) return;
    this.#defined.set(name, nodes);
  }

  #named(context: string): { name: string; at: number } {
    const word = this.#words.takeNext();
    if (word.kind !== 'string') throw this.#words.unexpected(word, context);
    return { name: this.#constant(word.text), at: word.at };
  }

  /** `template`, and `block`, which defines what it calls. */
  #call(kind: 'template' | 'block'): Node {
    const context = `${kind} clause`;
    const { name, at } = this.#named(context);
    if (kind === 'block') {
      const pipeline = this.#pipeline(context, 'close');
      this.#define(name, context);
      return { kind: 'template', name, at, pipeline };
    }
    const word = this.#words.takeNext();
    if (word.kind === 'close') return { kind: 'template', name, at, pipeline: undefined };
    this.#words.giveBack(word);
    return { kind: 'template', name, at, pipeline: this.#pipeline(context, 'close') };
  }

  #control(kind: ControlNode['kind']): ControlNode {
    const before = this.#variables.length;
    const pipeline = this.#pipeline(kind, 'close');
    if (kind === 'range') this.#ranges += 1;
    const { nodes: body, stop } = this.#list();
    if (kind === 'range') this.#ranges -= 1;
    const otherwise = stop === 'end' ? [] : this.#otherwise(kind, stop);
    this.#variables.length = before;
    return { kind, pipeline, body, otherwise };
  }

  #otherwise(kind: ControlNode['kind'], stop: Stop): readonly Node[] {
    if (kind !== 'range' && stop === `else ${kind}`) {
      this.#words.takeNext();
      return [this.#control(kind)];
    }
    const { nodes, stop: last } = this.#list();
    if (last !== 'end') throw this.#words.fail(`expected end; found ${stopText(last)}`);
    return nodes;
  }

  #constant(text: string): string {
    const value = unquoteGo(text);
    if (value === undefined) throw this.#words.fail('invalid syntax');
    return value;
  }

  #pipeline(context: string, close: 'close' | ')'): Pipeline {
    const words = this.#words;
    words.peekNext();
    const { declared, assigns } = this.#declarations(context);
    const commands: (readonly Operand[])[] = [];
    for (;;) {
      const word = words.takeNext();
      if (close === 'close' ? word.kind === 'close' : isSymbol(word, ')')) {
        this.#check(commands, context);
        this.#closed = word.at;
        return { declared, assigns, commands };
      }
      if (!begins(word)) throw words.unexpected(word, context);
      words.giveBack(word);
      commands.push(this.#command());
    }
  }

  #check(commands: readonly (readonly Operand[])[], context: string): void {
    if (commands.length === 0) throw this.#words.fail(`missing value for ${context}`);
    const at = commands.findIndex(([first], index) => index > 0 && inert(first!));
    if (at > 0) throw this.#words.fail(`non executable command in pipeline stage ${at + 1}`);
  }

  /** Only a range declares two. */
  #declarations(context: string): { declared: string[]; assigns: boolean } {
    const words = this.#words;
    const declared: string[] = [];
    for (;;) {
      const variable = words.peekNext();
      if (variable.kind !== 'variable') return { declared, assigns: false };
      words.take();
      const behind = words.peek();
      const next = words.peekNext();
      if (isSymbol(next, ':=') || isSymbol(next, '=')) {
        words.takeNext();
        declared.push(variable.text);
        this.#variables.push(variable.text);
        return { declared, assigns: next.text === '=' };
      }
      if (next.text !== ',') {
        if (behind.kind === 'space') words.giveBack(behind);
        words.giveBack(variable);
        return { declared, assigns: false };
      }
      words.takeNext();
      declared.push(variable.text);
      this.#variables.push(variable.text);
      if (context !== 'range' || declared.length > 1) throw words.fail(`too many declarations in ${context}`);
      const second = words.peekNext();
      if (second.kind !== 'variable' && second.kind !== 'close' && !isSymbol(second, ')')) {
        throw words.fail('range can only initialize variables');
      }
    }
  }

  #command(): Operand[] {
    const operands: Operand[] = [];
    for (;;) {
      this.#words.peekNext();
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      const word = this.#words.take();
      if (word.kind === 'space') continue;
      if (word.kind === 'close' || isSymbol(word, ')')) this.#words.giveBack(word);
      else if (!isSymbol(word, '|')) throw this.#words.unexpected(word, 'operand');
      if (operands.length === 0) throw this.#words.fail('empty command');
      return operands;
    }
  }

  /** Undefined where none begins. */
  #operand(): Operand | undefined {
    const first = this.#words.takeNext();
    const base = this.#term(first);
    if (base === undefined) {
      this.#words.giveBack(first);
      return undefined;
    }
    const fields: string[] = first.kind === 'field' ? [first.text.slice(1)] : [];
    let { at } = first;
    let { text } = base;
    let chained = false;
    while (this.#words.peek().kind === 'field') {
      const field = this.#words.take();
      // Upstream's place of a chain is its second link.
      if (fields.length < 2 && (first.kind !== 'field' || fields.length === 1)) at = field.at;
      fields.push(field.text.slice(1));
      text += field.text;
      chained = true;
    }
    if (chained && (base.kind === 'literal' || first.kind === 'dot')) {
      throw this.#words.fail(`unexpected . after term ${quote(base.text)}`);
    }
    return { ...base, at, fields, text };
  }

  #term(word: Word): Operand | undefined {
    const { at, text } = word;
    const operand = (kind: Operand['kind'], rest: Partial<Operand> = {}): Operand => ({
      kind,
      at,
      began: at,
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
        if (!this.#variables.includes(text)) throw this.#words.fail(`undefined variable ${quote(text)}`);
        return operand('variable');
      case 'name':
        if (!this.#functions.has(text)) throw this.#words.fail(`function ${quote(text)} not defined`);
        return operand('function');
      case 'bool':
        return operand('literal', { value: text === 'true' });
      case 'nil':
        return operand('literal', { value: null });
      case 'string':
        return operand('literal', { value: this.#constant(text) });
      case 'character':
        return operand('literal', { value: this.#character(text) });
      case 'number':
        return operand('literal', { value: this.#number(text) });
    }
    if (!isSymbol(word, '(')) return undefined;
    const pipeline = this.#nesting.within(() => this.#pipeline('parenthesized pipeline', ')'));
    return operand('pipeline', { pipeline, text: `(${this.#text.slice(at + 1, this.#closed).trim()})` });
  }

  #character(text: string): bigint {
    // Of several the first one alone is looked at.
    const first = CHARACTER.exec(text)?.[1] ?? '';
    const [character] = first === "'" ? [] : this.#constant(`'${first}'`);
    if (character === undefined) throw this.#words.fail('invalid syntax');
    if (first.length + 2 < text.length) throw this.#words.fail(`malformed character constant: ${text}`);
    return BigInt(character.codePointAt(0)!);
  }

  /** Complex numbers are good for nothing but to be printed. */
  #number(text: string): bigint | number | string {
    const complex = COMPLEX.exec(text);
    if (complex !== null) {
      const [real, imaginary] = [Number(complex[1] ?? 0), Number(complex[2])];
      return real === 0 && imaginary === 0 ? 0n : `(${real}${imaginary < 0 ? '' : '+'}${imaginary}i)`;
    }
    const [sign, digits] = /^[+-]/.test(text) ? [text[0]!, text.slice(1)] : ['', text];
    if (WHOLE.test(digits)) {
      const whole = BigInt(digits.replaceAll('_', '').replace(/^0(?=[0-7])/, '0o'));
      if (whole < (sign === '' ? 1n << 64n : 1n << 63n)) return sign === '-' ? -whole : whole;
      if (/^[1-9]/.test(digits)) throw this.#words.fail(`integer overflow: ${quote(text)}`);
    }
    if (FRACTION.test(digits)) {
      const number = Number(text.replaceAll('_', ''));
      if (Number.isFinite(number)) return number;
    }
    throw this.#words.fail(`illegal number syntax: ${quote(text)}`);
  }
}

const CHARACTER = /^'(\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.)|.)/su;
const WHOLE = /^(?:0[xX](?:_?[\da-fA-F])+|0[oO]?(?:_?[0-7])+|0[bB](?:_?[01])+|0|[1-9](?:_?\d)*)$/;
const FRACTION = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const COMPLEX = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?=[+-]))?([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)i$/;

const stopText = (stop: Stop): string => `{{${stop.split(' ')[0]}}}`;

/** Spaces alone are as good as nothing. */
const isSomething = (node: Node): boolean => node.kind !== 'text' || node.text.trim() !== '';
