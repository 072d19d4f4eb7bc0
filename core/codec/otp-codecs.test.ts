import { fc, it as prop } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { decodeBase32, encodeBase32 } from './base32.ts';
import { escapePath, escapePathSegment, parseGoUrl } from './go-url.ts';

describe('base32', () => {
  prop.prop([fc.uint8Array()])('gives back what it wrote', (bytes) => {
    expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
  });

  it.each([
    ['zz!', 0],
    ['MZXW6!', 5],
    ['A', 1],
    ['JBSWY3DPEHPK3PXP=', 16],
  ])('refuses %s at byte %i', (text, at) => {
    expect(() => decodeBase32(text)).toThrow(`illegal base32 data at input byte ${at}`);
  });
});

describe("Go's URLs", () => {
  prop.prop([fc.string({ unit: 'binary' }).filter((text) => !/(?![\u0080-\u009f])\p{Cc}/u.test(text))])(
    'are read as they were written',
    (text) => {
      const url = parseGoUrl(
        `otpauth://totp/${escapePath(text)}?a=${escapePathSegment(text).replaceAll('+', '%2B').replaceAll('&', '%26')}`,
      );
      expect(url).toMatchObject({ path: `/${text}`, query: new Map([['a', text]]) });
    },
  );

  it.each(['%zz', ':', 'a b:c', '/a%'])('refuses %j', (text) => expect(parseGoUrl(text)).toBeUndefined());

  it.each([
    ['zz', 'zz'],
    ['http://x/y', '/y'],
    ['mailto:me', ''],
    ['otpauth://totp/I%20x:a%40b#fragment', '/I x:a@b'],
  ])('finds the path of %s', (text, path) => expect(parseGoUrl(text)!.path).toBe(path));

  it.each([
    ['redis://ann:s%40t@host:6379/3?x=y', 'ann', 's@t', 'host', '6379'],
    ['redis://:only@127.0.0.1', '', 'only', '127.0.0.1', ''],
    ['http://ann@[::1]:80', 'ann', '', '::1', '80'],
    ['unix:///a.sock', '', '', '', ''],
  ])('finds who and where in %s', (text, username, password, host, port) =>
    expect(parseGoUrl(text)).toMatchObject({ username, password, host, port }),
  );

  it.each(['redis://a b', 'redis://h:x', 'redis://{{u}}:p@h', 'http://[::1'])('refuses the authority of %s', (text) =>
    expect(parseGoUrl(text)).toBeUndefined(),
  );
});
