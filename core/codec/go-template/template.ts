/**
 * Go's text/template as upstream offers it: for user names, passwords and workflows. Not there: define, template and
 * block, methods, and calling values.
 */
import { builtins } from './functions.ts';
import type { TemplateFunctions } from './functions.ts';
import { GoTemplateError } from './lexer.ts';
import { quote } from '../go-quote.ts';
import { encodeUtf8 } from '../utf8.ts';
import { DEEPEST } from '../nesting.ts';
import { parseTemplate } from './parser.ts';
import type { ControlNode, Node, Operand, Pipeline, Templates } from './parser.ts';
import type { TemplateValue } from './values.ts';
import { GoSlice, GoStruct, goType, isMap, itemsOf, show, truth } from './values.ts';

export { GoTemplateError } from './lexer.ts';

/** Ends a turn of a range. */
class Jump extends Error {
  readonly ends: boolean;
  constructor(ends: boolean) {
    super('jump');
    this.ends = ends;
  }
}

type Variables = readonly { readonly name: string; value: TemplateValue }[];

export class GoTemplate {
  readonly #name: string;
  readonly #text: string;
  readonly #functions: TemplateFunctions;
  readonly #templates: Templates;
  /** The template that is being applied. */
  #executing: string;
  /** Lists of nodes within each other. */
  #depth = 0;
  #struct: { readonly data: TemplateValue; readonly type: string } | undefined;
  readonly #lenient: boolean;

  /**
   * `name` stands in errors. With `lenient` a key that a map has not is '<no value>' rather than an error, as Go has it
   * unless it is told otherwise. Throws GoTemplateError.
   */
  constructor(text: string, functions: TemplateFunctions = {}, name = 'template', lenient = false) {
    this.#lenient = lenient;
    this.#name = name;
    this.#executing = name;
    this.#text = text;
    this.#functions = { ...builtins, ...functions };
    this.#templates = parseTemplate(text, name, new Set(Object.keys(this.#functions)));
  }

  /**
   * A key that a map has not is an error unless `lenient`, as with upstream's option missingkey=error. `struct` is the Go
   * type of what upstream gives to the template where that is no map; errors name it. Throws GoTemplateError.
   */
  run(data: TemplateValue, struct?: string): string {
    this.#struct = struct === undefined ? undefined : { data, type: struct };
    const out: string[] = [];
    this.#executing = this.#name;
    this.#all(this.#templates.get('')!, data, [{ name: '$', value: data }], out);
    return out.join('');
  }

  #all(nodes: readonly Node[], dot: TemplateValue, outer: Variables, out: string[]): void {
    this.#depth += 1;
    try {
      this.#each(nodes, dot, outer, out);
    } finally {
      this.#depth -= 1;
    }
  }

  #each(nodes: readonly Node[], dot: TemplateValue, outer: Variables, out: string[]): void {
    let variables = outer;
    for (const node of nodes) {
      switch (node.kind) {
        case 'text':
          out.push(node.text);
          break;
        case 'action': {
          const value = this.#pipeline(node.pipeline, dot, variables);
          if (node.pipeline.declared.length === 0) out.push(show(value));
          else variables = this.#declare(node.pipeline, [value], variables);
          break;
        }
        case 'break':
        case 'continue':
          throw new Jump(node.kind === 'break');
        case 'template': {
          const own = this.#templates.get(node.name);
          const place = { at: node.at, text: `{{template ${quote(node.name)}${textOf(node.pipeline)}}}` };
          if (this.#depth > DEEPEST) throw this.#failure(place, 'exceeded maximum template depth (100000)');
          if (own === undefined) {
            throw this.#failure(place, `template "${node.name}" not defined`);
          }
          const value = node.pipeline === undefined ? null : this.#pipeline(node.pipeline, dot, variables);
          const caller = this.#executing;
          this.#executing = node.name;
          this.#all(own, value, [{ name: '$', value }], out);
          this.#executing = caller;
          break;
        }
        default:
          this.#control(node, dot, variables, out);
      }
    }
  }

  #control(node: ControlNode, dot: TemplateValue, variables: Variables, out: string[]): void {
    const value = this.#pipeline(node.pipeline, dot, variables);
    if (node.kind === 'range') return this.#range(node, value, dot, variables, out);
    const inner = this.#declare(node.pipeline, [value], variables);
    if (truth(value)) this.#all(node.body, node.kind === 'with' ? value : dot, inner, out);
    else this.#all(node.otherwise, dot, inner, out);
  }

  #range(node: ControlNode, value: TemplateValue, dot: TemplateValue, variables: Variables, out: string[]): void {
    const entries = entriesOf(value);
    if (entries === undefined) {
      throw this.#failure(innermost(node.pipeline.commands[0]![0]!), `range can't iterate over ${show(value)}`);
    }
    if (entries.length === 0) return this.#all(node.otherwise, dot, variables, out);
    for (const [key, item] of entries) {
      const values = node.pipeline.declared.length === 2 ? [key, item] : [item];
      try {
        this.#all(node.body, item, this.#declare(node.pipeline, values, variables), out);
      } catch (error) {
        if (!(error instanceof Jump)) throw error;
        if (error.ends) break;
      }
    }
  }

  #pipeline({ commands }: Pipeline, dot: TemplateValue, variables: Variables): TemplateValue {
    let value: TemplateValue | undefined;
    for (const command of commands) value = this.#command(command, value, dot, variables);
    return value!;
  }

  #command(
    operands: readonly Operand[],
    last: TemplateValue | undefined,
    dot: TemplateValue,
    variables: Variables,
  ): TemplateValue {
    const [first, ...rest] = operands as [Operand, ...Operand[]];
    if (first.kind === 'function' && first.fields.length === 0) {
      this.#count(first, rest.length + (last === undefined ? 0 : 1));
      const args = rest.map((operand) => ({ operand, value: this.#operand(operand, dot, variables) }));
      const text = operands.map((operand) => operand.text).join(' ');
      return this.#call({ ...first, text }, last === undefined ? args : [...args, { operand: first, value: last }]);
    }
    if (rest.length > 0 || last !== undefined) {
      // What fields are asked of is there before it is found that they take nothing.
      const field = first.fields.at(-1);
      if (field === undefined) throw this.#failure(first, `can't give argument to non-function ${first.text}`);
      const asked = this.#operand({ ...first, fields: first.fields.slice(0, -1) }, dot, variables);
      const ofMap = isMap(asked) && asked !== this.#struct?.data;
      if (!ofMap) this.#operand(first, dot, variables);
      const what = ofMap ? 'is not a method but has arguments' : 'has arguments but cannot be invoked as function';
      throw this.#failure(first, `${field} ${what}`);
    }
    if (first.text === 'nil') throw this.#failure(first, 'nil is not a command');
    return this.#operand(first, dot, variables);
  }

  #call(
    command: Operand,
    args: readonly { readonly operand: Operand; readonly value: TemplateValue }[],
  ): TemplateValue {
    const { name } = command;
    const { params, run } = this.#functions[name]!;
    this.#count(command, args.length);
    for (const [i, { operand, value }] of args.entries()) {
      const complaint = mismatch(params[i], operand, value);
      // What is handed on from the left stands where the last argument does, or the name.
      const place = operand.kind === 'function' ? (args.at(-2)?.operand ?? { ...command, text: name }) : operand;
      if (complaint !== undefined) throw this.#failure(innermost(place), complaint);
    }
    try {
      return run(...(args.map(({ value }) => value) as never[]));
    } catch (error) {
      if (error instanceof GoTemplateError) throw this.#failure(command, `error calling ${name}: ${error.message}`);
      throw error;
    }
  }

  /** Before any of them is looked at. */
  #count(command: Operand, given: number): void {
    const { name } = command;
    const { params } = this.#functions[name]!;
    const least = params.filter((param) => param !== 'any...').length;
    const open = least < params.length;
    if (given >= least && (open || given <= least)) return;
    const wanted = `${open ? 'at least ' : ''}${least}`;
    throw this.#failure(
      { at: command.began, text: name },
      `wrong number of args for ${name}: want ${wanted} got ${given}`,
    );
  }

  #operand(operand: Operand, dot: TemplateValue, variables: Variables): TemplateValue {
    let value: TemplateValue;
    switch (operand.kind) {
      case 'literal':
        value = operand.value!;
        break;
      case 'dot':
        value = dot;
        break;
      case 'variable': {
        const own = variables.findLast(({ name }) => name === operand.name);
        if (own === undefined) throw this.#failure(operand, `undefined variable: ${operand.name}`);
        value = own.value;
        break;
      }
      case 'function':
        value = this.#call(operand, []);
        break;
      case 'pipeline':
        value = this.#pipeline(operand.pipeline!, dot, variables);
    }
    for (const field of operand.fields) {
      if (value === null) throw this.#failure(operand, `nil data; no entry for key "${field}"`);
      if (value instanceof GoStruct || value instanceof GoSlice) {
        const fields = value instanceof GoStruct ? value.fields : {};
        if (!Object.hasOwn(fields, field)) {
          throw this.#failure(innermost(operand), `can't evaluate field ${field} in type ${goType(value)}`);
        }
        value = fields[field]!;
        continue;
      }
      if (!isMap(value)) {
        // What comes out of parentheses has the type that it has.
        const type = operand.kind === 'pipeline' && field === operand.fields[0] ? goType(value) : 'interface {}';
        throw this.#failure(innermost(operand), `can't evaluate field ${field} in type ${type}`);
      }
      if (this.#lenient && !Object.hasOwn(value, field)) return null;
      if (!Object.hasOwn(value, field) && value === this.#struct?.data) {
        throw this.#failure(operand, `can't evaluate field ${field} in type ${this.#struct.type}`);
      }
      if (!Object.hasOwn(value, field)) throw this.#failure(operand, `map has no entry for key "${field}"`);
      value = value[field]!;
    }
    return value;
  }

  #declare(pipeline: Pipeline, values: readonly TemplateValue[], variables: Variables): Variables {
    const { declared, assigns, commands } = pipeline;
    if (!assigns) return [...variables, ...declared.map((name, i) => ({ name, value: values[i]! }))];
    for (const [i, name] of declared.entries()) {
      const own = variables.findLast((one) => one.name === name);
      if (own === undefined) throw this.#failure(lastOf(commands), `undefined variable: ${name}`);
      own.value = values[i]!;
    }
    return variables;
  }

  #failure({ at, text }: Pick<Operand, 'at' | 'text'>, message: string): GoTemplateError {
    const before = this.#text.slice(0, at).split('\n');
    const where = `${this.#name}:${before.length}:${encodeUtf8(before.at(-1)!).length}`;
    return new GoTemplateError(`template: ${where}: executing "${this.#executing}" at <${text}>: ${message}`);
  }
}

/** As it is printed behind the name of a template. */
function textOf(pipeline: Pipeline | undefined): string {
  if (pipeline === undefined) return '';
  const declared =
    pipeline.declared.length === 0 ? '' : `${pipeline.declared.join(', ')} ${pipeline.assigns ? '=' : ':='} `;
  return ` ${declared}${pipeline.commands.map((command) => command.map(({ text }) => text).join(' ')).join(' | ')}`;
}

/** What was evaluated last. */
const lastOf = (commands: Pipeline['commands']): Operand => innermost(commands.at(-1)!.at(-1)!);

const innermost = (operand: Operand): Operand =>
  operand.pipeline === undefined ? operand : lastOf(operand.pipeline.commands);

const WORDS: Readonly<Record<string, string>> = { string: 'string', int: 'integer', uint: 'unsigned integer' };

/** What is wrong with an argument; what is written down is told as it is written, anything else by its type. */
function mismatch(param: string | undefined, operand: Operand, value: TemplateValue): string | undefined {
  const type = goType(value);
  if (param === undefined || param.startsWith('any') || param === type) {
    return undefined;
  }
  const word = WORDS[param];
  if (operand.kind !== 'literal' || word === undefined) return `wrong type for value; expected ${param}; got ${type}`;
  if (param === 'uint' && typeof value === 'bigint' && value >= 0n) return undefined;
  return `expected ${word}; found ${operand.text}`;
}

/** What a range goes over; undefined: it cannot. */
function entriesOf(value: TemplateValue): readonly (readonly [TemplateValue, TemplateValue])[] | undefined {
  if (value === null) return [];
  if (typeof value === 'bigint')
    return Array.from({ length: Number(value) }, (_, i) => [BigInt(i), BigInt(i)] as const);
  const items = itemsOf(value);
  if (items !== undefined) return items.map((item, i) => [BigInt(i), item] as const);
  return isMap(value) ? Object.entries(value) : undefined;
}
