import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { celEnv, isCelError, parse as parseOther, plan } from '@bufbuild/cel';
import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { print } from '../codec/json.ts';
import { CelEnv } from './environment.ts';
import { CelError, CelIssues } from './error.ts';
import { nativeJson, resultJson } from './native.ts';
import { compile, evaluate } from './program.ts';
import type { CelValue } from './values.ts';
import { fromJson } from './values.ts';

interface Answer {
  readonly expression: string;
  /** JSON as the server printed it. */
  readonly value?: string;
  readonly issues?: string;
  readonly error?: string;
}

const answers = JSON.parse(
  readFileSync(fileURLToPath(new URL('answers.golden.json', import.meta.url)), 'utf8'),
) as Answer[];

const env = new CelEnv({
  variables: { input: 'map(string, dyn)', requests: 'map(string, dyn)', responses: 'map(string, dyn)' },
});
const variables = new Map<string, CelValue>([
  ['input', fromJson({ s: 'hello', i: 3, path: 't' })],
  ['requests', fromJson({ f: { r: { path: 'sys/health' } } })],
  ['responses', fromJson({})],
]);

function answer(expression: string): Answer {
  try {
    const value = resultJson(evaluate(env, compile(env, expression), variables));
    return { expression, value: print(value) };
  } catch (error) {
    if (error instanceof CelIssues) return { expression, issues: error.message };
    if (error instanceof CelError) return { expression, error: error.message };
    throw error;
  }
}

describe('CEL', () => {
  it('answers what the real server answered', () => {
    expect(answers.map(({ expression }) => answer(expression))).toEqual(answers);
  });

  const literal = fc.oneof(
    fc.integer({ min: -50, max: 50 }).map((n) => (n < 0 ? `(${n})` : String(n))),
    fc.constantFrom('true', 'false', '"a"', '"ab"', '""'),
  );
  const expression = fc.letrec<{ any: string; list: string }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      literal,
      fc
        .tuple(tie('any'), fc.constantFrom('+', '-', '*', '==', '!=', '<', '>=', '&&', '||'), tie('any'))
        .map(([a, operator, b]) => `(dyn(${a}) ${operator} dyn(${b}))`),
      fc.tuple(tie('any'), tie('any'), tie('any')).map(([a, b, c]) => `(dyn(${a}) ? ${b} : ${c})`),
      fc.tuple(tie('any'), tie('list')).map(([a, list]) => `(dyn(${a}) in dyn(${list}))`),
      tie('list').map((list) => `${list}.all(x, dyn(x) == 1)`),
      tie('list').map((list) => `size(${list}.filter(x, dyn(x) != "a"))`),
    ),
    list: fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  }));

  property.prop([expression.any], { numRuns: 300 })('computes what another implementation computes', (text) => {
    const other = plan(celEnv(), parseOther(text))();
    let own: unknown;
    try {
      own = nativeJson(evaluate(env, compile(env, text), variables));
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      expect(isCelError(other)).toBe(true);
      return;
    }
    expect(own).toEqual(typeof other === 'bigint' ? Number(other) : other);
  });
});
