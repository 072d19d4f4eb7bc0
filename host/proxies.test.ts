import { describe, expect, test } from 'vitest';
import { proxiesOf, shownProxies } from './proxies.ts';

const asks = (environment: Record<string, string>, url: string): boolean =>
  proxiesOf(environment)(new URL(url)) !== undefined;

describe('proxies of the environment', () => {
  test('are those of the scheme, by either name', () => {
    expect(asks({}, 'http://a.test')).toBe(false);
    expect(asks({ HTTP_PROXY: 'http://p:1' }, 'http://a.test')).toBe(true);
    expect(asks({ HTTP_PROXY: 'http://p:1' }, 'https://a.test')).toBe(false);
    expect(asks({ https_proxy: 'p:1' }, 'https://a.test')).toBe(true);
  });

  /** As golang.org/x/net/http/httpproxy has it. */
  test.each([
    ['', 'http://localhost:1', true],
    ['', 'http://127.9.9.9', true],
    ['', 'http://[::1]', true],
    ['', 'http://a.test', false],
    ['*', 'http://a.test', true],
    ['a.test', 'http://a.test', true],
    ['a.test', 'http://b.a.test', true],
    ['a.test', 'http://ba.test', false],
    ['.a.test', 'http://a.test', false],
    ['.a.test', 'http://b.a.test', true],
    ['*.a.test', 'http://a.test', false],
    ['*.a.test', 'http://b.a.test', true],
    [' B.test , A.test ', 'http://a.test', true],
    ['a.test:80', 'http://a.test', true],
    ['a.test:80', 'http://a.test:81', false],
    ['10.0.0.0/8', 'http://10.1.2.3', true],
    ['10.0.0.0/8', 'http://11.1.2.3', false],
    ['10.1.2.3', 'http://10.1.2.3', true],
    ['10.1.2.3:80', 'http://10.1.2.3:81', false],
    ['fd00::1', 'http://[fd00::1]', true],
    ['[fd00::1]:80', 'http://[fd00::1]', true],
    ['[fd00::1]:80', 'http://[fd00::1]:81', false],
  ])('NO_PROXY=%j for %s: directly: %s', (list, url, directly) => {
    expect(asks({ HTTP_PROXY: 'http://p:1', NO_PROXY: list }, url)).toBe(!directly);
  });
});

/** Held against the real server. */
test.each([
  [{ HTTP_PROXY: 'http://user:pw@p.test:1' }, 'http://redacted-username:redacted-password@p.test:1'],
  [{ HTTP_PROXY: 'http://p.test:1', http_proxy: 'http://lower:1' }, 'http://lower:1'],
  [{ HTTP_PROXY: 'x', http_proxy: '' }, 'x'],
  [{ http_proxy: 'http://user@h' }, 'http://redacted-username@h'],
  [{ http_proxy: 'http://@h/' }, 'http://@h/'],
  [{ http_proxy: 'http://:@h' }, 'http://redacted-username:redacted-password@h'],
  [{ http_proxy: 'HTTP://u:@H' }, 'http://redacted-username:redacted-password@H'],
  [{ http_proxy: '//u:p@h' }, '//redacted-username:redacted-password@h'],
  [{ http_proxy: 'socks5://u:p%40@h/x?q#f' }, 'socks5://redacted-username:redacted-password@h/x?q#f'],
  [{ http_proxy: 'http://u:p@h/ä?x y' }, 'http://redacted-username:redacted-password@h/%C3%A4?x y'],
  [{ http_proxy: 'http://u:p w@h/a b' }, 'http://u:p w@h/a b'],
  [{ http_proxy: 'user:pw@host:1' }, 'user:pw@host:1'],
  [{ http_proxy: 'a b' }, 'a%20b'],
  [{}, ''],
])('of %j the log shows %s', (environment, shown) => {
  expect(shownProxies(environment)).toEqual({ http_proxy: shown, https_proxy: '', no_proxy: '' });
});
