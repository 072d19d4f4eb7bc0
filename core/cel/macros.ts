/** Calls that are not calls: macros, expanded while parsing. */
import type { Expr, Macro } from './ast.ts';
import { Uint } from './values.ts';

/** A mistake in a macro's arguments. */
export class MacroError extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const LOOPS: Readonly<Record<string, Macro>> = {
  all: 'all',
  exists: 'exists',
  exists_one: 'exists_one',
  filter: 'filter',
  map: 'map',
  sortBy: 'sortBy',
};

const SORTED: readonly string[] = ['list', 'name', 'comprehension', 'bind', 'call', 'select'];

/** The expansion, or undefined when it is a call like any other. Throws MacroError. */
export function expandMacro(
  at: number,
  name: string,
  target: Expr | undefined,
  args: readonly Expr[],
): Expr | undefined {
  if (target === undefined) return name === 'has' && args.length === 1 ? expandHas(at, args[0]!) : undefined;
  const extreme = /^(?:greatest|least)$/.test(name) && target.kind === 'name' && target.name === 'math';
  if (extreme) return expandExtreme(at, target.at, name, args);
  if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2) {
    const [variable, body] = [simpleName(args[0]!, `${name}() variable name must be a simple identifier`), args[1]!];
    return { kind: 'bind', at, operand: target, variable, body, flat: name === 'optFlatMap' };
  }
  const macro = Object.hasOwn(LOOPS, name) ? LOOPS[name]! : undefined;
  if (macro === undefined || (args.length !== 2 && !(macro === 'map' && args.length === 3))) return undefined;
  if (macro === 'sortBy' && !SORTED.includes(target.kind)) {
    throw new MacroError(
      target.at,
      'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    );
  }
  const variable = simpleName(
    args[0]!,
    ['map', 'filter', 'sortBy'].includes(macro) ? 'argument is not an identifier' : 'argument must be a simple name',
  );
  const condition = args.length === 3 ? args[1]! : undefined;
  return { kind: 'comprehension', at, macro, range: target, variable, condition, body: args.at(-1)! };
}

function expandHas(at: number, argument: Expr): Expr {
  if (argument.kind !== 'select' || argument.mode === 'optional') {
    throw new MacroError(argument.at, 'invalid argument to has() macro');
  }
  return { ...argument, at, mode: 'has' };
}

/** Any number of arguments becomes one or two, or a list. */
function expandExtreme(at: number, start: number, name: string, args: readonly Expr[]): Expr {
  if (args.length === 0) throw new MacroError(start, `math.${name}() requires at least one argument`);
  const lone = args.length === 1;
  const odd = args.find((arg) => !mayBeNumber(arg) && !(lone && isNumbers(arg)));
  if (odd !== undefined) {
    const why = lone ? 'invalid single argument value' : 'simple literal arguments must be numeric';
    throw new MacroError(odd.at, `math.${name}() ${why}`);
  }
  const list = (items: readonly Expr[]): Expr => ({
    kind: 'list',
    at,
    items: items.map((value) => ({ value, optional: false })),
  });
  return {
    kind: 'call',
    at,
    name: `math.@${name === 'least' ? 'min' : 'max'}`,
    target: undefined,
    args: args.length < 3 ? args : [list(args)],
  };
}

/** What is no literal may be one when it is evaluated. */
function mayBeNumber(expr: Expr): boolean {
  if (expr.kind !== 'literal') return !['list', 'map', 'struct'].includes(expr.kind);
  return typeof expr.value === 'bigint' || typeof expr.value === 'number' || expr.value instanceof Uint;
}

const isNumbers = (expr: Expr): boolean =>
  expr.kind === 'list' && expr.items.length > 0 && expr.items.every(({ value }) => mayBeNumber(value));

function simpleName(argument: Expr, refusal: string): string {
  if (argument.kind !== 'name') throw new MacroError(argument.at, refusal);
  return argument.name;
}
