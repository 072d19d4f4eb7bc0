import { fc, it as prop } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { concatBytes } from './bytes.ts';
import { decodeHex, encodeHex } from './hex.ts';
import { ssh, SshError, SshReader } from './ssh-wire.ts';

describe('the wire format of SSH', () => {
  prop.prop([fc.uint8Array({ maxLength: 40 }), fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.string()])(
    'gives back what it wrote',
    (bytes, small, large, text) => {
      const written = concatBytes(ssh.bytes(bytes), ssh.uint32(small), ssh.uint64(large), ssh.text(text));
      const reader = new SshReader(concatBytes(written, ssh.magnitude(bytes), ssh.list(ssh.text(text))));
      expect(reader.bytes()).toEqual(bytes);
      expect(reader.uint32()).toBe(small);
      expect(reader.uint64()).toBe(large);
      expect(reader.text()).toBe(text);
      const start = bytes.findIndex((byte) => byte !== 0);
      expect(reader.magnitude()).toEqual(start < 0 ? new Uint8Array(0) : bytes.slice(start));
      expect(new SshReader(reader.bytes()).text()).toBe(text);
      expect(reader.atEnd).toBe(true);
    },
  );

  // RFC 4251, section 5.
  it.each([
    ['', '00000000'],
    ['09a378f9b2e332a7', '0000000809a378f9b2e332a7'],
    ['80', '000000020080'],
  ])('writes the magnitude %s as %s', (magnitude, written) => {
    expect(encodeHex(ssh.magnitude(decodeHex(magnitude)))).toBe(written);
  });

  it.each([
    ['ffedcc', 'edcc'],
    ['ff21524111', 'ff21524111'],
    ['000001', '01'],
  ])('writes the two’s complement %s without what is superfluous', (complement, terse) => {
    expect(encodeHex(ssh.mpint(decodeHex(complement)).subarray(4))).toBe(terse);
  });

  prop.prop([fc.uint8Array({ maxLength: 30 })])('never fails with anything but SshError', (input) => {
    const reader = new SshReader(input);
    try {
      while (!reader.atEnd) reader.bytes();
    } catch (error) {
      expect(error).toBeInstanceOf(SshError);
    }
  });
});
