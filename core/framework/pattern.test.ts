import { describe, expect, test } from 'vitest';
import { expandPattern } from './openapi-paths.ts';
import { compilePattern } from './pattern.ts';

describe('path patterns', () => {
  test('a name takes letters, digits, underscores and, inside, dots and dashes', () => {
    const { match, source } = compilePattern('keys/:name');
    expect(source).toBe(String.raw`^keys/(?P<name>\w(([\w-.]+)?\w)?)$`);
    for (const good of ['a', 'a.b', 'a-b_c', 'a1', '_', 'a..b']) expect(match(`keys/${good}`)).toEqual([good]);
    for (const bad of ['', '-a', 'a-', '.a', 'a@b', 'a/b', 'ä', 'a b']) expect(match(`keys/${bad}`)).toBeUndefined();
  });

  test('the rest of the path may be empty and hold anything', () => {
    const { match, source, segment } = compilePattern('data/:path*');
    expect(source).toBe('^data/(?P<path>.*)$');
    expect(segment).toBe('data');
    expect(match('data/a/b@ c')).toEqual(['a/b@ c']);
    expect(match('data/')).toEqual(['']);
    expect(match('data')).toBeUndefined();
  });

  test('optional captures are empty when missing', () => {
    const { match } = compilePattern('creds(/:role)?');
    expect(match('creds')).toEqual(['']);
    expect(match('creds/x')).toEqual(['x']);
  });

  test('listing patterns take a trailing slash', () => {
    const { match, source, segment } = compilePattern('users', true);
    expect(source).toBe('^users/?$');
    expect(segment).toBe('users');
    expect(match('users/')).toEqual([]);
    expect(match('users')).toEqual([]);
    expect(compilePattern('users/?', true).source).toBe('^users/?$');
    expect(compilePattern('metadata/:path*', true).source).toBe('^metadata/(?P<path>.*)$');
  });

  test('patterns for the router have a plus for names and a star for the rest', () => {
    expect(compilePattern('login/:username').special).toBe('login/+');
    expect(compilePattern('raw/:path*').special).toBe('raw/*');
  });

  test('documentation shows every permutation', () => {
    expect(expandPattern(compilePattern('role/:name(/id)?').source)).toEqual(['role/{name}', 'role/{name}/id']);
    expect(expandPattern(compilePattern('(creds|sts)/:name').source)).toEqual(['creds/{name}', 'sts/{name}']);
    expect(expandPattern('^users/?$')).toEqual(['users']);
    expect(expandPattern(compilePattern('leases/:prefix{.+?}?').source)).toEqual(['leases/', 'leases/{prefix}']);
    expect(expandPattern(compilePattern('lock(?:$|/:path+)').source)).toEqual(['lock', 'lock/{path}']);
    expect(expandPattern('^.*$')).toEqual(['^.*$']);
  });

  test('upstream’s syntax is read as Go does', () => {
    const { match, captures } = compilePattern('order/:id{[[:alnum:]]{2}}/.:rest{.+}');
    expect(captures).toEqual(['id', 'rest']);
    expect(match('order/a1/x\u2028')).toEqual(['a1', '\u2028']);
    expect(match('order/a_/xy')).toBeUndefined();
    expect(match('order/a1/\ny')).toBeUndefined();
    const optional = compilePattern('lock(?:$|/:path+)');
    expect([optional.match('lock'), optional.match('lock/'), optional.match('lock/a/')]).toEqual([
      [''],
      undefined,
      ['a/'],
    ]);
    expect(compilePattern('(raw/?$|raw/:path+)', true).source).toBe('^(raw/?$|raw/(?P<path>.+))$');
  });
});
