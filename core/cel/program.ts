/**
 * Programs as roles and workflows store them: an expression and variables before it, each an expression that may use
 * those before it. Texts are upstream's helper's.
 */
import { quote } from '../codec/go-quote.ts';
import type { Expr } from './ast.ts';
import { Checker } from './checker.ts';
import type { CelEnv } from './environment.ts';
import { CelError, CelIssues } from './error.ts';
import { Evaluator } from './evaluator.ts';
import type { Bindings } from './evaluator.ts';
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
export const evaluate = (env: CelEnv, expr: Expr, variables: Bindings): CelValue =>
  new Evaluator(env).run(expr, variables);

export interface CelVariable {
  readonly name: string;
  readonly expression: string;
}

/** The program cannot be used, or failed; the text says which part of it. */
export class CelProgramError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CelProgramError';
  }
}

export class CelProgram {
  readonly #env: CelEnv;
  readonly #expression: string;
  readonly #variables: readonly (CelVariable & { readonly expr: Expr })[];
  readonly #main: Expr;

  /** Only the main expression is checked: what a variable's type is shows when it runs. Throws CelProgramError. */
  constructor(env: CelEnv, variables: readonly CelVariable[], expression: string) {
    this.#expression = expression;
    this.#variables = variables.map(({ name, expression }, i) => {
      const where = `failed to validate variables: variable[${i}].${name}: failed to validate: invalid CEL syntax for variable '${name}'`;
      return { name, expression, expr: explained(where, () => parseExpression(expression)) };
    });
    const main = explained('invalid CEL syntax for main expression', () => parseExpression(expression));
    const taken = variables.find(({ name }) => env.typeOf(name) !== undefined);
    if (taken !== undefined) {
      const text = `ERROR: <input>:-1:0: overlapping identifier for name '${taken.name}'`;
      throw new CelProgramError(`error type-checking CEL MainProgram: ${text}`);
    }
    this.#env = env.with(variables.map(({ name }) => name));
    const issues = new Checker(this.#env).check(main);
    if (issues.length > 0) {
      const { message } = new CelIssues(expression, issues, false);
      throw new CelProgramError(`error type-checking CEL MainProgram: ${message}`);
    }
    this.#main = main;
  }

  /** Throws CelProgramError. */
  run(given: Bindings): CelValue {
    const bindings = new Map(given);
    const run = (where: string, expr: Expr, text: string): CelValue => {
      try {
        return evaluate(this.#env, expr, bindings);
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
        throw new CelProgramError(`${where}: failed to evaluate expression ${quote(text)}: ${error.message}`);
      }
    };
    for (const [i, { name, expression, expr }] of this.#variables.entries()) {
      bindings.set(name, run(`failed to evaluate variables: variable[${i}].${name}`, expr, expression));
    }
    return run('failed to evaluate expression', this.#main, this.#expression);
  }
}

function explained<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof CelIssues ? new CelProgramError(`${where}: ${error.message}`) : error;
  }
}
