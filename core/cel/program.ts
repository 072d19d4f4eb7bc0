/**
 * An expression with its variables, as roles and workflows store them: each variable is an expression that may use
 * those before it.
 */
import type { Expr } from './ast.ts';
import { Checker } from './checker.ts';
import type { CelEnv } from './environment.ts';
import { CelIssues } from './error.ts';
import { Evaluator } from './evaluator.ts';
import { parseExpression } from './parser.ts';
import type { CelValue } from './values.ts';

/** Parsed and checked. Throws CelIssues. */
export function compile(env: CelEnv, source: string): Expr {
  const expr = parseExpression(source);
  const issues = new Checker(env).check(expr);
  if (issues.length > 0) throw new CelIssues(source, issues, false);
  return expr;
}

/** Throws CelError. */
export const evaluate = (env: CelEnv, expr: Expr, variables: ReadonlyMap<string, CelValue>): CelValue =>
  new Evaluator(env).run(expr, variables);
