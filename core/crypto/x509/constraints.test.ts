import { describe, expect, test } from 'vitest';
import { decodeHex } from '../../codec/hex.ts';
import type { Certificate } from './certificate.ts';
import { violatedConstraint } from './constraints.ts';
import { X509Error } from './error.ts';
import { NO_SUBTREES, parseNameConstraints, encodeNameConstraints, type Subtrees } from './extension.ts';
import { ipBytes, NO_NAMES, type AlternativeNames } from './general-name.ts';
import { isDomainName, parseMailbox } from './mailbox.ts';

const told = (names: Partial<AlternativeNames>, permitted: Partial<Subtrees>, excluded: Partial<Subtrees> = {}) => {
  const nameConstraints = {
    permitted: { ...NO_SUBTREES, ...permitted },
    excluded: { ...NO_SUBTREES, ...excluded },
  };
  const chain = [{ names: { ...NO_NAMES, ...names } }, { names: NO_NAMES, nameConstraints }];
  return violatedConstraint(chain as unknown as Certificate[])?.replace(
    'x509: a root or intermediate certificate is not authorized to sign for this name: ',
    '',
  );
};
const ten = { address: Uint8Array.of(10, 1, 0, 0), mask: Uint8Array.of(255, 255, 0, 0) };

/** Each as the real server says it of a client's certificate. */
describe('of a name', () => {
  test.each<[AlternativeNames['dns'][number], Partial<Subtrees>, Partial<Subtrees>, string | undefined]>([
    ['A.EXAMPLE.com', { dns: ['example.com'] }, {}, undefined],
    ['badexample.com', { dns: ['example.com'] }, {}, 'DNS name "badexample.com" is not permitted by any constraint'],
    ['example.com', { dns: ['.example.com'] }, {}, 'DNS name "example.com" is not permitted by any constraint'],
    ['a.example.com', {}, { dns: ['example.com'] }, 'DNS name "a.example.com" is excluded by constraint "example.com"'],
    ['a.example.com', {}, { dns: [''] }, 'DNS name "a.example.com" is excluded by constraint ""'],
    [
      '*.example.com',
      { dns: ['example.com'] },
      { dns: ['a.example.com'] },
      'DNS name "*.example.com" is excluded by constraint "a.example.com"',
    ],
    ['.example.com', { ips: [ten] }, {}, 'x509: cannot parse dnsName ".example.com"'],
    ['a.example.com.', { dns: ['example.com'] }, {}, 'x509: cannot parse dnsName "a.example.com."'],
  ])('%s, permitted %j, excluded %j: %s', (name, permitted, excluded, why) => {
    expect(told({ dns: [name] }, permitted, excluded)).toBe(why);
  });

  test.each([
    ['a@x.example.com', { emails: ['example.com'] }, {}, undefined],
    [
      'a@X.example.com',
      {},
      { emails: ['example.com'] },
      'email address "a@x.example.com" is excluded by constraint "example.com"',
    ],
    [
      '"a b"@example.com',
      { emails: ['a@example.com'] },
      {},
      'email address "a b@example.com" is not permitted by any constraint',
    ],
    [
      'a@example.com',
      {},
      { emails: ['a@EXAMPLE.com'] },
      'email address "a@example.com" is excluded by constraint "a@example.com"',
    ],
    ['nobody', { dns: ['example.com'] }, {}, 'cannot parse rfc822Name "nobody"'],
  ])('%s, permitted %j, excluded %j: %s', (email, permitted, excluded, why) => {
    expect(told({ emails: [email] }, permitted, excluded)).toBe(why);
  });

  test.each([
    ['https://a.example.com:8443/', { uris: ['.example.com'] }, {}, undefined],
    [
      'spiffe://example.com/x',
      { uris: ['.example.com'] },
      {},
      'URI "spiffe://example.com/x" is not permitted by any constraint',
    ],
    [
      'https://10.1.2.3/',
      { dns: ['example.com'] },
      {},
      'URI with IP ("https://10.1.2.3/") cannot be matched against constraints',
    ],
    ['urn:x:y', { ips: [ten] }, {}, 'URI with empty host ("urn:x:y") cannot be matched against constraints'],
  ])('%s, permitted %j, excluded %j: %s', (uri, permitted, excluded, why) => {
    expect(told({ uris: [uri] }, permitted, excluded)).toBe(why);
  });

  test('of an address', () => {
    const ips = [ipBytes('10.1.2.3')!];
    expect(told({ ips }, {}, { ips: [ten] })).toBe('IP address "10.1.2.3" is excluded by constraint "10.1.0.0/16"');
    expect(told({ ips }, { ips: [ten] })).toBe(undefined);
  });
});

test('constraints that nobody can match are refused with the certificate', () => {
  const read = (permitted: Partial<Subtrees>) => () =>
    parseNameConstraints(encodeNameConstraints({ permitted: { ...NO_SUBTREES, ...permitted }, excluded: NO_SUBTREES }));
  expect(read({ dns: ['a..com'] })).toThrow('x509: failed to parse dnsName constraint "a..com"');
  expect(read({ uris: ['10.1.2.3'] })).toThrow('x509: failed to parse URI constraint "10.1.2.3": cannot be IP address');
  expect(read({ emails: ['@'] })).toThrow('x509: failed to parse rfc822Name constraint "@"');
  expect(read({ dns: ['.example.com'], emails: ['a@b', ''], uris: ['.x'] })).not.toThrow();
});

test.each([
  ['3009a00730058703010203', 'x509: IP constraint contained value of length 3'],
  ['300ea00c300a87080a000000ff00ff00', 'x509: IP constraint contained invalid mask ff00ff00'],
  ['3007a00530038201e9', String.raw`x509: invalid constraint value: x509: "\xe9" cannot be encoded as an IA5String`],
])('constraints %s: %s', (bytes, why) => {
  expect(() => parseNameConstraints(decodeHex(bytes))).toThrow(new X509Error(why));
});

test('mailboxes are read as RFC 2821 has them', () => {
  expect(parseMailbox(String.raw`"a\"b c"@X.y`)).toEqual({ local: 'a"b c', domain: 'x.y' });
  expect(parseMailbox(String.raw`a\@b@x.y`)).toEqual({ local: 'a@b', domain: 'x.y' });
  for (const wrong of ['', 'a', '@x', '.a@x', 'a.@x', 'a..b@x', '"a@x', 'a@x.', 'a b@x', 'a@x y'])
    expect(parseMailbox(wrong)).toBe(undefined);
  expect(isDomainName('.a')).toBe(false);
  expect(isDomainName('.a', true)).toBe(true);
});
