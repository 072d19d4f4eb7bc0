import { expect, test } from 'vitest';
import { inCidrs } from './cidr.ts';

test.each([
  ['127.0.0.1', '127.0.0.0/8', true],
  ['128.0.0.1', '127.0.0.0/8', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3', '0.0.0.0/0', true],
  ['::ffff:10.1.2.3', '10.1.2.0/24', true],
  ['::1', '::1/128', true],
  ['2001:db8::5', '2001:db8::/32', true],
  ['2001:db9::5', '2001:db8::/32', false],
  ['::1', '127.0.0.0/8', false],
  ['not an address', '0.0.0.0/0', false],
])('%s lies in %s: %s', (address, block, inside) => {
  expect(inCidrs(address, [block])).toBe(inside);
});
