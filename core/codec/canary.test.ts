import { expect, test } from 'vitest';
import { compress, decompress } from './canary.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const packed = compress(encodeUtf8('{"a":1}'));
const broken = (at: number): Uint8Array => packed.map((byte, index) => (index === at ? byte ^ 1 : byte));

test('what was compressed is read again, and what was not stays as it is', () => {
  expect(decodeUtf8(decompress(packed))).toBe('{"a":1}');
  expect(decodeUtf8(decompress(encodeUtf8('{}')))).toBe('{}');
});

test.each([
  ['nothing', encodeUtf8('G'), "invalid 'data' after the canary"],
  ['no snappy', encodeUtf8('S'), "invalid 'data' after the canary"],
  ['half a head', packed.subarray(0, 8), 'failed to create a compression reader: unexpected EOF'],
  ['another head', broken(1), 'failed to create a compression reader: gzip: invalid header'],
  ['no trailer', packed.subarray(0, 16), 'unexpected EOF'],
  ['another checksum', broken(packed.length - 8), 'gzip: invalid checksum'],
  ['another length', broken(packed.length - 4), 'gzip: invalid checksum'],
])('%s is refused', (_, stored, message) => {
  expect(() => decompress(stored)).toThrow(message);
});
