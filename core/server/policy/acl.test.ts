import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../codec/json.ts';
import { JsonNumber } from '../../codec/json.ts';
import type { Operation, Request } from '../../framework/logical.ts';
import { SECOND } from '../../runtime.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';
import { CompiledAcl } from './acl.ts';
import { parsePolicy } from './parse.ts';

const acl = (...policies: readonly string[]): CompiledAcl =>
  new CompiledAcl(
    policies.map((text, i) => ({ name: `p${i}`, namespace: rootNamespace, paths: parsePolicy(text).paths })),
  );

const ask = (operation: Operation, path: string, data: JsonObject = {}, wrapTtl?: number): Request => ({
  id: '',
  operation,
  path,
  data,
  namespace: rootNamespace,
  clientToken: '',
  headers: new Map(),
  remote: { address: '', port: 0 },
  unauthenticated: false,
  standby: false,
  ...(wrapTtl !== undefined && { wrap: { ttl: wrapTtl, format: 'uuid' } }),
});

const may = (rules: CompiledAcl, ...request: Parameters<typeof ask>): boolean => rules.check(ask(...request)).allowed;

describe('an ACL', () => {
  test('prefers exact paths, then later wildcards, then patterns without a star, then fewer pluses', () => {
    const rules = acl(`
      path "a/*" { capabilities=["read"] }
      path "a/b" { capabilities=["list"] }
      path "a/+/c" { capabilities=["update"] }
      path "a/b/*" { capabilities=["delete"] }
      path "a/+/+" { capabilities=["create"] }
    `);
    expect(rules.capabilities('a/b')).toEqual(['list']);
    expect(rules.capabilities('a/x')).toEqual(['read']);
    expect(rules.capabilities('a/x/c')).toEqual(['update']);
    expect(rules.capabilities('a/b/c')).toEqual(['delete']);
    expect(rules.capabilities('a/x/d')).toEqual(['create']);
    expect(rules.capabilities('b')).toEqual(['deny']);
  });

  test('lists match with and without the trailing slash', () => {
    const rules = acl('path "a/b" { capabilities=["list"] }', 'path "c/+" { capabilities=["list"] }');
    expect(may(rules, 'list', 'a/b/')).toBe(true);
    expect(may(rules, 'list', 'c/d/')).toBe(true);
    expect(may(rules, 'read', 'a/b/')).toBe(false);
  });

  test('a deny in any policy is all that stays of a path', () => {
    const rules = acl(
      'path "a" { capabilities=["read","sudo"] }',
      'path "a" { capabilities=["deny"] }',
      'path "a" { capabilities=["update"] }',
    );
    expect(rules.capabilities('a')).toEqual(['deny']);
    expect(rules.check(ask('read', 'a'))).toMatchObject({ allowed: false, sudo: false });
  });

  test('parameters compare as the real server compares them', () => {
    const rules = acl(`
      path "n" { capabilities=["update"] allowed_parameters={"a"=[1,"x*",true] "b"=[]} }
      path "d" { capabilities=["update"] denied_parameters={"a"=[1,"no*",false]} }
      path "r" { capabilities=["update"] required_parameters=["Foo"] }
    `);
    const sent = (path: string, data: JsonObject): boolean => may(rules, 'update', path, data);
    expect(sent('n', { a: new JsonNumber('1') })).toBe(false);
    expect([{ a: 'xyz' }, { a: true }, { b: 5 }, { A: 'xa' }, {}].map((data) => sent('n', data as JsonObject))).toEqual(
      Array(5).fill(true),
    );
    expect([{ a: false }, { c: 5 }, { a: null }].map((data) => sent('n', data as JsonObject))).toEqual(
      Array(3).fill(false),
    );
    expect([{ a: 1 }, { a: 'nope' }, { a: false }, { a: 2 }].map((data) => sent('d', data as JsonObject))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect([{ a: 1 }, { foo: 1 }, { Foo: 1 }].map((data) => sent('r', data as JsonObject))).toEqual([
      false,
      true,
      false,
    ]);
  });

  test('wrapping must be asked for within the bounds', () => {
    const rules = acl('path "w" { capabilities=["read"] min_wrapping_ttl="10s" max_wrapping_ttl="1m" }');
    expect(
      [undefined, 5, 10, 60, 61].map((s) => may(rules, 'read', 'w', {}, s === undefined ? s : s * SECOND)),
    ).toEqual([false, false, true, true, false]);
  });

  test('a pagination limit is injected or enforced', () => {
    const rules = acl(
      'path "l" { capabilities=["list"] pagination_limit=3 }',
      'path "l" { capabilities=["list"] pagination_limit=5 }',
    );
    const limit = (data: JsonObject) => {
      const { allowed, limit: injected } = rules.check(ask('list', 'l', data));
      return allowed ? (injected ?? 'own') : 'denied';
    };
    expect(['', 'max', '0', '2', '3', '4', '-1', 'zz'].map((text) => limit({ limit: text }))).toEqual([
      3,
      3,
      3,
      'own',
      'own',
      'denied',
      'denied',
      'denied',
    ]);
    expect(limit({})).toBe(3);
  });

  test('a list that pages may require its limit, and without a cap the most is all', () => {
    const limit = (rule: string, data: JsonObject) => {
      const { allowed, limit: injected } = acl(`path "l" { capabilities=["list"] ${rule} }`).check(
        ask('list', 'l', data),
      );
      return allowed ? (injected ?? 'own') : 'denied';
    };
    const required = 'required_parameters=["Limit", "x"]';
    expect([{}, { Limit: '2' }, { limit: '2' }].map((data) => limit(`${required} pagination_limit=3`, data))).toEqual([
      'denied',
      'denied',
      'own',
    ]);
    expect([{}, { limit: 'max' }, { limit: '9' }].map((data) => limit(required, data as JsonObject))).toEqual([
      'own',
      -1,
      'own',
    ]);
  });

  test('who granted what is known', () => {
    const rules = acl(
      'path "a" { capabilities=["read"] }',
      'path "a" { capabilities=["update"] }',
      'path "a" { capabilities=["read"] }',
    );
    expect(rules.check(ask('read', 'a')).granting.map(({ name }) => name)).toEqual(['p0', 'p2']);
  });
});

const segment = fc.constantFrom('a', 'b', '+', 'ab');
const pattern = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '*', '/*'))
  .map(([parts, end]) => parts.join('/') + end)
  .filter((text) => !text.includes('+*'));
const path = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'c'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));
const capability = fc.constantFrom('read', 'update', 'list', 'delete', 'create', 'sudo', 'patch', 'scan');
const rule = fc.record({ path: pattern, capabilities: fc.array(capability, { minLength: 1, maxLength: 3 }) });
const policy = fc
  .array(rule, { minLength: 1, maxLength: 6 })
  .map((rules) =>
    rules.map((one) => `path "${one.path}" { capabilities=${JSON.stringify(one.capabilities)} }`).join('\n'),
  );

const rank = (one: string) => {
  const wild = one.search(/[+*]/);
  const bare = one.replace(/\*$/, '');
  return [wild, one.endsWith('*') ? 0 : 1, -(one.split('+').length - 1), bare.length] as const;
};

/** The order of preference written down once more, over all patterns at once. */
function bestOf(patterns: readonly string[], asked: string): string | undefined {
  const exact = patterns.find((one) => one === asked && !one.endsWith('*') && !/(^|\/)\+/.test(one));
  if (exact !== undefined) return exact;
  const parts = asked.split('/');
  const matches = patterns.filter((one) => {
    if (!one.endsWith('*') && !/(^|\/)\+/.test(one)) return false;
    const glob = one.endsWith('*');
    const own = (glob ? one.slice(0, -1) : one).split('/');
    if (!one.includes('+')) return asked.startsWith(one.slice(0, -1));
    if (glob ? own.length > parts.length : own.length !== parts.length) return false;
    return own.every(
      (part, i) => part === '+' || part === parts[i] || (glob && i === own.length - 1 && parts[i]!.startsWith(part)),
    );
  });
  return matches.sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return y[i]! - x[i]!;
    return a < b ? 1 : -1;
  })[0];
}

describe('the laws of merging and matching', () => {
  property.prop([policy, policy, path])('the order of policies does not matter', (a, b, asked) => {
    expect(acl(a, b).capabilities(asked)).toEqual(acl(b, a).capabilities(asked));
  });

  property.prop([policy, path])('a policy given twice grants what it grants once', (a, asked) => {
    expect(acl(a, a).capabilities(asked)).toEqual(acl(a).capabilities(asked));
  });

  property.prop([pattern, fc.array(capability), fc.array(capability)])(
    'capabilities of one path are united',
    (at, a, b) => {
      const granting = (list: readonly string[]): string => `path "${at}" { capabilities=${JSON.stringify(list)} }`;
      const asked = at.replaceAll('+', 'a').replace('*', 'z');
      expect(acl(granting(a), granting(b)).capabilities(asked)).toEqual(
        acl(granting([...a, ...b])).capabilities(asked),
      );
    },
  );

  property.prop([fc.uniqueArray(pattern, { minLength: 1, maxLength: 12 }), path], { numRuns: 500 })(
    'the best pattern is found as the rules of preference say',
    (patterns, asked) => {
      const names = ['read', 'update', 'list', 'delete', 'create', 'patch', 'scan'];
      // Each pattern is told by its own set of capabilities.
      const grants = (i: number): string[] => names.filter((_, bit) => ((i + 1) & (1 << bit)) !== 0).sort();
      const text = patterns.map((one, i) => `path "${one}" { capabilities=${JSON.stringify(grants(i))} }`).join('\n');
      const best = bestOf(patterns, asked);
      const expected = best === undefined ? ['deny'] : grants(patterns.indexOf(best));
      expect(acl(text).capabilities(asked)).toEqual(expected);
    },
  );
});
