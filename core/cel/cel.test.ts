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

  /** All of it held against the real server. */
  describe('stops where the real server stops', () => {
    const said = (expression: string): string => {
      const { value, issues, error } = answer(expression);
      return value ?? issues ?? error ?? '';
    };
    const rules = 'ERROR: <input>:-1:0: expression recursion limit exceeded: 250';
    const tree = 'ERROR: <input>:-1:0: max recursion depth exceeded';

    it.each([
      ['parentheses', '(', '1', ')', 249, '1', rules],
      ['lists', '[', '1', ']', 249, '[', rules],
      ['conditions', 'true ? 1 : ', '1', '', 249, '1', rules],
      ['sums', '1 + ', '1', '', 250, '251', tree],
      ['sums in parentheses', '(1 + ', '1', ')', 124, '125', rules],
      ['conditions in parentheses', '(true ? 1 : ', '1', ')', 124, '1', rules],
    ])('in %s', (_, open, middle, close, most, value, text) => {
      const deep = (depth: number): string => open.repeat(depth) + middle + close.repeat(depth);
      expect(said(deep(most)).startsWith(value)).toBe(true);
      expect(said(deep(most + 1))).toBe(text);
      expect(said(deep(20_000 / open.length))).toBe(text);
    });

    it('in a row of selections', () => {
      expect(said(`input${'.a'.repeat(250)}`)).toBe('no such key: a');
      expect(said(`input${'.a'.repeat(251)}`)).toBe(tree);
    });

    it('but not in a row of && or ||', () => {
      expect(said(`${'true && '.repeat(12_000)}true`)).toBe('true');
      expect(said(`${'false || '.repeat(11_000)}false`)).toBe('false');
    });

    it('at a hundred thousand characters, a hundred mistakes and a long line', () => {
      expect(said('😀'.repeat(100_001))).toBe(
        'ERROR: <input>:-1:0: expression code point size exceeds limit: size: 100001, limit 100000',
      );
      expect(said('@'.repeat(300)).split('\n').slice(-2)).toEqual([
        ` | ${'.'.repeat(99)}^`,
        '1 more errors were truncated',
      ]);
      expect(said(`${'x + '.repeat(130)}x`)).toMatch(/\n31 more errors were truncated$/);
      const place = "ERROR: <input>:1:1: Syntax error: token recognition error at: '@'";
      expect(said(`@${'a'.repeat(16_384)}`)).toBe(place);
      expect(said(`@${'a'.repeat(16_383)}`)).toBe(`${place}\n | @${'a'.repeat(16_383)}\n | ^`);
    });
  });
});
