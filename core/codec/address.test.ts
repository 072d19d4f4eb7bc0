import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { canonicalAddress, inAddresses, isSubset, parseCidr, parseIp, printIp } from './address.ts';

describe('addresses', () => {
  test.each([
    ['10.0.0.1/32', '10.0.0.1'],
    ['10.0.0.5/8', '10.0.0.5/8'],
    ['10.0.0.0/08', '10.0.0.0/8'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['[::1]', '::1'],
    ['[::1]:80', '[::1]:80'],
    ['1.2.3.4:80', '1.2.3.4:80'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['1:2:0:0:3:0:0:0', '1:2:0:0:3::'],
    ['::/0', '::/0'],
    ['300.0.0.0/8', '"300.0.0.0/8"'],
    ['/a/b', '"/a/b"'],
    ['x', undefined],
    ['', undefined],
    ['1.2.3', undefined],
    ['010.0.0.1', undefined],
    ['fe80::1%lo', undefined],
    ['1::2::3', undefined],
    ['1:2:3:4:5:6:7:8:9', undefined],
  ])('%s is %s, as go-sockaddr has it', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  test.prop([fc.oneof(fc.ipV4(), fc.ipV6())])('print as they are read', (text) => {
    const ip = parseIp(text)!;
    expect(parseIp(printIp(ip))).toEqual(ip);
  });

  test('lie in blocks of their own kind', () => {
    expect(inAddresses('10.1.2.3', ['11.0.0.0/8', '10.0.0.0/8'])).toBe(true);
    expect(inAddresses('10.1.2.3', ['::/0', '10.1.2.4', '"/a/b"', '10.1.2.3:80'])).toBe(false);
    expect(inAddresses('::1', ['::1'])).toBe(true);
    expect(isSubset(parseCidr('10.0.0.0/8')!, parseCidr('10.9.0.0/16')!)).toBe(true);
    expect(isSubset(parseCidr('10.0.0.0/16')!, parseCidr('10.0.0.0/8')!)).toBe(false);
  });
});
