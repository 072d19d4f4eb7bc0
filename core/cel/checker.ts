/** Finds what cannot work before it runs: names and functions that are not there, types that do not fit. */
import type { Comprehension, Expr } from './ast.ts';
import type { CelEnv } from './environment.ts';
import type { Issue } from './error.ts';
import { formatMistake } from './format.ts';
import { qualifiedName } from './parser.ts';
import type { Type } from './types.ts';
import { takesNull, wrongField } from './field-value.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  ERROR,
  INT,
  NULL,
  OPEN,
  STRING,
  TIMESTAMP,
  UINT,
  filled,
  fits,
  isAny,
  isDecided,
  joined,
  listOf,
  mapOf,
  optionalOf,
  printType,
  together,
} from './types.ts';
import { Duration, Timestamp, Uint } from './values.ts';

const ORDERED = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'];

type Call = Expr & { readonly kind: 'call' };
type Scope = ReadonlyMap<string, Type>;

export class Checker {
  readonly #env: CelEnv;
  readonly #issues: Issue[] = [];
  readonly #types = new Map<Expr, Type>();
  readonly #formats: Call[] = [];

  constructor(env: CelEnv) {
    this.#env = env;
  }

  /** The mistakes; none: it may run. */
  check(expr: Expr): readonly Issue[] {
    this.#type(expr, new Map());
    // Formats are looked at only where all else is right.
    if (this.#issues.length === 0) for (const format of this.#formats) this.#format(format);
    return this.#issues;
  }

  #mistake(at: number, message: string): Type {
    this.#issues.push({ at, message });
    return ERROR;
  }

  #unknown(at: number, name: string): Type {
    return this.#mistake(at, `undeclared reference to '${name}' (in container '${this.#env.container}')`);
  }

  #type(expr: Expr, scope: Scope): Type {
    const type = this.#found(expr, scope);
    this.#types.set(expr, type);
    return type;
  }

  #found(expr: Expr, scope: Scope): Type {
    switch (expr.kind) {
      case 'literal':
        return literalType(expr.value);
      case 'name':
        return scope.get(expr.name) ?? this.#env.typeOf(expr.name) ?? this.#unknown(expr.at, expr.name);
      case 'select':
        return this.#select(expr, scope);
      case 'call':
        return this.#call(expr, scope);
      case 'list':
        return this.#list(expr, scope);
      case 'map':
        return this.#map(expr, scope);
      case 'struct':
        return this.#struct(expr, scope);
      case 'comprehension':
        return this.#comprehension(expr, scope);
      case 'bind': {
        const operand = this.#type(expr.operand, scope);
        // It is asked whether there is a value, and for the value: who is not there is missed twice.
        if (expr.operand.kind === 'name') this.#type(expr.operand, scope);
        const optional = isAny(operand) || operand.name === 'optional_type';
        const inner = new Map(scope).set(expr.variable, optional ? (operand.params[0] ?? DYN) : ERROR);
        for (const name of optional ? [] : ['hasValue', 'value']) this.#unfit(expr.at, name, operand, []);
        this.#type(expr.body, inner);
        // Or else nothing, of which there is no saying what type it would have.
        return DYN;
      }
    }
  }

  #select(expr: Expr & { readonly kind: 'select' }, scope: Scope): Type {
    const whole = qualifiedName(expr);
    const known = whole === undefined ? undefined : this.#env.typeOf(whole);
    if (known !== undefined) return known;
    const operand = this.#type(expr.operand, scope);
    if (expr.mode === 'has') {
      this.#field(expr, operand);
      return BOOL;
    }
    const inside = operand.name === 'optional_type' ? operand.params[0]! : operand;
    const field = this.#field(expr, inside);
    if (expr.mode !== 'optional' && inside === operand) return field;
    return optionalOf(isAny(inside) ? DYN : field);
  }

  #field({ at, field }: { readonly at: number; readonly field: string }, type: Type): Type {
    if (isAny(type)) return DYN;
    if (type.name === 'map') return type.params[1]!;
    const message = this.#env.message(type.name);
    if (message === undefined) {
      this.#mistake(at, `type '${printType(type)}' does not support field selection`);
      return DYN;
    }
    return message.get(field) ?? this.#mistake(at, `undefined field '${field}'`);
  }

  #call(expr: Expr & { readonly kind: 'call' }, scope: Scope): Type {
    const { at, args } = expr;
    const { name, target } = this.#resolved(expr);
    if (name === '_&&_' || name === '_||_') return this.#logic(args, scope);
    if (name === '_?_:_') {
      const [condition, yes, no] = args.map((arg) => this.#type(arg, scope));
      return this.#choice(at, condition!, yes!, no!);
    }
    const overloads = this.#env.functions.get(name);
    const receiver = target === undefined ? [] : [this.#type(target, scope)];
    if (overloads === undefined) this.#unknown(at, name);
    const types = [...receiver, ...args.map((arg) => this.#type(arg, scope))];
    if (overloads === undefined) return ERROR;
    if (name === 'format' && target !== undefined) this.#formats.push(expr);
    let result: Type | undefined;
    for (const { member, params, result: own } of overloads) {
      if (member !== (target !== undefined) || params.length !== types.length) continue;
      const bound = new Map<string, Type>();
      if (!params.every((param, i) => fits(param, types[i]!, bound))) continue;
      // What nothing decides is not the same for two overloads.
      if (result !== undefined && !(isDecided(own, bound) && printType(filled(own, bound)) === printType(result))) {
        return DYN;
      }
      result = filled(own, bound);
    }
    if (result !== undefined) return result;
    return this.#unfit(at, name, receiver[0], types.slice(receiver.length));
  }

  #unfit(at: number, name: string, receiver: Type | undefined, args: readonly Type[]): Type {
    const applied = `${receiver === undefined ? '' : `${printType(receiver)}.`}(${args.map(printType).join(', ')})`;
    return this.#mistake(at, `found no matching overload for '${name}' applied to '${applied}'`);
  }

  /** What is sorted by has to have an order. */
  #sorted({ at }: Comprehension, range: Type, key: Type): Type {
    const fit = (isAny(range) || range.name === 'list') && (isAny(key) || ['null', ...ORDERED].includes(key.name));
    return fit ? range : this.#unfit(at, '@sortByAssociatedKeys', range, [listOf(key)]);
  }

  #format({ at, target, args }: Call): void {
    const mistake = formatMistake(target!, args[0], (expr) => this.#types.get(expr) ?? DYN);
    if (mistake !== undefined) this.#mistake(mistake.at ?? at, mistake.message);
  }

  /** `math.abs(x)` is a function of that name rather than a member of `math`. */
  #resolved({ name, target }: Expr & { readonly kind: 'call' }): { name: string; target: Expr | undefined } {
    const before = target === undefined ? undefined : qualifiedName(target);
    const whole = `${before}.${name}`;
    return before !== undefined && this.#env.functions.has(whole)
      ? { name: whole, target: undefined }
      : { name, target };
  }

  #choice(at: number, condition: Type, yes: Type, no: Type): Type {
    if (isAny(condition) || condition.name === 'bool') return joined(yes, no);
    const applied = [condition, yes, no].map(printType).join(', ');
    return this.#mistake(at, `found no matching overload for '_?_:_' applied to '(${applied})'`);
  }

  #logic(args: readonly Expr[], scope: Scope): Type {
    return args.map((arg) => this.#bool(arg, scope)).find((type) => type === ERROR) ?? BOOL;
  }

  #bool(expr: Expr, scope: Scope): Type {
    const type = this.#type(expr, scope);
    if (isAny(type) || type.name === 'bool') return BOOL;
    return this.#mistake(expr.at, `expected type 'bool' but found '${printType(type)}'`);
  }

  #list({ items }: Expr & { readonly kind: 'list' }, scope: Scope): Type {
    const types = items.map(({ value, optional }) => this.#given(value, optional, scope));
    return listOf(types.length === 0 ? OPEN : types.reduce(together));
  }

  /** What is marked as optional has to be one, and stands for what is in it. */
  #given(value: Expr, optional: boolean, scope: Scope): Type {
    const type = this.#type(value, scope);
    if (!optional || type.name === 'dyn') return type;
    if (type.name === 'optional_type') return type.params[0]!;
    this.#mistake(value.at, `expected type '${printType(optionalOf(type))}' but found '${printType(type)}'`);
    return type;
  }

  #map({ entries }: Expr & { readonly kind: 'map' }, scope: Scope): Type {
    const keys = entries.map(({ key }) => this.#type(key, scope));
    const values = entries.map(({ value, optional }) => this.#given(value, optional, scope));
    return entries.length === 0 ? mapOf(OPEN, OPEN) : mapOf(keys.reduce(together), values.reduce(together));
  }

  #struct({ at, type, fields }: Expr & { readonly kind: 'struct' }, scope: Scope): Type {
    const message = this.#env.message(type);
    if (message === undefined) return this.#unknown(at, type);
    for (const { name, at: place, value, optional } of fields) {
      const given = this.#given(value, optional, scope);
      const wanted = message.get(name);
      if (wanted === undefined) this.#mistake(place, `undefined field '${name}'`);
      else if (!fits(wanted, given, new Map()) && !(given.name === 'null' && takesNull(wanted))) {
        this.#mistake(place, wrongField(name, wanted, given));
      }
    }
    return this.#env.messageType(type);
  }

  #comprehension(expr: Comprehension, scope: Scope): Type {
    const range = this.#type(expr.range, scope);
    const goesOver = isAny(range) || range.name === 'list' || range.name === 'map';
    const item = !goesOver ? ERROR : isAny(range) ? DYN : range.params[0]!;
    if (!goesOver) {
      this.#mistake(
        expr.macro === 'sortBy' ? expr.at : expr.range.at,
        `expression of type '${printType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      );
    }
    const inner = new Map(scope).set(expr.variable, item);
    switch (expr.macro) {
      case 'map': {
        const condition = expr.condition === undefined ? BOOL : this.#type(expr.condition, inner);
        const result = listOf(this.#type(expr.body, inner));
        this.#choice(expr.at, condition, result, result);
        return result;
      }
      case 'sortBy':
        return this.#sorted(expr, range, this.#type(expr.body, inner));
      case 'filter':
        this.#choice(expr.at, this.#type(expr.body, inner), listOf(item), listOf(item));
        return listOf(item);
      case 'exists_one':
        this.#choice(expr.at, this.#type(expr.body, inner), INT, INT);
        return BOOL;
      default:
        this.#bool(expr.body, inner);
        return BOOL;
    }
  }
}

function literalType(value: unknown): Type {
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    case 'string':
      return STRING;
  }
  if (value === null) return NULL;
  if (value instanceof Uint) return UINT;
  if (value instanceof Timestamp) return TIMESTAMP;
  return value instanceof Duration ? DURATION : BYTES;
}
