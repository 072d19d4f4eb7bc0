import { expect, test } from 'vitest';
import { urlFault } from './go-url-fault.ts';

// What 2.7.2 says of these as the base_url of an MFA method with Okta.
test.each([
  ['o,odd url', String.raw`invalid character " " in host name`],
  ['o,b:c:d', 'invalid port ":c:d" after host'],
  ['o,%%zz', 'invalid URL escape "%%z"'],
  ['%41,okta.com', 'invalid URL escape "%41"'],
  ['o,[::1', 'invalid IP-literal'],
  ['o,b/%zz', 'invalid URL escape "%zz"'],
])('https://%s is refused: %s', (rest, why) => {
  expect(urlFault(`https://${rest}`)).toBe(`parse "https://${rest}": ${why}`);
});

test('control characters are quoted and refused', () => {
  expect(urlFault('https://o,\u0001')).toBe(
    String.raw`parse "https://o,\x01": net/url: invalid control character in URL`,
  );
});

test.each(['https://o,http://b', 'https://o,x?y', 'https://a/b,okta.com', 'https://u:p@host:80/%20'])(
  '%s is taken',
  (url) => expect(urlFault(url)).toBeUndefined(),
);

// What 2.7.2 says of these as the `url` of a list of `auth/cert`.
test.each([
  ['https://[x]/', 'https://[x]/', 'invalid host: ParseAddr("x"): unable to parse IP'],
  ['https://[1.2.3.4]/', 'https://[1.2.3.4]/', 'invalid IP-literal'],
  ['https://[[::1]]/', 'https://[[::1]]/', 'invalid IP-literal'],
  ['https://[::1%2]/', 'https://[::1%2]/', 'invalid URL escape "%2"'],
  ['https://u:%z@h/', 'https://u:%z@h/', 'invalid URL escape "%z"'],
  ['https://h#%zz', 'https://h#%zz', 'invalid URL escape "%zz"'],
  ['https://h b#x', 'https://h b', 'invalid character " " in host name'],
])('%s is refused as %s: %s', (url, told, why) => expect(urlFault(url)).toBe(`parse "${told}": ${why}`));

test.each(['urn:%zz', 'https://h%25/', 'https://[fe80::1%25e%20h]/', 'https://h#\u0001'])('%j is one', (url) =>
  expect(urlFault(url)).toBeUndefined(),
);
