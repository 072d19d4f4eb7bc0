/** Runs an expression. */
import type { Comprehension, Expr } from './ast.ts';
import type { CelEnv } from './environment.ts';
import { CelError } from './error.ts';
import { formatText } from './format.ts';
import { dispatch } from './functions.ts';
import { goType } from './go-type.ts';
import { qualifiedName } from './parser.ts';
import { checkOrder, compareValues } from './standard.ts';
import type { CelValue } from './values.ts';
import { CelMap, Duration, keyText, List, Message, Optional, Timestamp, typeName, TypeValue } from './values.ts';

/** Variables by name; a comprehension's own are put on top. */
export type Bindings = ReadonlyMap<string, CelValue>;

export class Evaluator {
  readonly #env: CelEnv;

  constructor(env: CelEnv) {
    this.#env = env;
  }

  /** Throws CelError. */
  run(expr: Expr, bindings: Bindings): CelValue {
    switch (expr.kind) {
      case 'literal':
        return expr.value;
      case 'name':
        return this.#name(expr.name, bindings);
      case 'select':
        return this.#select(expr, bindings);
      case 'call':
        return this.#call(expr, bindings);
      case 'list':
        return new List(
          expr.items.flatMap(({ value, optional }) => given(this.run(value, bindings), optional, 'list element')),
        );
      case 'map':
        return new CelMap(
          expr.entries.flatMap(({ key, value, optional }) => {
            const known = this.run(key, bindings);
            const what = `entry '${printed(known)}'`;
            return given(this.run(value, bindings), optional, what).map((item) => [known, item] as const);
          }),
        );
      case 'struct':
        return this.#env.construct(
          expr.type,
          new Map(
            expr.fields.flatMap(({ name, value, optional }) =>
              given(this.run(value, bindings), optional, `entry '${name}'`).map((item) => [name, item] as const),
            ),
          ),
        );
      case 'comprehension':
        return this.#comprehension(expr, bindings);
      case 'bind': {
        const operand = this.run(expr.operand, bindings);
        if (!(operand instanceof Optional)) throw new CelError(`no such overload: hasValue(${typeName(operand)})`);
        if (operand.value === undefined) return operand;
        const value = this.run(expr.body, new Map(bindings).set(expr.variable, operand.value));
        return expr.flat ? value : new Optional(value);
      }
    }
  }

  #name(name: string, bindings: Bindings): CelValue {
    const value = bindings.get(name) ?? this.#env.constant(name);
    if (value === undefined && !bindings.has(name)) throw this.#missing(name);
    return value ?? null;
  }

  #select(expr: Expr & { readonly kind: 'select' }, bindings: Bindings): CelValue {
    const whole = qualifiedName(expr);
    if (whole !== undefined && !bindings.has(whole.split('.')[0]!)) {
      const constant = this.#env.constant(whole);
      if (constant !== undefined) return constant;
    }
    this.#checkAttribute(expr, bindings);
    const operand = this.run(expr.operand, bindings);
    const optional = operand instanceof Optional;
    const value = optional ? operand.value : operand;
    const found = value === undefined ? undefined : this.#field(value, expr.field);
    if (expr.mode === 'has') return found !== undefined;
    if (expr.mode === 'optional' || optional) return new Optional(found);
    if (found === undefined) throw new CelError(`no such key: ${expr.field}`);
    return found;
  }

  /** Whoever selects from a name without a value hears of the whole path. */
  #checkAttribute(expr: Expr, bindings: Bindings): void {
    const path = constantPath(expr);
    if (path === undefined || bindings.has(path[0]!) || this.#env.constant(path[0]!) !== undefined) return;
    throw this.#missing(path.join('.'));
  }

  #missing(name: string): CelError {
    return new CelError(`no such attribute(s): ${this.#env.candidates(name).join(', ')}`);
  }

  #field(value: CelValue, name: string): CelValue | undefined {
    if (value instanceof CelMap) return value.get(name);
    if (value instanceof List) throw new CelError("unsupported index type 'string' in list");
    if (value instanceof Message) return value.fields.get(name) ?? this.#env.zero(value.type, name);
    return undefined;
  }

  #call(expr: Expr & { readonly kind: 'call' }, bindings: Bindings): CelValue {
    const { name, target, args } = expr;
    if (name === '_&&_' || name === '_||_') return this.#logic(args[0]!, args[1]!, name === '_||_', bindings);
    if (name === '_?_:_') {
      const condition = this.run(args[0]!, bindings);
      if (typeof condition !== 'boolean') throw new CelError('no such overload');
      return this.run(args[condition ? 1 : 2]!, bindings);
    }
    this.#checkAttribute(expr, bindings);
    const before = target === undefined ? undefined : qualifiedName(target);
    const whole = `${before}.${name}`;
    const isFunction = before !== undefined && this.#env.functions.has(whole);
    const values = args.map((arg) => this.run(arg, bindings));
    if (name === '_[_]' || name === '_[?_]') checkQualifier(values[1]!);
    if (isFunction) return dispatch(this.#env.functions, whole, false, values);
    if (target === undefined) return dispatch(this.#env.functions, name, false, values);
    return dispatch(this.#env.functions, name, true, [this.run(target, bindings), ...values]);
  }

  /** A side that decides does so even when the other fails. */
  #logic(left: Expr, right: Expr, deciding: boolean, bindings: Bindings): CelValue {
    const sides = [left, right].map((side) => {
      try {
        const value = this.run(side, bindings);
        return typeof value === 'boolean' ? value : new CelError('no such overload');
      } catch (error) {
        if (error instanceof CelError) return error;
        throw error;
      }
    });
    if (sides.includes(deciding)) return deciding;
    for (const side of sides) if (side instanceof CelError) throw side;
    return !deciding;
  }

  #comprehension(expr: Comprehension, bindings: Bindings): CelValue {
    const range = this.run(expr.range, bindings);
    const items =
      range instanceof List ? range.items : range instanceof CelMap ? range.entries().map(([key]) => key) : undefined;
    if (items === undefined) throw new CelError(`got '${goType(range)}', expected iterable type`);
    const inner = (item: CelValue): Bindings => new Map(bindings).set(expr.variable, item);
    const test = (body: Expr, item: CelValue): boolean => {
      const value = this.run(body, inner(item));
      if (typeof value !== 'boolean') throw new CelError('no such overload');
      return value;
    };
    const { body, condition, macro } = expr;
    switch (macro) {
      case 'all':
      case 'exists':
        return quantified(items, (item) => test(body, item), macro === 'exists');
      case 'exists_one':
        return items.filter((item) => test(body, item)).length === 1;
      case 'filter':
        return new List(items.filter((item) => test(body, item)));
      case 'map': {
        const taken = condition === undefined ? items : items.filter((item) => test(condition, item));
        return new List(taken.map((item) => this.run(body, inner(item))));
      }
      case 'sortBy': {
        const keyed = items.map((item) => ({ item, key: this.run(body, inner(item)) }));
        checkOrder(keyed.map(({ key }) => key));
        return new List(keyed.sort((a, b) => compareValues(a.key, b.key)).map(({ item }) => item));
      }
    }
  }
}

/** What a key or an index can never be. */
function checkQualifier(key: CelValue): void {
  const odd = [List, CelMap, TypeValue, Optional, Timestamp, Duration].some((kind) => key instanceof kind);
  if (!odd) return;
  const native = (key instanceof List || key instanceof CelMap) && key.native !== undefined;
  const type = native ? (key instanceof List ? '[]interface {}' : 'map[string]interface {}') : goType(key);
  throw new CelError(`invalid qualifier type: ${type}`);
}

/** From a name on, what is selected by names and by constant texts: a.b["c"]. */
function constantPath(expr: Expr): readonly string[] | undefined {
  if (expr.kind === 'name') return [expr.name];
  if (expr.kind === 'select') return longer(constantPath(expr.operand), expr.field);
  if (expr.kind !== 'call' || (expr.name !== '_[_]' && expr.name !== '_[?_]')) return undefined;
  const [operand, key] = expr.args;
  return key?.kind === 'literal' && typeof key.value === 'string'
    ? longer(constantPath(operand!), key.value)
    : undefined;
}

const longer = (path: readonly string[] | undefined, name: string) => path && [...path, name];

/** An item that decides does so even when others fail. */
function quantified(items: readonly CelValue[], test: (item: CelValue) => boolean, deciding: boolean): boolean {
  let failed: CelError | undefined;
  for (const item of items) {
    try {
      if (test(item) === deciding) return deciding;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      failed ??= error;
    }
  }
  if (failed !== undefined) throw failed;
  return !deciding;
}

/** As Go prints it. */
function printed(value: CelValue): string {
  if (value === null) return '0';
  if (typeof value === 'number' && Math.abs(value) === Infinity) return value > 0 ? '+Inf' : '-Inf';
  if (value instanceof Uint8Array) return `[${value.join(' ')}]`;
  return value instanceof List || value instanceof CelMap ? formatText('%s', [value]) : keyText(value);
}

/** An optional that is empty is left out. */
function given(value: CelValue, optional: boolean, what: string): CelValue[] {
  if (!optional) return [value];
  if (!(value instanceof Optional)) {
    throw new CelError(`cannot initialize optional ${what} from non-optional value ${printed(value)}`);
  }
  return value.value === undefined ? [] : [value.value];
}
