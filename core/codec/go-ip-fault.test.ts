import { expect, test } from 'vitest';
import { ipFault } from './go-ip-fault.ts';

// As 2.7.2 tells it of a host between brackets.
test.each([
  ['x', 'unable to parse IP'],
  ['', 'unable to parse IP'],
  ['::1%', 'zone must be a non-empty string'],
  [':::1', 'each colon-separated field must have at least one digit (at ":1")'],
  ['12345::', 'each group must have 4 or less digits (at "12345::")'],
  ['::1]', 'unexpected character, want colon (at "]")'],
  ['v1.x', 'unexpected character (at "v1.x")'],
])('%j is refused: %s', (text, why) => expect(ipFault(text)).toBe(`ParseAddr(${JSON.stringify(text)}): ${why}`));

test.each(['::', '::1', '1::', '1:2:3:4:5:6:7:8', '::ffff:127.0.0.1', 'fe80::1%eth0', '127.0.0.1'])(
  '%s is one',
  (text) => expect(ipFault(text)).toBeUndefined(),
);
