import { expect, it } from 'vitest';
import { encodeBase64 } from '../../codec/base64.ts';
import { encodeHex } from '../../codec/hex.ts';
import { decodeShare } from './share.ts';

const share = Uint8Array.from({ length: 33 }, (_, i) => i);

it('reads shares from hex and base64', () => {
  expect(decodeShare(encodeHex(share))).toEqual(share);
  expect(decodeShare(encodeBase64(share))).toEqual(share);
});

it('reads hex of an impossible length as base64', () => {
  expect(decodeShare('aa'.repeat(34))).toHaveLength(51);
  expect(decodeShare('aa'.repeat(34), { anyLength: true })).toHaveLength(34);
  expect(() => decodeShare('aa')).toThrow("'key' must be a valid hex or base64 string");
  expect(decodeShare('aa', { anyLength: true })).toEqual(Uint8Array.of(0xaa));
});
