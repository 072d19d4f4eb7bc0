/** How deep an expression may nest: cel-go's parser counts each rule of its grammar, and the tree once more. */
import { Nesting } from '../codec/nesting.ts';
import type { Expr } from './ast.ts';

export const LIMIT = 250;

export class TooDeep extends Error {}

/** Of one rule of the grammar; throws TooDeep. */
export const ruleDepth = (): Nesting => new Nesting(LIMIT, () => new TooDeep());

/** One more term than places of operators between them. */
export function balanced(
  terms: readonly Expr[],
  places: readonly number[],
  join: (at: number, pair: readonly [Expr, Expr]) => Expr,
): Expr {
  const between = (from: number, to: number): Expr => {
    if (from === to) return terms[from]!;
    const middle = Math.floor((from + to) / 2);
    return join(places[middle]!, [between(from, middle), between(middle + 1, to)]);
  };
  return between(0, terms.length - 1);
}
